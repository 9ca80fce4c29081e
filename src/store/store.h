/* Durable state behind one interface. Today SQLite in one file; a shared store
 * for many nodes later, so nothing of SQLite shows here. */
#ifndef HR_STORE_STORE_H
#define HR_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

struct store;		/* one per process; owns the writer thread */
struct store_reader;	/* one per reading thread */

struct store_options {
	const char *folder;	/* made with mode 0700 if it is not there */
	uint32_t forms_idle_days;	/* forms not used that long are dropped */
	uint32_t busy_ms;	/* how long to wait for another process's write */
	uint32_t queue_limit;	/* submissions that may wait for the writer */
};

/* Opens or makes `folder`/headroom.db (files 0600). On failure `why` gets one
 * sentence for a person: what is wrong with which path and what to do (a newer
 * schema than this binary knows, not a database, read-only, no space). */
enum err store_open(const struct store_options *o, struct store **out, char why[256]) MUST_CHECK;

/* Finishes what was submitted, then closes. Sets *s to NULL. */
void store_close(struct store **s);

/* Stop taking part for good (a corrupt file, an unwritable disk): submissions
 * fail with ERR_IO. True while the store works. Any thread. */
bool store_healthy(const struct store *s);

enum err store_reader_open(struct store *s, struct store_reader **out) MUST_CHECK;
void store_reader_close(struct store_reader **r);

/* ---- forms: which form a block was sent in ---- */

#define STORE_KEY_BYTES 32

struct store_key {
	uint8_t b[STORE_KEY_BYTES];
};

/* A decision about one block. */
struct store_form {
	struct store_key key;
	bool replaced;		/* false: verbatim */
	uint32_t engine;	/* COMPRESS_ENGINE_VERSION that made it */
	uint32_t form;		/* enum compress_form */
	uint32_t tokens_before;	/* o200k; 0 when not counted */
	uint32_t tokens_after;
	struct span text;	/* the replacement's UTF-8 text when replaced */
};

/* Looks `n` keys up. found[i] says whether out[i] was filled; texts are copied
 * into `a`. A failure (ERR_IO, ERR_BUSY, ERR_NOMEM) leaves all not found. */
enum err store_forms_get(struct store_reader *r, const struct store_key *keys, uint32_t n,
			 struct arena *a, struct store_form *out, bool *found) MUST_CHECK;

/* A batch for the writer. The caller owns it, its array and its texts until
 * `done` was called. */
struct store_batch {
	struct store_form *forms;	/* to record */
	uint32_t form_count;
	const struct store_key *used;	/* forms replayed: keep them alive */
	uint32_t used_count;
	/* Called once, on the writer's thread, after the commit (or the failure).
	 * When another record with the same key came first, forms[i] has been
	 * overwritten with that one; its text is then in `arena`. */
	void (*done)(struct store_batch *b, enum err e);
	struct arena *arena;
	void *owner;			/* the caller's */
	struct store_batch *next;	/* the queue's */
};

/* Hands a batch over. Committed, not fsynced, before done(OK): a power cut may
 * lose it, a kill may not. ERR_BUSY when the queue is full, ERR_IO when the
 * store does not work: done is then never called. Any thread. */
enum err store_submit(struct store *s, struct store_batch *b) MUST_CHECK;

/* store_submit and wait for the outcome; not on the event loop's thread. */
enum err store_write(struct store *s, struct store_batch *b) MUST_CHECK;

/* The deployment's secret key, made at first start and kept in the store. */
#define STORE_SECRET_BYTES 32
const uint8_t *store_secret(const struct store *s);

#endif
