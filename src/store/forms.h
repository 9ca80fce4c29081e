/* Rows of the table of forms. */
#ifndef HR_STORE_FORMS_H
#define HR_STORE_FORMS_H

#include "store/db.h"
#include "store/retention.h"
#include "store/store.h"

/* Says to `out` what the row under a stepped look-up holds, its text copied to
 * `a`. SQLITE_NOMEM; SQLITE_CORRUPT when the row's sum does not fit. */
int forms_read(sqlite3_stmt *row, const struct store_key *key, const struct retention *keep,
	       int64_t now, struct arena *a, struct store_form *out) MUST_CHECK;

/* The look-up that forms_read reads: parameter 1 is the key. */
extern const char forms_get_sql[];

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
int forms_record(struct forms_writer *w, sqlite3 *db, struct store_form *f,
		 const struct retention *keep, int64_t now, struct arena *a) MUST_CHECK;

/* Drops up to `limit` forms last used before `before`; `*dropped` is their number. */
int forms_drop(struct forms_writer *w, sqlite3 *db, int64_t before, int limit,
	       int *dropped) MUST_CHECK;

#endif
