/* What every user of SQLite here needs: opening a connection our way, and its
 * errors as ours. */
#ifndef HR_STORE_DB_H
#define HR_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Once per process, before the first connection. */
void db_setup(void);

/* Opens an existing file. One thread at a time may use the connection. The result
 * code; *db is NULL on failure. */
int db_open(const char *path, uint32_t busy_ms, sqlite3 **db) MUST_CHECK;

/* Runs statements that give no rows. */
int db_exec(sqlite3 *db, const char *sql) MUST_CHECK;

/* The first column of the first row as an integer; `*out` is untouched when there
 * is no row. */
int db_int(sqlite3 *db, const char *sql, int64_t *out) MUST_CHECK;

/* For statements that live as long as the connection. */
int db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out) MUST_CHECK;

/* Steps a statement that gives no row, and resets it. */
int db_run(sqlite3_stmt *s) MUST_CHECK;

/* Undoes an open transaction, if SQLite has not done so by itself. */
void db_rollback(sqlite3 *db);

enum err db_err(int rc);

/* Does this result mean that the file itself can not be trusted any more? */
bool db_is_damage(int rc);

#endif
