#include "store/reader.h"

#include <stdlib.h>

enum err
store_reader_open(struct store *s, struct store_reader **out)
{
	CHECK_OBJ(s, STORE_MAGIC);
	struct store_reader *const r = calloc(1, sizeof *r);

	if (!r)
		return ERR_NOMEM;
	r->magic = READER_MAGIC;
	r->store = s;
	atomic_fetch_add(&s->readers, 1);
	*out = r;
	return OK;
}

static void
disconnect(struct store_reader *r)
{
	sqlite3_finalize(r->begin);
	sqlite3_finalize(r->get);
	sqlite3_finalize(r->original);
	sqlite3_finalize(r->tombstone);
	sqlite3_finalize(r->totals);
	usage_reader_close(&r->usage);
	sqlite3_finalize(r->known);
	sqlite3_close(r->db);
	r->begin = r->get = r->original = r->tombstone = r->totals = r->known = NULL;
	r->db = NULL;
}

void
store_reader_close(struct store_reader **r)
{
	if (!*r)
		return;
	CHECK_OBJ(*r, READER_MAGIC);
	disconnect(*r);
	if ((*r)->attached)
		(*r)->drop((*r)->attached);
	atomic_fetch_sub(&(*r)->store->readers, 1);
	(*r)->magic = 0;
	free(*r);
	*r = NULL;
}

static int
connect(struct store_reader *r)
{
	int rc = db_open(r->store->path, r->store->busy_ms, &r->db);

	if (rc == SQLITE_OK)
		rc = db_prepare(r->db, "BEGIN", &r->begin);
	if (rc == SQLITE_OK)
		rc = db_prepare(r->db, forms_get_sql, &r->get);
	if (rc == SQLITE_OK)
		rc = db_prepare(r->db, originals_get_sql, &r->original);
	if (rc == SQLITE_OK)
		rc = db_prepare(r->db, originals_tombstone_sql, &r->tombstone);
	if (rc == SQLITE_OK)
		rc = db_prepare(r->db, originals_totals_sql, &r->totals);
	if (rc == SQLITE_OK)
		rc = usage_reader_open(r->db, &r->usage);
	if (rc == SQLITE_OK)
		rc = db_prepare(r->db, originals_known_sql, &r->known);
	if (rc != SQLITE_OK)
		disconnect(r);
	return rc;
}

int
reader_begin(struct store_reader *r)
{
	if (atomic_load(&r->store->damaged))
		return SQLITE_CORRUPT;
	const int rc = r->db ? SQLITE_OK : connect(r);

	return rc == SQLITE_OK ? db_run(r->begin) : rc;
}

enum err
reader_end(struct store_reader *r, int rc)
{
	if (r->db)
		db_rollback(r->db);
	store_note(r->store, rc);
	return db_err(rc);
}

static int
get_one(struct store_reader *r, const struct store_key *key, int64_t now, struct arena *a,
	struct store_form *out, bool *found)
{
	int rc = sqlite3_bind_blob(r->get, 1, key->b, sizeof key->b, SQLITE_STATIC);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(r->get);
	if (rc == SQLITE_ROW) {
		rc = forms_read(r->get, key, &r->store->keep, now, a, out);
		*found = rc == SQLITE_OK;
	} else if (rc == SQLITE_DONE) {
		rc = SQLITE_OK;
	}
	sqlite3_reset(r->get);
	return rc;
}

enum err
store_forms_get(struct store_reader *r, const struct store_key *keys, uint32_t n, struct arena *a,
		struct store_form *out, bool *found)
{
	CHECK_OBJ(r, READER_MAGIC);
	memset(found, 0, n * sizeof *found);
	if (n == 0)
		return OK;
	const int64_t now = r->store->now();
	/* One snapshot for all: each read of its own would take and drop a lock. */
	int rc = reader_begin(r);

	for (uint32_t i = 0; i < n && rc == SQLITE_OK; i++)
		rc = get_one(r, &keys[i], now, a, &out[i], &found[i]);
	if (rc != SQLITE_OK)
		memset(found, 0, n * sizeof *found);
	return reader_end(r, rc);
}

const uint8_t *
store_reader_secret(const struct store_reader *r)
{
	CHECK_OBJ(r, READER_MAGIC);
	return store_secret(r->store);
}

void
store_reader_attach(struct store_reader *r, void *p, void (*drop)(void *p))
{
	CHECK_OBJ(r, READER_MAGIC);
	CHECK(!r->attached && p && drop);
	r->attached = p;
	r->drop = drop;
}

void *
store_reader_attached(const struct store_reader *r)
{
	CHECK_OBJ(r, READER_MAGIC);
	return r->attached;
}
