/* What the look-ups of a reader share. */
#ifndef HR_STORE_READER_H
#define HR_STORE_READER_H

#include "store/internal.h"

struct store_reader {
	uint32_t magic;
	struct store *store;
	sqlite3 *db;		/* NULL before the first look-up */
	sqlite3_stmt *begin;
	sqlite3_stmt *get;
	sqlite3_stmt *original;
	sqlite3_stmt *tombstone;
	sqlite3_stmt *totals;
	sqlite3_stmt *known;
	struct usage_reader usage;
	void *attached;
	void (*drop)(void *attached);
};

/* Connects when that was not done, and begins a read of one moment. A damaged file is
 * not read again. Whatever the result, reader_end follows. */
int reader_begin(struct store_reader *r) MUST_CHECK;

/* Ends it; `rc` is what came of it. */
enum err reader_end(struct store_reader *r, int rc) MUST_CHECK;

/* Steps a look-up whose parameters are a hash and a tenant; the caller resets it. */
int reader_find(sqlite3_stmt *s, const struct original_hash *hash, struct span tenant) MUST_CHECK;

#endif
