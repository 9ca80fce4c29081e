/* Which hashes name originals, without that being a look-up that counts. */
#include "store/originals.h"
#include "store/reader.h"

const char originals_known_sql[] = "SELECT 1 FROM originals WHERE hash = ? AND tenant = ?";

static int
find(sqlite3_stmt *s, struct span tenant, struct span hash, bool *known)
{
	struct original_hash bytes;

	if (!original_hash_parse(hash, &bytes))
		return SQLITE_OK;
	const int rc = reader_find(s, &bytes, tenant);
	*known = rc == SQLITE_ROW;
	sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

enum err
store_originals_known(struct store_reader *r, struct span tenant, const struct span *hashes, size_t n,
		      bool *known)
{
	CHECK_OBJ(r, READER_MAGIC);
	memset(known, 0, n * sizeof *known);
	if (n == 0)
		return OK;
	int rc = reader_begin(r);
	for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
		rc = find(r->known, tenant, hashes[i], &known[i]);
	if (rc != SQLITE_OK)
		memset(known, 0, n * sizeof *known);
	return reader_end(r, rc);
}
