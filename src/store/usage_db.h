/* Tables of usage: sums by period and key, packed events, the session. */
#ifndef HR_STORE_USAGE_DB_H
#define HR_STORE_USAGE_DB_H

#include "base/arena.h"
#include "store/db.h"
#include "store/usage.h"

/* The writer's statements. */
struct usage_writer {
	sqlite3_stmt *get;
	sqlite3_stmt *set;
	sqlite3_stmt *clear;
	sqlite3_stmt *session_get;
	sqlite3_stmt *session_set;
	sqlite3_stmt *events_add;
	sqlite3_stmt *events_drop;
};

int usage_writer_open(sqlite3 *db, struct usage_writer *w) MUST_CHECK;
void usage_writer_close(struct usage_writer *w);

/* Inside a transaction: adds the rows to all periods and keeps the events. */
int usage_record(struct usage_writer *w, const struct usage_batch *b) MUST_CHECK;

/* Drops up to `limit` batches of events whose last one ended before `before_ms`; sums
 * stay. */
int usage_drop(struct usage_writer *w, sqlite3 *db, int64_t before_ms, int limit,
	       int *dropped) MUST_CHECK;

/* ---- reading ---- */

struct usage_reader {
	sqlite3_stmt *rows;
	sqlite3_stmt *session;
	sqlite3_stmt *events;
};

int usage_reader_open(sqlite3 *db, struct usage_reader *r) MUST_CHECK;
void usage_reader_close(struct usage_reader *r);

/* The rows of a period whose time is `from` or later, oldest first, at most `limit`
 * of them (the newest), in `a`. */
int usage_rows(struct usage_reader *r, enum usage_period period, int64_t from, uint32_t limit,
	       struct arena *a, struct usage_row **rows, uint32_t *n) MUST_CHECK;

int usage_session_read(struct usage_reader *r, struct usage_session *out) MUST_CHECK;

/* The newest batch of events before the one with number `before` (INT64_MAX: the newest
 * of all), its bytes in `a`. *id 0: there is none. */
int usage_events(struct usage_reader *r, int64_t before, struct arena *a, struct span *events,
		 int64_t *id) MUST_CHECK;

#endif
