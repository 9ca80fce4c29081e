#include "store/internal.h"

#include <stdlib.h>

struct store_reader {
	uint32_t magic;
	struct store *store;
	sqlite3 *db;		/* NULL before the first look-up */
	sqlite3_stmt *begin;
	sqlite3_stmt *get;
	sqlite3_stmt *original;
	sqlite3_stmt *tombstone;
	sqlite3_stmt *totals;
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
	sqlite3_finalize(r->original);
	sqlite3_finalize(r->tombstone);
	sqlite3_finalize(r->totals);
	sqlite3_close(r->db);
	r->begin = r->get = r->original = r->tombstone = r->totals = NULL;
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
	if (rc != SQLITE_OK)
		disconnect(r);
	return rc;
}

/* Connects when that was not done, and begins a read of one moment. A damaged file is
 * not read again. */
static int
begin(struct store_reader *r)
{
	if (atomic_load(&r->store->damaged))
		return SQLITE_CORRUPT;
	const int rc = r->db ? SQLITE_OK : connect(r);

	return rc == SQLITE_OK ? db_run(r->begin) : rc;
}

static enum err
end(struct store_reader *r, int rc)
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
	int rc = begin(r);

	for (uint32_t i = 0; i < n && rc == SQLITE_OK; i++)
		rc = get_one(r, &keys[i], now, a, &out[i], &found[i]);
	if (rc != SQLITE_OK)
		memset(found, 0, n * sizeof *found);
	return end(r, rc);
}

/* ---- originals ---- */

static int
bind_hash(sqlite3_stmt *s, const struct original_hash *hash)
{
	return sqlite3_bind_blob(s, 1, hash->b, sizeof hash->b, SQLITE_STATIC);
}

/* Why there is no such original. */
static int
get_miss(struct store_reader *r, const struct original_hash *hash, struct span tenant,
	 enum store_miss *why)
{
	sqlite3_stmt *const s = r->tombstone;
	int rc = bind_hash(s, hash);

	*why = STORE_NEVER;
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text64(s, 2, tenant.p ? tenant.p : "", tenant.n, SQLITE_STATIC, SQLITE_UTF8);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*why = sqlite3_column_int(s, 0) == STORE_EXPIRED ? STORE_EXPIRED : STORE_EVICTED;
	sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
get_original(struct store_reader *r, const struct original_hash *hash, struct span tenant,
	     struct arena *a, struct store_found *out)
{
	sqlite3_stmt *const s = r->original;
	bool found = false;
	int rc = bind_hash(s, hash);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		rc = originals_read(s, r->store->secret, hash, tenant, a, out, &found);
	else if (rc == SQLITE_DONE)
		rc = SQLITE_OK;
	sqlite3_reset(s);
	return rc != SQLITE_OK || found ? rc : get_miss(r, hash, tenant, &out->miss);
}

static void
noted(struct store_batch *b, enum err e)
{
	(void)b;
	(void)e;
}

enum err
store_original_get(struct store_reader *r, struct span tenant, struct span hash, struct arena *a,
		   struct store_found *out)
{
	struct store_found found = { .miss = STORE_NEVER };
	struct original_use use = { .hit = false };
	struct store_batch note = { .done = noted, .use = &use };

	CHECK_OBJ(r, READER_MAGIC);
	if (original_hash_parse(hash, &use.hash)) {
		found.miss = STORE_NO_MISS;
		int rc = begin(r);
		if (rc == SQLITE_OK)
			rc = get_original(r, &use.hash, tenant, a, &found);
		TRY(end(r, rc));
	}
	use.hit = found.miss == STORE_NO_MISS;
	use.retrievals = found.retrievals + 1;
	/* What can not be noted is answered all the same. */
	(void)!store_write(r->store, &note);
	found.retrievals = use.hit ? use.retrievals : 0;
	*out = found;
	return OK;
}

size_t
store_original_limit(const struct store_reader *r)
{
	CHECK_OBJ(r, READER_MAGIC);
	return (size_t)r->store->keep.originals_bytes / STORE_LARGEST_PART;
}

void
store_retrieval_note(struct store_reader *r, const struct store_retrieval *one)
{
	CHECK_OBJ(r, READER_MAGIC);
	struct store *const s = r->store;

	pthread_mutex_lock(&s->recent_lock);
	struct store_retrieval *const to = &s->recent[s->recent_count++ % STORE_RECENT];
	*to = *one;
	to->at = s->now();
	pthread_mutex_unlock(&s->recent_lock);
}

static void
copy_recent(struct store *s, struct store_stats *out)
{
	pthread_mutex_lock(&s->recent_lock);
	const uint64_t n = s->recent_count < STORE_RECENT ? s->recent_count : STORE_RECENT;
	for (uint64_t i = 0; i < n; i++)
		out->recent[i] = s->recent[(s->recent_count - 1 - i) % STORE_RECENT];
	out->recent_count = (uint32_t)n;
	pthread_mutex_unlock(&s->recent_lock);
}

enum err
store_originals_stats(struct store_reader *r, struct store_stats *out)
{
	CHECK_OBJ(r, READER_MAGIC);
	const struct retention *const keep = &r->store->keep;
	struct store_stats st = {
		.bytes_limit = (uint64_t)keep->originals_bytes,
		.idle_s = (uint32_t)keep->originals_idle_s,
	};
	int rc = begin(r);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(r->totals);
	if (rc == SQLITE_ROW) {
		originals_read_totals(r->totals, &st);
		rc = SQLITE_OK;
	} else if (rc == SQLITE_DONE) {
		rc = SQLITE_CORRUPT;
	}
	if (r->db)
		sqlite3_reset(r->totals);
	TRY(end(r, rc));
	copy_recent(r->store, &st);
	*out = st;
	return OK;
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
