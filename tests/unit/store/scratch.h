/* A folder for one test, and forms to put into it. */
#ifndef HR_TESTS_SCRATCH_H
#define HR_TESTS_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/store.h"

/* A new folder under $TMPDIR; `path` has room for 128 bytes. */
static inline void
scratch_make(char *path)
{
	const char *const tmp = getenv("TMPDIR");

	snprintf(path, 128, "%s/headroom-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(path))
		abort();
}

static inline void
scratch_remove(const char *path)
{
	char name[512];
	DIR *const d = opendir(path);

	for (struct dirent *e; d && (e = readdir(d));) {
		snprintf(name, sizeof name, "%s/%s", path, e->d_name);
		unlink(name);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

static inline enum err
scratch_open(const char *folder, struct store **s, char *why)
{
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 7, .busy_ms = 5000, .queue_limit = 1000,
	};

	return store_open(&o, s, why);
}

static inline struct store_key
scratch_key(uint64_t i)
{
	struct store_key k;

	sha256(span_of((const char *)&i, sizeof i), k.b);
	return k;
}

/* The i-th form: every third one replaced by a text that tells i and `by`. */
static inline struct store_form
scratch_form(uint64_t i, const char *by, struct arena *a)
{
	struct store_form f = { .key = scratch_key(i), .engine = 1 };
	char text[2100];

	if (i % 3 != 0)
		return f;
	const int n = snprintf(text, sizeof text, "%s %llu ", by, (unsigned long long)i);
	const size_t all = (size_t)n + i * 37 % 2000;

	memset(text + n, 'x', all - (size_t)n);
	f.replaced = true;
	f.form = 2;
	f.tokens_before = (uint32_t)i + 100;
	f.tokens_after = (uint32_t)i;
	f.text = arena_copy(a, span_of(text, all));
	return f;
}

static inline bool
scratch_same(const struct store_form *a, const struct store_form *b)
{
	return memcmp(a->key.b, b->key.b, STORE_KEY_BYTES) == 0 && a->replaced == b->replaced &&
	       a->engine == b->engine && a->form == b->form &&
	       a->tokens_before == b->tokens_before && a->tokens_after == b->tokens_after &&
	       span_eq(a->text, b->text);
}

static inline void
scratch_never_called(struct store_batch *b, enum err e)
{
	(void)b;
	(void)e;
	abort();
}

/* Records one form and waits; f is overwritten with the winner. */
static inline enum err
scratch_record(struct store *s, struct store_form *f, uint32_t n, struct arena *a)
{
	struct store_batch b = {
		.forms = f, .form_count = n, .arena = a, .done = scratch_never_called,
	};

	return store_write(s, &b);
}

#endif
