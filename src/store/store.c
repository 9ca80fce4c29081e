#include "store/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "store/folder.h"
#include "store/original_pack.h"
#include "store/schema.h"

#define FILE_NAME "headroom.db"
#define DAY_S 86400
#define ORIGINALS_IDLE_S (7 * DAY_S)
#define EVENTS_DAYS 90
#define ORIGINALS_BYTES ((int64_t)2 << 30)

/* How long several processes may take to agree on a new file, in tries of 10 ms: making
 * WAL the file's mode does not wait for others by itself. */
#define OPEN_TRIES 300

static int64_t
system_now(void)
{
	return clock_wall_ms() / 1000;
}

void
store_note(struct store *s, int rc)
{
	if (db_is_damage(rc))
		atomic_store(&s->damaged, true);
}

static enum err
say(int rc, const char *path, char *why)
{
	const char *what = sqlite3_errstr(rc);
	const char *advice = "Start again, or move the file away.";

	if (db_is_damage(rc)) {
		what = (rc & 0xff) == SQLITE_NOTADB ? "is not a database" : "is damaged";
		advice = "Move it away and start again; conversations met then are left as they are.";
	} else if ((rc & 0xff) == SQLITE_FULL || rc == SQLITE_IOERR_WRITE) {
		what = "can not be written, the disk is full";
		advice = "Free some space and start again.";
	} else if ((rc & 0xff) == SQLITE_READONLY || (rc & 0xff) == SQLITE_CANTOPEN ||
		   (rc & 0xff) == SQLITE_PERM) {
		what = "can not be written";
		advice = "Make its folder writable, or choose another with HEADROOM_WORKSPACE_DIR.";
	} else if (db_err(rc) == ERR_BUSY) {
		what = "is held by another process";
		advice = "Wait for it or stop it, and start again.";
	}
	snprintf(why, STORE_WHY, "%.300s: %s. %s", path, what, advice);
	return db_err(rc);
}

static enum err
say_schema(enum schema_state state, const char *path, char *why)
{
	snprintf(why, STORE_WHY,
		 state == SCHEMA_NEWER ?
			 "%.300s was written by a newer headroom than this one. "
			 "Install that version, or choose another folder with HEADROOM_WORKSPACE_DIR." :
			 "%.300s is the database of another program. "
			 "Choose another folder with HEADROOM_WORKSPACE_DIR.",
		 path);
	return ERR_UNSUPPORTED;
}

static enum err
open_file(struct store *s, char *why)
{
	enum schema_state state = SCHEMA_READY;
	int rc = db_open(s->path, s->busy_ms, &s->db);

	for (int i = 0; i < OPEN_TRIES && rc == SQLITE_OK; i++) {
		rc = schema_prepare(s->db, &state, s->secret, sizeof s->secret);
		if (db_err(rc) != ERR_BUSY)
			break;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
		if (i + 1 < OPEN_TRIES)
			rc = SQLITE_OK;
	}
	if (rc != SQLITE_OK)
		return say(rc, s->path, why);
	if (state != SCHEMA_READY)
		return say_schema(state, s->path, why);
	rc = forms_writer_open(s->db, &s->forms);
	if (rc == SQLITE_OK)
		rc = originals_writer_open(s->db, &s->originals);
	if (rc == SQLITE_OK)
		rc = usage_writer_open(s->db, &s->usage);
	return rc == SQLITE_OK ? OK : say(rc, s->path, why);
}

static void
free_store(struct store *s)
{
	writer_stop(s);
	forms_writer_close(&s->forms);
	originals_writer_close(&s->originals);
	usage_writer_close(&s->usage);
	sqlite3_close(s->db);
	explicit_bzero(s->secret, sizeof s->secret);
	s->magic = 0;
	pthread_mutex_destroy(&s->recent_lock);
	free(s->path);
	free(s);
}

static struct store *
new_store(const struct store_options *o)
{
	struct store *const s = calloc(1, sizeof *s);

	if (!s || asprintf(&s->path, "%s/" FILE_NAME, o->folder) < 0) {
		free(s);
		return NULL;
	}
	s->magic = STORE_MAGIC;
	s->busy_ms = o->busy_ms;
	s->queue_limit = o->queue_limit;
	s->keep = (struct retention){
		.forms_idle_s = (int64_t)(o->forms_idle_days ? o->forms_idle_days : 1) * DAY_S,
		.originals_idle_s = o->originals_idle_s ? o->originals_idle_s : ORIGINALS_IDLE_S,
		.originals_bytes = o->originals_bytes ? (int64_t)o->originals_bytes : ORIGINALS_BYTES,
		.events_s = (int64_t)(o->events_days ? o->events_days : EVENTS_DAYS) * DAY_S,
	};
	s->now = o->now ? o->now : system_now;
	s->last = &s->first;
	pthread_mutex_init(&s->recent_lock, NULL);
	return s;
}

enum err
store_open(const struct store_options *o, struct store **out, char why[STORE_WHY])
{
	struct store *const s = new_store(o);
	enum err e = ERR_NOMEM;

	snprintf(why, STORE_WHY, "No memory for the store.");
	if (!s)
		return ERR_NOMEM;
	db_setup();
	e = folder_make(o->folder, s->path, why, STORE_WHY);
	if (e == OK)
		e = open_file(s, why);
	if (e == OK)
		e = writer_start(s);
	if (e != OK) {
		free_store(s);
		return e;
	}
	why[0] = '\0';
	*out = s;
	return OK;
}

void
store_close(struct store **s)
{
	if (!*s)
		return;
	CHECK_OBJ(*s, STORE_MAGIC);
	CHECK(atomic_load(&(*s)->readers) == 0);
	free_store(*s);
	*s = NULL;
}

bool
store_healthy(const struct store *s)
{
	CHECK_OBJ(s, STORE_MAGIC);
	return !atomic_load(&s->damaged) && !atomic_load(&s->failing);
}

const uint8_t *
store_secret(const struct store *s)
{
	CHECK_OBJ(s, STORE_MAGIC);
	return s->secret;
}

static void
check_batch(const struct store *s, const struct store_batch *b)
{
	CHECK_OBJ(s, STORE_MAGIC);
	CHECK(b->done && (b->arena || b->form_count + b->original_count == 0));
	for (uint32_t i = 0; i < b->form_count; i++)
		CHECK((!b->forms[i].replaced || b->forms[i].text.n > 0) &&
		      (!b->forms[i].hash[0] || strlen(b->forms[i].hash) == STORE_HASH_DIGITS));
	for (uint32_t i = 0; i < b->original_count; i++)
		CHECK(b->originals[i].text.n <= (size_t)s->keep.originals_bytes / STORE_LARGEST_PART);
}

static enum err
pack_originals(struct store_batch *b)
{
	if (b->original_count == 0)
		return OK;
	b->packed = ARENA_ARRAY(b->arena, struct span, b->original_count);
	if (!b->packed)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < b->original_count; i++)
		TRY(original_pack(b->originals[i].text, b->arena, &b->packed[i]));
	return OK;
}

enum err
store_submit(struct store *s, struct store_batch *b)
{
	check_batch(s, b);
	if (atomic_load(&s->damaged))
		return ERR_IO;
	TRY(pack_originals(b));
	b->next = NULL;
	pthread_mutex_lock(&s->lock);
	const bool room = s->waiting < s->queue_limit && !s->closing;
	if (room) {
		*s->last = b;
		s->last = &b->next;
		if (s->waiting++ == 0)
			pthread_cond_signal(&s->wake);
	}
	pthread_mutex_unlock(&s->lock);
	return room ? OK : ERR_BUSY;
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool over;
	enum err outcome;
};

static void
wake_waiter(struct store_batch *b, enum err e)
{
	struct waiter *const w = b->owner;

	pthread_mutex_lock(&w->lock);
	w->over = true;
	w->outcome = e;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

enum err
store_write(struct store *s, struct store_batch *b)
{
	struct waiter w = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.cond = PTHREAD_COND_INITIALIZER,
	};
	void (*const done)(struct store_batch *, enum err) = b->done;
	void *const owner = b->owner;

	b->done = wake_waiter;
	b->owner = &w;
	enum err e = store_submit(s, b);
	if (e == OK) {
		pthread_mutex_lock(&w.lock);
		while (!w.over)
			pthread_cond_wait(&w.cond, &w.lock);
		e = w.outcome;
		pthread_mutex_unlock(&w.lock);
	}
	b->done = done;
	b->owner = owner;
	pthread_cond_destroy(&w.cond);
	pthread_mutex_destroy(&w.lock);
	return e;
}

void
store_tidy(struct store *s)
{
	CHECK_OBJ(s, STORE_MAGIC);
	pthread_mutex_lock(&s->lock);
	const uint64_t mine = ++s->tidy_asked;
	pthread_cond_signal(&s->wake);
	while (s->tidy_done < mine)
		pthread_cond_wait(&s->tidied, &s->lock);
	pthread_mutex_unlock(&s->lock);
}
