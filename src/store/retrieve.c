/* Originals by their hashes, and the figures about them. */
#include "store/reader.h"

static int
bind_hash(sqlite3_stmt *s, const struct original_hash *hash)
{
	return sqlite3_bind_blob(s, 1, hash->b, sizeof hash->b, SQLITE_STATIC);
}

int
reader_find(sqlite3_stmt *s, const struct original_hash *hash, struct span tenant)
{
	int rc = bind_hash(s, hash);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text64(s, 2, tenant.p ? tenant.p : "", tenant.n, SQLITE_STATIC, SQLITE_UTF8);
	return rc == SQLITE_OK ? sqlite3_step(s) : rc;
}

/* Why there is no such original. */
static int
get_miss(struct store_reader *r, const struct original_hash *hash, struct span tenant,
	 enum store_miss *why)
{
	sqlite3_stmt *const s = r->tombstone;
	const int rc = reader_find(s, hash, tenant);

	*why = rc == SQLITE_ROW ? originals_read_tombstone(s) : STORE_NEVER;
	sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
get_original(struct store_reader *r, const struct original_hash *hash, struct span tenant,
	     struct arena *a, struct store_found *out)
{
	sqlite3_stmt *const s = r->original;
	int rc = bind_hash(s, hash);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		rc = originals_read(s, r->store->secret, hash, tenant, a, out);
	else if (rc == SQLITE_DONE)
		rc = get_miss(r, hash, tenant, &out->miss);
	sqlite3_reset(s);
	if (rc == SQLITE_OK && out->miss == STORE_NO_MISS &&
	    originals_idle(out->used, r->store->now(), &r->store->keep))
		*out = (struct store_found){ .miss = STORE_EXPIRED };
	return rc;
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
	struct original_use use = { .retrievals = 0 };
	struct store_batch note = { .done = noted, .use = &use };

	CHECK_OBJ(r, READER_MAGIC);
	if (original_hash_parse(hash, &use.hash)) {
		int rc = reader_begin(r);
		if (rc == SQLITE_OK)
			rc = get_original(r, &use.hash, tenant, a, &found);
		TRY(reader_end(r, rc));
	}
	use.miss = found.miss;
	use.retrievals = found.retrievals + (found.miss == STORE_NO_MISS);
	/* What can not be noted is answered all the same. */
	(void)!store_write(r->store, &note);
	found.retrievals = use.retrievals;
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
	int rc = reader_begin(r);

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
	TRY(reader_end(r, rc));
	copy_recent(r->store, &st);
	*out = st;
	return OK;
}
