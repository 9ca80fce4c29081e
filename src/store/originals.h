/* Rows of the table of originals. */
#ifndef HR_STORE_ORIGINALS_H
#define HR_STORE_ORIGINALS_H

#include "store/db.h"
#include "store/original_hash.h"
#include "store/retention.h"
#include "store/store.h"

/* A look-up to be noted. */
struct original_use {
	struct original_hash hash;
	enum store_miss miss;
	uint64_t retrievals;	/* of a hit: set to the row's, this one included */
};

/* The writer's statements. */
struct originals_writer {
	sqlite3_stmt *find;
	sqlite3_stmt *insert;
	sqlite3_stmt *insert_text;
	sqlite3_stmt *touch;
	sqlite3_stmt *retrieve;
	sqlite3_stmt *hit;
	sqlite3_stmt *miss;
	sqlite3_stmt *oldest;
	sqlite3_stmt *bury;
	sqlite3_stmt *forget;
	sqlite3_stmt *drop;
	sqlite3_stmt *dropped;
	sqlite3_stmt *bytes;
};

int originals_writer_open(sqlite3 *db, struct originals_writer *w) MUST_CHECK;
void originals_writer_close(struct originals_writer *w);

/* These belong inside a transaction. */

/* Keeps `o`, whose text is `packed`; one that is there counts as used at `now`. */
int originals_keep(struct originals_writer *w, sqlite3 *db, const struct store_original *o,
		   struct span packed, const struct retention *keep, int64_t now) MUST_CHECK;

/* Counts it. A damaged one is dropped. */
int originals_note_use(struct originals_writer *w, struct original_use *use, int64_t now) MUST_CHECK;

/* Drops up to `limit` originals that are idle, or the least recently used while all
 * together take too much; never one used at `now`, so what a transaction keeps it does not
 * drop. `*dropped` is their number. */
int originals_drop(struct originals_writer *w, const struct retention *keep, int64_t now, int limit,
		   int *dropped) MUST_CHECK;

/* ---- for readers ---- */

/* Parameter 1 is the hash. */
extern const char originals_get_sql[];

/* Says to `out` what the row under a stepped look-up holds, copied to `a`; STORE_DAMAGED, or
 * STORE_NEVER when it is another tenant's, and nothing else. SQLITE_NOMEM. */
int originals_read(sqlite3_stmt *row, const uint8_t *secret, const struct original_hash *hash,
		   struct span tenant, struct arena *a, struct store_found *out) MUST_CHECK;

/* What is known of one that is gone: parameters 1 and 2 are hash and tenant. */
extern const char originals_tombstone_sql[];
enum store_miss originals_read_tombstone(sqlite3_stmt *row);

/* A row when parameter 2, a tenant, has an original of hash 1. */
extern const char originals_known_sql[];

extern const char originals_totals_sql[];
void originals_read_totals(sqlite3_stmt *row, struct store_stats *out);

#endif
