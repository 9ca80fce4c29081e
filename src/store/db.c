#include "store/db.h"

#include <pthread.h>

/* Pages a connection keeps, as negative KiB. The upper levels of the trees fit;
 * leaves come from the system's page cache. */
#define CACHE "-2048"

/* mmap stays off: a file that another program truncates would kill us. */
static const char pragmas[] = "PRAGMA synchronous=NORMAL;"
			      "PRAGMA secure_delete=OFF;"
			      "PRAGMA cache_size=" CACHE ";"
			      "PRAGMA mmap_size=0;"
			      /* A log that large originals made grow is cut back. */
			      "PRAGMA journal_size_limit=33554432;"
			      "PRAGMA temp_store=MEMORY;"
			      "PRAGMA trusted_schema=OFF;"
			      "PRAGMA cell_size_check=ON;";

static pthread_once_t setup_once = PTHREAD_ONCE_INIT;

static void
setup(void)
{
	/* The statistics cost a lock at every allocation. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_initialize();
}

void
db_setup(void)
{
	pthread_once(&setup_once, setup);
}

int
db_open(const char *path, uint32_t busy_ms, sqlite3 **db)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
			  SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
	sqlite3 *made = NULL;
	int rc = sqlite3_open_v2(path, &made, flags, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_busy_timeout(made, (int)busy_ms);
	/* We checkpoint when nobody waits; see writer.c. */
	if (rc == SQLITE_OK)
		rc = sqlite3_wal_autocheckpoint(made, 0);
	if (rc == SQLITE_OK)
		rc = db_exec(made, pragmas);
	if (rc != SQLITE_OK) {
		sqlite3_close(made);
		*db = NULL;
		return rc;
	}
	*db = made;
	return SQLITE_OK;
}

int
db_exec(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int
db_int(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
db_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out)
{
	return sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

int
db_run(sqlite3_stmt *s)
{
	const int rc = sqlite3_step(s);

	sqlite3_reset(s);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

void
db_rollback(sqlite3 *db)
{
	if (!sqlite3_get_autocommit(db))
		(void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

enum err
db_err(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return OK;
	case SQLITE_NOMEM:
		return ERR_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

bool
db_is_damage(int rc)
{
	const int primary = rc & 0xff;

	return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
	       rc == SQLITE_IOERR_SHORT_READ;
}
