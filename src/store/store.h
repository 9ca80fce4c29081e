/* Durable state behind one interface. Today SQLite in one file; a shared store
 * for many nodes later, so nothing of SQLite shows here. */
#ifndef HR_STORE_STORE_H
#define HR_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "store/usage.h"

struct store;		/* one per process; owns the writer thread */
struct store_reader;	/* one per reading thread */

struct store_options {
	const char *folder;	/* made with mode 0700 if it is not there; one that is there
				 * keeps its mode */
	uint32_t forms_idle_days;	/* forms not used that long are dropped; at least 1 */
	uint32_t originals_idle_s;	/* originals likewise; 0: a week */
	uint64_t originals_bytes;	/* beyond it the least recently used go; 0: 2 GB */
	uint32_t events_days;	/* requests are remembered one by one so long; 0: 90 */
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

#define STORE_HASH_DIGITS 24

/* A decision about one block. */
struct store_form {
	struct store_key key;
	bool replaced;		/* false: verbatim */
	bool stale;		/* from the store: record it again, with the original that it
				 * names, so that both stay */
	bool gone;		/* from the store: the original that it names is not there */
	char hash[STORE_HASH_DIGITS + 1];	/* of that original; "": it names none */
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

/* ---- originals: texts that markers stand for ---- */

struct store_original {
	char hash[STORE_HASH_DIGITS + 1];	/* lower-case hex, of tenant and text */
	struct span tenant;
	struct span tool;	/* the tool's name, or SPAN_NONE */
	struct span text;
	uint32_t tokens;	/* o200k, of the text */
	uint32_t tokens_after;	/* of the form that names it */
	uint32_t items;		/* rows or lines of the text, and of them in the form; 0: unknown */
	uint32_t items_after;
};

/* The name of an original: the first 96 bits of HMAC-SHA-256 (RFC 2104) under the
 * deployment's secret over tenant and text, each after its length. Whoever does not
 * know the secret can neither guess the name of a text that he has nor make two
 * texts meet, and one tenant's names say nothing about another's. */
void store_original_hash(const uint8_t *secret, struct span tenant, struct span text,
			 char hex[STORE_HASH_DIGITS + 1]);

/* Why an original is not there. Final: asking again does not help. */
enum store_miss {
	STORE_NO_MISS,
	STORE_NEVER,		/* no such original, or one of another tenant, or so long gone
				 * that nothing is known of it */
	STORE_EXPIRED,		/* not used for originals_idle_s */
	STORE_EVICTED,		/* originals_bytes were needed for others */
	STORE_DAMAGED,		/* what the disk gave back is not what it was given; dropped, so
				 * that it is kept anew when its text comes by again */
};

struct store_found {
	enum store_miss miss;		/* the rest is filled with STORE_NO_MISS only */
	struct store_original original;	/* spans in the arena */
	int64_t created;		/* seconds since 1970 */
	int64_t used;			/* before this look-up */
	uint64_t retrievals;		/* this one included */
};

/* Looks an original up by its hash in either case, and counts the hit or miss; a hit
 * counts as use. The text is the very one that was kept: its hash is checked. Waits for the
 * writer to note the use, so it is not for the event loop's thread; that this fails
 * (a full disk) changes nothing for the caller. ERR_IO, ERR_BUSY, ERR_NOMEM (also when
 * the text does not fit into `a`). */
enum err store_original_get(struct store_reader *r, struct span tenant, struct span hash,
			    struct arena *a, struct store_found *out) MUST_CHECK;

/* known[i] says whether hashes[i], of either case, names an original of the tenant's now. No
 * look-up that counts, no use. A failure (ERR_IO, ERR_BUSY, ERR_NOMEM) leaves none known. */
enum err store_originals_known(struct store_reader *r, struct span tenant, const struct span *hashes,
			       size_t n, bool *known) MUST_CHECK;

/* The largest text that can be kept, in bytes: an eighth of originals_bytes. */
size_t store_original_limit(const struct store_reader *r);

/* A retrieval, for those who watch. */
#define STORE_RECENT 20
struct store_retrieval {
	int64_t at;			/* seconds since 1970; set by the store */
	char hash[STORE_HASH_DIGITS + 1];
	char tool[64];			/* "" or its name, perhaps cut */
	char query[128];		/* which part was asked for; "": all of it */
	uint32_t items;			/* rows or lines given, of items_total */
	uint32_t items_total;
};

/* Remembers one in this process; the last STORE_RECENT are kept. Any thread. */
void store_retrieval_note(struct store_reader *r, const struct store_retrieval *one);

struct store_stats {
	uint64_t entries;
	uint64_t bytes;			/* that count against bytes_limit: compressed, with their rows */
	uint64_t bytes_limit;
	uint64_t text_bytes;		/* of the originals themselves */
	uint64_t tokens;		/* sums over the entries */
	uint64_t tokens_after;
	uint64_t hits;			/* since the file was made, of all processes */
	uint64_t misses;
	uint64_t evictions;
	uint64_t expirations;
	uint32_t idle_s;
	struct store_retrieval recent[STORE_RECENT];	/* newest first */
	uint32_t recent_count;
};

/* ERR_IO, ERR_BUSY, ERR_NOMEM. */
enum err store_originals_stats(struct store_reader *r, struct store_stats *out) MUST_CHECK;

/* ---- recording ---- */

/* A batch for the writer. It, its forms, originals, their texts and its arena are the
 * store's until `done` was called. */
struct store_batch {
	/* To keep, before the forms; none larger than store_original_limit. With any,
	 * done(OK) means fsynced. One that is there already counts as used now. */
	const struct store_original *originals;
	uint32_t original_count;
	const struct usage_batch *usage;	/* to add up and keep; NULL: nothing */
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

	/* The store's. */
	struct store_batch *next;
	struct span *packed;		/* the originals' texts as they are kept */
	struct original_use *use;	/* a look-up to note */
};

/* Hands a batch over. Without originals: committed, not fsynced, before done(OK): a power
 * cut may lose it, a kill may not. Originals are compressed here, on the caller's
 * thread, into the batch's arena (ERR_NOMEM). A submission can not be taken back: whoever stops waiting for
 * `done` may send other bytes than were recorded, so wait; it takes no
 * longer than the batches before it and busy_ms each. ERR_BUSY when the queue is
 * full, ERR_IO when the file is damaged: done is then never called. Any thread. */
enum err store_submit(struct store *s, struct store_batch *b) MUST_CHECK;

/* store_submit and wait for the outcome; not on the event loop's thread. */
enum err store_write(struct store *s, struct store_batch *b) MUST_CHECK;

/* Drops what is idle or over its limit now, not when the writer next has nothing to do, and returns
 * when that is done. Not on the event loop's thread. */
void store_tidy(struct store *s);

/* ---- usage: sums for ever, events for a while ---- */

/* Sums of a period whose time is `from` or later (hours or days since 1970; 0 where there
 * is none), oldest first; of more than `limit` rows the newest. In `a`. */
enum err store_usage_rows(struct store_reader *r, enum usage_period period, int64_t from,
			  uint32_t limit, struct arena *a, struct usage_row **rows,
			  uint32_t *n) MUST_CHECK;

enum err store_usage_session(struct store_reader *r, struct usage_session *out) MUST_CHECK;

/* The newest packed events before batch `before` (INT64_MAX: of all), in `a`, and their
 * batch's number, to go on from. *id is 0 when there are none. */
enum err store_usage_events(struct store_reader *r, int64_t before, struct arena *a,
			    struct span *events, int64_t *id) MUST_CHECK;

/* The deployment's secret key, made at first start and kept in the store. */
#define STORE_SECRET_BYTES 32
const uint8_t *store_secret(const struct store *s);
const uint8_t *store_reader_secret(const struct store_reader *r);

/* Something that its thread wants to keep as long as the reader; `drop` is called on
 * it when the reader is closed. NULL: nothing was attached. */
void store_reader_attach(struct store_reader *r, void *p, void (*drop)(void *p));
void *store_reader_attached(const struct store_reader *r);

#endif
