#include "store/schema.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define STRING_(x) #x
#define STRING(x) STRING_(x)

/* One string per version: what leads from the version before to it. A released
 * one is never edited; add the next.
 *
 * forms: a rowid table with a unique key beside it takes 16,000 rows a second where
 * a table without rowid takes 7,000, for the texts would stand between the keys.
 * `sum` is checked at every read, see row_sum.h. */
static const char *const steps[] = {
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE forms("
	" id INTEGER PRIMARY KEY,"
	" key BLOB NOT NULL,"
	" used INTEGER NOT NULL,"	/* seconds since 1970, see forms_stale */
	" replaced INTEGER NOT NULL,"
	" engine INTEGER NOT NULL,"
	" form INTEGER NOT NULL,"
	" before INTEGER NOT NULL,"
	" after INTEGER NOT NULL,"
	" sum INTEGER NOT NULL,"
	" text BLOB);"
	"CREATE UNIQUE INDEX forms_key ON forms(key);"
	"CREATE INDEX forms_used ON forms(used);",

	"ALTER TABLE forms ADD COLUMN hash BLOB;"	/* of the original that it names */
	"CREATE TABLE originals("
	" id INTEGER PRIMARY KEY,"
	" hash BLOB NOT NULL,"
	" used INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"
	" retrievals INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL,"	/* that count against the limit */
	" size INTEGER NOT NULL,"	/* of the text */
	" tokens INTEGER NOT NULL,"
	" tokens_after INTEGER NOT NULL,"
	" items INTEGER NOT NULL,"
	" items_after INTEGER NOT NULL,"
	" sum INTEGER NOT NULL,"
	" tenant TEXT NOT NULL,"
	" tool TEXT);"
	"CREATE UNIQUE INDEX originals_hash ON originals(hash);"
	"CREATE INDEX originals_used ON originals(used);"
	/* Apart, since SQLite writes a row anew when one of its columns changes. */
	"CREATE TABLE original_texts(id INTEGER PRIMARY KEY, packed BLOB NOT NULL);"
	/* What was known of those that are gone. */
	"CREATE TABLE tombstones("
	" id INTEGER PRIMARY KEY,"
	" hash BLOB NOT NULL,"
	" tenant TEXT NOT NULL,"
	" miss INTEGER NOT NULL);"	/* enum store_miss */
	"CREATE UNIQUE INDEX tombstones_hash ON tombstones(hash);"
	"CREATE TABLE totals("
	" entries INTEGER NOT NULL,"
	" bytes INTEGER NOT NULL,"
	" size INTEGER NOT NULL,"
	" tokens INTEGER NOT NULL,"
	" tokens_after INTEGER NOT NULL,"
	" hits INTEGER NOT NULL,"
	" misses INTEGER NOT NULL,"
	" evictions INTEGER NOT NULL,"
	" expirations INTEGER NOT NULL);"
	"INSERT INTO totals VALUES(0, 0, 0, 0, 0, 0, 0, 0, 0);"
	"CREATE TRIGGER original_added AFTER INSERT ON originals BEGIN"
	" UPDATE totals SET entries = entries + 1, bytes = bytes + NEW.bytes, size = size + NEW.size,"
	"  tokens = tokens + NEW.tokens, tokens_after = tokens_after + NEW.tokens_after;"
	" END;"
	"CREATE TRIGGER original_dropped AFTER DELETE ON originals BEGIN"
	" DELETE FROM original_texts WHERE id = OLD.id;"
	" UPDATE totals SET entries = entries - 1, bytes = bytes - OLD.bytes, size = size - OLD.size,"
	"  tokens = tokens - OLD.tokens, tokens_after = tokens_after - OLD.tokens_after;"
	" END;",
	"CREATE TABLE usage_sums("
	" period INTEGER NOT NULL,"	/* enum usage_period */
	" at INTEGER NOT NULL,"
	" provider TEXT NOT NULL,"
	" model TEXT NOT NULL,"
	" project TEXT NOT NULL,"
	" client TEXT NOT NULL,"
	" last INTEGER NOT NULL,"	/* ms since 1970 */
	" sums BLOB NOT NULL,"		/* int64 little-endian each, in the order of usage.def */
	" PRIMARY KEY(period, at, provider, model, project, client)) WITHOUT ROWID;"
	"CREATE TABLE usage_session("
	" id INTEGER PRIMARY KEY CHECK(id = 1),"
	" started INTEGER NOT NULL,"	/* ms since 1970 */
	" last INTEGER NOT NULL);"
	"CREATE TABLE usage_events("
	" id INTEGER PRIMARY KEY,"
	" last INTEGER NOT NULL,"	/* ms since 1970, of the last event */
	" count INTEGER NOT NULL,"
	" events BLOB NOT NULL);"
	"CREATE INDEX usage_events_last ON usage_events(last);",
};

_Static_assert(sizeof steps / sizeof steps[0] == SCHEMA_VERSION, "a step for every version");

static int
read_version(sqlite3 *db, int64_t *version, enum schema_state *state)
{
	int64_t application = 0;
	int64_t tables = 0;
	int rc = db_int(db, "PRAGMA user_version", version);

	if (rc == SQLITE_OK)
		rc = db_int(db, "PRAGMA application_id", &application);
	if (rc == SQLITE_OK && application == 0)
		rc = db_int(db, "SELECT count(*) FROM sqlite_schema", &tables);
	if (rc != SQLITE_OK)
		return rc;
	if (application != SCHEMA_APPLICATION && (application != 0 || *version != 0 || tables != 0))
		*state = SCHEMA_FOREIGN;
	else if (*version > SCHEMA_VERSION)
		*state = SCHEMA_NEWER;
	else
		*state = SCHEMA_READY;
	return SQLITE_OK;
}

static int
make_secret(sqlite3 *db, int n)
{
	uint8_t secret[64];
	sqlite3_stmt *s = NULL;

	if (n > (int)sizeof secret || getrandom(secret, (size_t)n, 0) != n)
		return SQLITE_IOERR;
	int rc = sqlite3_prepare_v2(db, "INSERT INTO meta(name, value) VALUES('secret', ?)", -1, &s,
				    NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_blob(s, 1, secret, n, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = db_run(s);
	sqlite3_finalize(s);
	explicit_bzero(secret, sizeof secret);
	return rc;
}

static int
read_secret(sqlite3 *db, uint8_t *secret, int n)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db, "SELECT value FROM meta WHERE name = 'secret'", -1, &s, NULL);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && sqlite3_column_bytes(s, 0) == n) {
		memcpy(secret, sqlite3_column_blob(s, 0), (size_t)n);
		rc = SQLITE_OK;
	} else if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		rc = SQLITE_CORRUPT;
	}
	sqlite3_finalize(s);
	return rc;
}

/* Inside a transaction: the steps that are missing. */
static int
migrate(sqlite3 *db, int64_t from, int secret_bytes)
{
	char done[64];
	int rc = SQLITE_OK;

	for (int64_t v = from; v < SCHEMA_VERSION && rc == SQLITE_OK; v++)
		rc = db_exec(db, steps[v]);
	if (rc == SQLITE_OK && from == 0)
		rc = make_secret(db, secret_bytes);
	if (rc != SQLITE_OK)
		return rc;
	snprintf(done, sizeof done, "PRAGMA user_version=%d", SCHEMA_VERSION);
	rc = db_exec(db, done);
	return rc == SQLITE_OK ? db_exec(db, "PRAGMA application_id=" STRING(SCHEMA_APPLICATION)) : rc;
}

int
schema_prepare(sqlite3 *db, enum schema_state *state, uint8_t *secret, int secret_bytes)
{
	int64_t version = 0;
	int rc = read_version(db, &version, state);

	if (rc != SQLITE_OK || *state != SCHEMA_READY)
		return rc;
	if (version < SCHEMA_VERSION) {
		/* WAL is a property of the file, set once. */
		rc = db_exec(db, "PRAGMA journal_mode=WAL");
		if (rc == SQLITE_OK)
			rc = db_exec(db, "BEGIN IMMEDIATE");
		/* Another process may have been faster. */
		if (rc == SQLITE_OK)
			rc = read_version(db, &version, state);
		if (rc == SQLITE_OK && *state == SCHEMA_READY && version < SCHEMA_VERSION)
			rc = migrate(db, version, secret_bytes);
		if (rc == SQLITE_OK)
			rc = db_exec(db, "COMMIT");
		db_rollback(db);
		if (rc != SQLITE_OK || *state != SCHEMA_READY)
			return rc;
	}
	return read_secret(db, secret, secret_bytes);
}
