#include "store/internal.h"

#include <stdlib.h>

struct store_reader {
	uint32_t magic;
	struct store *store;
	sqlite3 *db;		/* NULL before the first look-up */
	sqlite3_stmt *begin;
	sqlite3_stmt *get;
	void *attached;
	void (*drop)(void *attached);
};

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
	sqlite3_close(r->db);
	r->begin = r->get = NULL;
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
	if (rc != SQLITE_OK)
		disconnect(r);
	return rc;
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
		const int64_t used = sqlite3_column_int64(r->get, FORMS_GET_USED);

		rc = forms_read(r->get, key, a, out);
		*found = rc == SQLITE_OK;
		if (*found)
			out->stale = forms_stale(used, now, r->store->idle_s);
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
	struct store *const s = r->store;

	memset(found, 0, n * sizeof *found);
	if (n == 0)
		return OK;
	if (atomic_load(&s->damaged))
		return ERR_IO;
	int rc = r->db ? SQLITE_OK : connect(r);
	const int64_t now = s->now();

	/* One snapshot for all: each read of its own would take and drop a lock. */
	if (rc == SQLITE_OK)
		rc = db_run(r->begin);
	for (uint32_t i = 0; i < n && rc == SQLITE_OK; i++)
		rc = get_one(r, &keys[i], now, a, &out[i], &found[i]);
	if (r->db)
		db_rollback(r->db);
	if (rc != SQLITE_OK) {
		memset(found, 0, n * sizeof *found);
		store_note(s, rc);
	}
	return db_err(rc);
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
