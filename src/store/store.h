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
	const char *folder;	/* made with mode 0700 if it is not there; one that is there
				 * keeps its mode */
	uint32_t forms_idle_days;	/* forms not used that long are dropped; at least 1 */
	uint32_t busy_ms;	/* how long to wait for another process's write */
	uint32_t queue_limit;	/* submissions that may wait for the writer */
	int64_t (*now)(void);	/* seconds since 1970, for retention only; NULL: the
				 * system's clock */
};

#define STORE_WHY 512		/* bytes of a sentence, NUL included */

/* Opens or makes `folder`/headroom.db (files 0600). On failure `why` gets one
 * sentence for a person: what is wrong with which path and what to do.
 * ERR_UNSUPPORTED: made by a newer version, or by another program: do not start.
 * ERR_IO (not a database, damaged, read-only, no space), ERR_BUSY (another
 * process would not let go of it), ERR_NOMEM: one may run without a store, and
 * then without compression. */
enum err store_open(const struct store_options *o, struct store **out,
		    char why[STORE_WHY]) MUST_CHECK;

/* Finishes what was submitted, then closes; all readers must be closed before.
 * Sets *s to NULL. */
void store_close(struct store **s);

/* False from the first failure of a write on (a full disk) until one succeeds,
 * and for good once the file proved damaged. Any thread. */
bool store_healthy(const struct store *s);

/* Cheap: the file is opened at the first look-up. */
enum err store_reader_open(struct store *s, struct store_reader **out) MUST_CHECK;
void store_reader_close(struct store_reader **r);

/* ---- forms: which form a block was sent in ---- */

#define STORE_KEY_BYTES 32

struct store_key {
	uint8_t b[STORE_KEY_BYTES];
};

/* Digits of an original's hash: the first 96 bits of HMAC-SHA-256 under the
 * deployment's key over tenant and text. */
#define STORE_HASH_DIGITS 24

/* A decision about one block. */
struct store_form {
	struct store_key key;
	bool replaced;		/* false: verbatim */
	bool stale;		/* from a look-up: record it again, so that it stays */
	uint32_t engine;	/* COMPRESS_ENGINE_VERSION that made it */
	uint32_t form;		/* enum compress_form, perhaps of a later version */
	uint32_t tokens_before;	/* o200k; 0 when not counted */
	uint32_t tokens_after;
	struct span text;	/* the replacement's UTF-8 text when replaced */
};

/* Looks `n` keys up, all as of one moment. found[i] says whether out[i] was
 * filled; texts are copied into `a`. A failure (ERR_IO, ERR_BUSY, ERR_NOMEM) leaves
 * all not found. What another process committed before the call is seen. */
enum err store_forms_get(struct store_reader *r, const struct store_key *keys, uint32_t n,
			 struct arena *a, struct store_form *out, bool *found) MUST_CHECK;

/* A text that a marker stands for. */
struct store_original {
	char hash[STORE_HASH_DIGITS + 1];	/* lower-case hex */
	struct span tenant;
	struct span tool;	/* the tool's name, or SPAN_NONE */
	struct span text;
	uint32_t tokens;	/* o200k, of the text */
	uint32_t tokens_after;	/* of the form that names it */
	uint32_t items;		/* rows or lines of the text, and of them in the form; 0: unknown */
	uint32_t items_after;
};

/* A batch for the writer. It, its forms, originals, their texts and its arena are the
 * store's until `done` was called. */
struct store_batch {
	/* To keep, before the forms. With any, done(OK) means fsynced. One that is there
	 * already counts as used now. */
	const struct store_original *originals;
	uint32_t original_count;
	/* To record. Where a form of that key is there already it stays as it is, for
	 * ever, and counts as used now; forms[i] is then overwritten with it, its text
	 * in `arena`. So a form found stale is kept alive by recording it again. */
	struct store_form *forms;
	uint32_t form_count;
	struct arena *arena;
	/* Called once, on the writer's thread: OK after the commit, else nothing of the
	 * batch was recorded and its forms say nothing. ERR_BUSY: another process
	 * held the file for busy_ms; ERR_IO, ERR_NOMEM. */
	void (*done)(struct store_batch *b, enum err e);
	void *owner;			/* the caller's */
	struct store_batch *next;	/* the queue's */
};

/* Hands a batch over. Committed, not fsynced, before done(OK): a power cut may
 * lose it, a kill may not. A submission can not be taken back: whoever stops waiting for
 * `done` may send other bytes than were recorded, so wait; it takes no
 * longer than the batches before it and busy_ms each. ERR_BUSY when the queue is
 * full, ERR_IO when the file is damaged: done is then never called. Any thread. */
enum err store_submit(struct store *s, struct store_batch *b) MUST_CHECK;

/* store_submit and wait for the outcome; not on the event loop's thread. */
enum err store_write(struct store *s, struct store_batch *b) MUST_CHECK;

/* Drops what is idle now, not when the writer next has nothing to do, and returns
 * when that is done. Not on the event loop's thread. */
void store_tidy(struct store *s);

/* The deployment's secret key, made at first start and kept in the store. */
#define STORE_SECRET_BYTES 32
const uint8_t *store_secret(const struct store *s);
const uint8_t *store_reader_secret(const struct store_reader *r);

/* Something that its thread wants to keep as long as the reader; `drop` is called on
 * it when the reader is closed. NULL: nothing was attached. */
void store_reader_attach(struct store_reader *r, void *p, void (*drop)(void *p));
void *store_reader_attached(const struct store_reader *r);

#endif
