/* A VFS for SQLite that knows what was synced, and can cut the power: from some
 * operation on nothing works any more, and what is on the disk then is what was synced
 * before, with none or some of what was not. */
#ifndef HR_TESTS_CUT_VFS_H
#define HR_TESTS_CUT_VFS_H

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"

enum { CUT_FILES = 8, CUT_SECTOR = 512 };

/* Not synced yet. */
struct cut_write {
	struct cut_write *next;
	sqlite3_int64 at;
	int n;			/* -1: cut off at `at` */
	unsigned char bytes[];
};

/* What the disk holds of a file. */
struct cut_image {
	char name[64];		/* without its folder */
	bool there;		/* its name is on the disk */
	bool deleted;		/* for those who look; the disk may not know yet */
	struct buf synced;
	struct cut_write *first;
	struct cut_write **last;
};

static struct {
	pthread_mutex_t lock;
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	struct cut_image images[CUT_FILES];
	int count;
	long operations;	/* that change something, so far */
	long syncs;
	long cut_at;		/* the first one that fails; 0: none */
	bool dark;
} cut = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct cut_file {
	sqlite3_file base;
	struct cut_image *image;	/* NULL: not followed */
	bool names;		/* its first sync is one of its folder, too */
	sqlite3_file *real;
};

static inline struct cut_file *
cut_of(sqlite3_file *f)
{
	return (struct cut_file *)f;
}

/* With the lock held: counts an operation; true when the power is off. */
static inline bool
cut_is_dark(void)
{
	if (++cut.operations == cut.cut_at)
		cut.dark = true;
	return cut.dark;
}

static inline void
cut_forget(struct cut_image *i)
{
	while (i->first) {
		struct cut_write *const w = i->first;

		i->first = w->next;
		free(w);
	}
	i->last = &i->first;
}

static inline void
cut_remember(struct cut_image *i, sqlite3_int64 at, const void *bytes, int n)
{
	struct cut_write *const w = malloc(sizeof *w + (size_t)(n > 0 ? n : 0));

	CHECK(w);
	*w = (struct cut_write){ .at = at, .n = n };
	if (n > 0)
		memcpy(w->bytes, bytes, (size_t)n);
	*i->last = w;
	i->last = &w->next;
}

static inline void
cut_put(struct buf *disk, size_t at, const void *bytes, size_t n)
{
	static const char zeros[4096];

	while (disk->n < at + n)
		buf_add(disk, zeros, at + n - disk->n < sizeof zeros ? at + n - disk->n : sizeof zeros);
	CHECK(disk->err == OK);
	memcpy(disk->p + at, bytes, n);
}

/* What becomes of what was not synced. */
struct cut_luck {
	int sixteenths;		/* of it that reach the disk all the same */
	unsigned seed;
};

static inline bool
cut_lucky(struct cut_luck *l)
{
	return rand_r(&l->seed) % 16 < l->sixteenths;
}

/* Puts a write on the disk; with `luck`, as many of its sectors as that gives. */
static inline void
cut_apply(struct buf *disk, const struct cut_write *w, struct cut_luck *luck)
{
	if (w->n < 0) {
		if (!luck || cut_lucky(luck))
			buf_truncate(disk, (size_t)w->at);
		return;
	}
	for (size_t from = 0; from < (size_t)w->n;) {
		const size_t at = (size_t)w->at + from;
		const size_t left = (size_t)w->n - from;
		const size_t sector = CUT_SECTOR - at % CUT_SECTOR;
		const size_t n = left < sector ? left : sector;

		if (!luck || cut_lucky(luck))
			cut_put(disk, at, w->bytes + from, n);
		from += n;
	}
}

/* ---- files ---- */

static inline int
cut_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
	struct cut_file *const c = cut_of(f);

	pthread_mutex_lock(&cut.lock);
	const bool dark = cut_is_dark();
	if (c->image && !dark)
		cut_remember(c->image, at, bytes, n);
	/* What the last write was about may be on the disk in part. */
	else if (c->image && cut.operations == cut.cut_at)
		cut_remember(c->image, at, bytes, n);
	pthread_mutex_unlock(&cut.lock);
	return dark ? SQLITE_IOERR_WRITE : c->real->pMethods->xWrite(c->real, bytes, n, at);
}

static inline int
cut_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct cut_file *const c = cut_of(f);

	pthread_mutex_lock(&cut.lock);
	const bool dark = cut_is_dark();
	if (c->image && !dark)
		cut_remember(c->image, size, NULL, -1);
	pthread_mutex_unlock(&cut.lock);
	return dark ? SQLITE_IOERR_TRUNCATE : c->real->pMethods->xTruncate(c->real, size);
}

/* Which files there are is on the disk. */
static inline void
cut_sync_names(void)
{
	for (int i = 0; i < cut.count; i++) {
		struct cut_image *const image = &cut.images[i];

		image->there = !image->deleted;
		if (image->deleted) {
			cut_forget(image);
			buf_clear(&image->synced);
		}
	}
}

/* The disk is told nothing: it would only take time. */
static inline int
cut_sync(sqlite3_file *f, int flags)
{
	struct cut_file *const c = cut_of(f);

	(void)flags;
	pthread_mutex_lock(&cut.lock);
	const bool dark = cut_is_dark();
	cut.syncs++;
	if (c->image && !dark) {
		for (const struct cut_write *w = c->image->first; w; w = w->next)
			cut_apply(&c->image->synced, w, NULL);
		cut_forget(c->image);
		if (c->names)
			cut_sync_names();
		c->names = false;
	}
	pthread_mutex_unlock(&cut.lock);
	return dark ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

#define CUT_PASS(name, params, args)                                           \
	static inline int cut_##name params                                    \
	{                                                                      \
		sqlite3_file *const real = cut_of(f)->real;                    \
                                                                               \
		return real->pMethods->name args;                              \
	}

CUT_PASS(xRead, (sqlite3_file *f, void *to, int n, sqlite3_int64 at), (real, to, n, at))
CUT_PASS(xFileSize, (sqlite3_file *f, sqlite3_int64 *n), (real, n))
CUT_PASS(xLock, (sqlite3_file *f, int level), (real, level))
CUT_PASS(xUnlock, (sqlite3_file *f, int level), (real, level))
CUT_PASS(xCheckReservedLock, (sqlite3_file *f, int *out), (real, out))
CUT_PASS(xFileControl, (sqlite3_file *f, int op, void *arg), (real, op, arg))
CUT_PASS(xSectorSize, (sqlite3_file *f), (real))
CUT_PASS(xDeviceCharacteristics, (sqlite3_file *f), (real))
CUT_PASS(xShmMap, (sqlite3_file *f, int i, int n, int more, void volatile **to), (real, i, n, more, to))
CUT_PASS(xShmLock, (sqlite3_file *f, int from, int n, int flags), (real, from, n, flags))
CUT_PASS(xShmUnmap, (sqlite3_file *f, int del), (real, del))

static inline void
cut_xShmBarrier(sqlite3_file *f)
{
	cut_of(f)->real->pMethods->xShmBarrier(cut_of(f)->real);
}

static inline int
cut_close(sqlite3_file *f)
{
	struct cut_file *const c = cut_of(f);

	return c->real->pMethods->xClose(c->real);
}

static const sqlite3_io_methods cut_methods = {
	.iVersion = 2,
	.xClose = cut_close,
	.xRead = cut_xRead,
	.xWrite = cut_write,
	.xTruncate = cut_truncate,
	.xSync = cut_sync,
	.xFileSize = cut_xFileSize,
	.xLock = cut_xLock,
	.xUnlock = cut_xUnlock,
	.xCheckReservedLock = cut_xCheckReservedLock,
	.xFileControl = cut_xFileControl,
	.xSectorSize = cut_xSectorSize,
	.xDeviceCharacteristics = cut_xDeviceCharacteristics,
	.xShmMap = cut_xShmMap,
	.xShmLock = cut_xShmLock,
	.xShmBarrier = cut_xShmBarrier,
	.xShmUnmap = cut_xShmUnmap,
};

/* ---- the VFS ---- */

static inline const char *
cut_name(const char *path)
{
	const char *const slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* With the lock held. A file that nobody has opened yet is new and empty; that its name
 * is there was seen to by whoever made it, unless it is `fresh`. */
static inline struct cut_image *
cut_image(const char *path, bool fresh)
{
	struct cut_image *i = cut.images;

	for (; i < cut.images + cut.count; i++)
		if (strcmp(i->name, cut_name(path)) == 0)
			break;
	if (i == cut.images + cut.count) {
		CHECK(cut.count++ < CUT_FILES);
		*i = (struct cut_image){ .there = !fresh };
		snprintf(i->name, sizeof i->name, "%s", cut_name(path));
		buf_init(&i->synced, (size_t)1 << 30);
		i->last = &i->first;
	} else if (fresh && i->deleted) {
		i->deleted = false;
		cut_forget(i);
		cut_remember(i, 0, NULL, -1);
	}
	return i;
}

static inline int
cut_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out)
{
	struct cut_file *const c = cut_of(f);
	const int followed = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;

	(void)vfs;
	*c = (struct cut_file){ .real = (sqlite3_file *)(c + 1) };
	const int rc = cut.real->xOpen(cut.real, path, c->real, flags, out);
	if (rc != SQLITE_OK)
		return rc;
	c->base.pMethods = &cut_methods;
	if (path && (flags & followed)) {
		pthread_mutex_lock(&cut.lock);
		c->names = !(flags & SQLITE_OPEN_MAIN_DB);
		c->image = cut_image(path, c->names);
		pthread_mutex_unlock(&cut.lock);
	}
	return SQLITE_OK;
}

static inline int
cut_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	(void)vfs;
	pthread_mutex_lock(&cut.lock);
	const bool dark = cut_is_dark();
	for (int i = 0; i < cut.count && !dark; i++) {
		struct cut_image *const image = &cut.images[i];

		if (strcmp(image->name, cut_name(path)) != 0)
			continue;
		image->deleted = true;
	}
	if (sync_folder && !dark)
		cut_sync_names();
	pthread_mutex_unlock(&cut.lock);
	return dark ? SQLITE_IOERR_DELETE : cut.real->xDelete(cut.real, path, sync_folder);
}

/* ---- for tests ---- */

/* Makes it everybody's VFS. */
static inline void
cut_install(void)
{
	sqlite3_initialize();
	cut.real = sqlite3_vfs_find(NULL);
	cut.vfs = *cut.real;
	cut.vfs.zName = "cut";
	cut.vfs.szOsFile = (int)sizeof(struct cut_file) + cut.real->szOsFile;
	cut.vfs.xOpen = cut_open;
	cut.vfs.xDelete = cut_delete;
	CHECK(sqlite3_vfs_register(&cut.vfs, 1) == SQLITE_OK);
}

static inline void
cut_remove(void)
{
	sqlite3_vfs_unregister(&cut.vfs);
	CHECK(sqlite3_vfs_register(cut.real, 1) == SQLITE_OK);
}

/* New files, and power until the operation `at` (0: for ever). */
static inline void
cut_begin(long at)
{
	for (int i = 0; i < cut.count; i++) {
		cut_forget(&cut.images[i]);
		buf_free(&cut.images[i].synced);
	}
	cut.count = 0;
	cut.operations = cut.syncs = 0;
	cut.cut_at = at;
	cut.dark = false;
}

/* What the disk holds, as files in `folder`: what was synced, and of the rest what luck
 * gives. Nothing may be open. */
static inline void
cut_to_folder(const char *folder, struct cut_luck luck)
{
	char path[256];

	for (int i = 0; i < cut.count; i++) {
		struct cut_image *const image = &cut.images[i];

		if (!image->there && !cut_lucky(&luck))
			continue;
		for (const struct cut_write *w = image->first; w; w = w->next)
			cut_apply(&image->synced, w, &luck);
		snprintf(path, sizeof path, "%s/%s", folder, image->name);
		const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		CHECK(fd >= 0);
		CHECK(write(fd, image->synced.p, image->synced.n) == (ssize_t)image->synced.n);
		close(fd);
	}
}

#endif
