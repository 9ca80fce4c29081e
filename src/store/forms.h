/* Rows of the table of forms. */
#ifndef HR_STORE_FORMS_H
#define HR_STORE_FORMS_H

#include "store/db.h"
#include "store/store.h"

/* Says to `out` what the row under a stepped look-up holds, its text copied to
 * `a`. SQLITE_NOMEM; SQLITE_CORRUPT when the row's sum does not fit. */
int forms_read(sqlite3_stmt *row, const struct store_key *key, struct arena *a,
	       struct store_form *out) MUST_CHECK;

/* The look-up that forms_read reads: parameter 1 is the key. */
extern const char forms_get_sql[];
#define FORMS_GET_USED 0	/* the column of the time of last use */

/* A row is used at most this part of the idle time before a use is recorded again:
 * replay costs no write on all other turns. */
#define FORMS_FRESH_PART 8

static inline bool
forms_stale(int64_t used, int64_t now, int64_t idle_s)
{
	return used < now - idle_s / FORMS_FRESH_PART;
}

/* The writer's statements. */
struct forms_writer {
	sqlite3_stmt *insert;
	sqlite3_stmt *get;
	sqlite3_stmt *touch;
	sqlite3_stmt *drop;
};

int forms_writer_open(sqlite3 *db, struct forms_writer *w) MUST_CHECK;
void forms_writer_close(struct forms_writer *w);

/* Inside a transaction: records `f`, or overwrites it with the form recorded before
 * and counts that as used at `now`. */
int forms_record(struct forms_writer *w, sqlite3 *db, struct store_form *f, int64_t now,
		 int64_t idle_s, struct arena *a) MUST_CHECK;

/* Drops up to `limit` forms last used before `before`; `*dropped` is their number. */
int forms_drop(struct forms_writer *w, sqlite3 *db, int64_t before, int limit,
	       int *dropped) MUST_CHECK;

#endif
