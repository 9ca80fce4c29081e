#include "store/originals.h"

#include "base/check.h"
#include "store/original_pack.h"
#include "store/row_sum.h"

/* What a row and its keys take beside the packed text, about. */
#define ROW_BYTES 256

/* What is known of so many that are gone, the last ones. */
#define TOMBSTONES "10000"

/* ---- rows ---- */

static int64_t
sum_of(const struct original_hash *hash, const struct store_original *o, int64_t created)
{
	uint64_t h = row_sum_bytes(0, hash->b, sizeof hash->b);

	h = row_sum(h, (uint64_t)created);
	h = row_sum(h, o->text.n);
	h = row_sum(h, (uint64_t)o->tokens << 32 | o->tokens_after);
	h = row_sum(h, (uint64_t)o->items << 32 | o->items_after);
	h = row_sum_bytes(row_sum(h, o->tenant.n), o->tenant.p, o->tenant.n);
	return (int64_t)row_sum_bytes(row_sum(h, o->tool.n), o->tool.p, o->tool.n);
}

const char originals_get_sql[] =
	"SELECT used, created, retrievals, size, tokens, tokens_after, items, items_after, sum,"
	" tenant, tool, packed FROM originals LEFT JOIN original_texts USING(id) WHERE hash = ?";

enum { USED, CREATED, RETRIEVALS, SIZE, TOKENS, TOKENS_AFTER, ITEMS, ITEMS_AFTER, SUM, TENANT, TOOL,
       PACKED };

static uint32_t
column_u32(sqlite3_stmt *row, int column)
{
	return (uint32_t)sqlite3_column_int64(row, column);
}

/* Until the row is left; SPAN_NONE for NULL and when there is no memory. */
static struct span
column_span(sqlite3_stmt *row, int column)
{
	const void *const p = sqlite3_column_blob(row, column);

	return p ? span_of(p, (size_t)sqlite3_column_bytes(row, column)) : SPAN_NONE;
}

/* *text is SPAN_NONE when it is damaged. */
static int
read_text(sqlite3_stmt *row, struct arena *a, struct span *text)
{
	const struct span packed = column_span(row, PACKED);
	const int64_t size = sqlite3_column_int64(row, SIZE);
	enum err e = ERR_SYNTAX;

	*text = SPAN_NONE;
	if (!packed.p && sqlite3_errcode(sqlite3_db_handle(row)) == SQLITE_NOMEM)
		return SQLITE_NOMEM;
	if (packed.p && size >= 0)
		e = original_unpack(packed, (size_t)size, a, text);
	return e == ERR_NOMEM ? SQLITE_NOMEM : SQLITE_OK;
}

/* The row but for its text, its spans those of the row. */
static struct store_found
read_row(sqlite3_stmt *row)
{
	return (struct store_found){
		.used = sqlite3_column_int64(row, USED),
		.created = sqlite3_column_int64(row, CREATED),
		.retrievals = (uint64_t)sqlite3_column_int64(row, RETRIEVALS),
		.original = {
			.tokens = column_u32(row, TOKENS),
			.tokens_after = column_u32(row, TOKENS_AFTER),
			.items = column_u32(row, ITEMS),
			.items_after = column_u32(row, ITEMS_AFTER),
			.tenant = column_span(row, TENANT),
			.tool = column_span(row, TOOL),
		},
	};
}

/* Does the text belong to the name by which the tenant asked? No other tenant's does. */
static bool
is_named(const struct store_found *f, const uint8_t *secret, const struct original_hash *hash,
	 struct span tenant)
{
	if (!f->original.text.p)
		return false;
	const struct original_hash real = original_hash_of(secret, tenant, f->original.text);

	return memcmp(real.b, hash->b, sizeof real.b) == 0;
}

int
originals_read(sqlite3_stmt *row, const uint8_t *secret, const struct original_hash *hash,
	       struct span tenant, struct arena *a, struct store_found *out)
{
	struct store_found f = read_row(row);
	const bool is_ours = span_eq(f.original.tenant, tenant);
	const int rc = read_text(row, a, &f.original.text);

	if (rc != SQLITE_OK)
		return rc;
	const bool named = is_named(&f, secret, hash, tenant);
	if (!named || sum_of(hash, &f.original, f.created) != sqlite3_column_int64(row, SUM)) {
		*out = (struct store_found){ .miss = named || is_ours ? STORE_DAMAGED : STORE_NEVER };
		return SQLITE_OK;
	}
	original_hash_print(hash, f.original.hash);
	f.original.tenant = tenant;
	if (f.original.tool.p) {
		f.original.tool = arena_copy(a, f.original.tool);
		if (!f.original.tool.p)
			return SQLITE_NOMEM;
	}
	*out = f;
	return SQLITE_OK;
}

const char originals_tombstone_sql[] = "SELECT miss FROM tombstones WHERE hash = ? AND tenant = ?";

enum store_miss
originals_read_tombstone(sqlite3_stmt *row)
{
	const int miss = sqlite3_column_int(row, 0);

	return miss == STORE_EXPIRED || miss == STORE_DAMAGED ? (enum store_miss)miss : STORE_EVICTED;
}

const char originals_totals_sql[] = "SELECT entries, bytes, size, tokens, tokens_after, hits, misses,"
				    " evictions, expirations FROM totals";

void
originals_read_totals(sqlite3_stmt *row, struct store_stats *out)
{
	uint64_t *const to[] = {
		&out->entries, &out->bytes,  &out->text_bytes, &out->tokens,	 &out->tokens_after,
		&out->hits,    &out->misses, &out->evictions,  &out->expirations,
	};

	for (int i = 0; i < (int)(sizeof to / sizeof to[0]); i++)
		*to[i] = (uint64_t)sqlite3_column_int64(row, i);
}

/* ---- the writer ---- */

int
originals_writer_open(sqlite3 *db, struct originals_writer *w)
{
	const struct {
		sqlite3_stmt **to;
		const char *sql;
	} all[] = {
		{ &w->find, "SELECT id, used FROM originals WHERE hash = ?" },
		{ &w->insert,
		  "INSERT INTO originals(hash, used, created, retrievals, bytes, size, tokens,"
		  " tokens_after, items, items_after, sum, tenant, tool)"
		  " VALUES(?1, ?2, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)" },
		{ &w->insert_text, "INSERT INTO original_texts(id, packed) VALUES(?, ?)" },
		{ &w->touch, "UPDATE originals SET used = ?2 WHERE id = ?1 AND used < ?2" },
		{ &w->retrieve,
		  "UPDATE originals SET used = max(used, ?2), retrievals = retrievals + 1"
		  " WHERE hash = ?1 RETURNING retrievals" },
		{ &w->hit, "UPDATE totals SET hits = hits + 1" },
		{ &w->miss, "UPDATE totals SET misses = misses + 1" },
		{ &w->oldest, "SELECT id, used FROM originals WHERE used <> ? ORDER BY used LIMIT 1" },
		{ &w->bury,
		  "INSERT OR REPLACE INTO tombstones(hash, tenant, miss)"
		  " SELECT hash, tenant, ?2 FROM originals WHERE id = ?1" },
		{ &w->forget,
		  "DELETE FROM tombstones"
		  " WHERE id <= (SELECT max(id) FROM tombstones) - " TOMBSTONES },
		{ &w->drop, "DELETE FROM originals WHERE id = ?" },
		{ &w->dropped,
		  "UPDATE totals SET evictions = evictions + ?, expirations = expirations + ?" },
		{ &w->bytes, "SELECT bytes, entries FROM totals" },
	};
	int rc = SQLITE_OK;

	*w = (struct originals_writer){ NULL };
	for (size_t i = 0; i < sizeof all / sizeof all[0] && rc == SQLITE_OK; i++)
		rc = db_prepare(db, all[i].sql, all[i].to);
	if (rc != SQLITE_OK)
		originals_writer_close(w);
	return rc;
}

void
originals_writer_close(struct originals_writer *w)
{
	sqlite3_stmt *const all[] = {
		w->find, w->insert, w->insert_text, w->touch,  w->retrieve, w->hit,   w->miss,
		w->oldest, w->bury, w->forget,	    w->drop, w->dropped,  w->bytes,
	};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		sqlite3_finalize(all[i]);
	*w = (struct originals_writer){ NULL };
}

static int
bind_original(sqlite3_stmt *s, const struct original_hash *hash, const struct store_original *o,
	      struct span packed, int64_t now)
{
	const int64_t numbers[] = {
		now,	   (int64_t)packed.n + ROW_BYTES, (int64_t)o->text.n,
		o->tokens, o->tokens_after,		  o->items,
		o->items_after, sum_of(hash, o, now),
	};
	int rc = sqlite3_bind_blob(s, 1, hash->b, sizeof hash->b, SQLITE_STATIC);

	for (int i = 0; i < (int)(sizeof numbers / sizeof numbers[0]) && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_int64(s, i + 2, numbers[i]);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text64(s, 10, o->tenant.p ? o->tenant.p : "", o->tenant.n,
					 SQLITE_STATIC, SQLITE_UTF8);
	if (rc != SQLITE_OK)
		return rc;
	return o->tool.p ? sqlite3_bind_text64(s, 11, o->tool.p, o->tool.n, SQLITE_STATIC,
					       SQLITE_UTF8) :
			   sqlite3_bind_null(s, 11);
}

static int
insert(struct originals_writer *w, sqlite3 *db, const struct original_hash *hash,
       const struct store_original *o, struct span packed, int64_t now)
{
	int rc = bind_original(w->insert, hash, o, packed, now);

	if (rc == SQLITE_OK)
		rc = db_run(w->insert);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->insert_text, 1, sqlite3_last_insert_rowid(db));
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_blob64(w->insert_text, 2, packed.p, packed.n, SQLITE_STATIC);
	return rc == SQLITE_OK ? db_run(w->insert_text) : rc;
}

/* A statement's first two numbers; *found is false when it gives no row. */
static int
first_row(sqlite3_stmt *s, int64_t *one, int64_t *two, bool *found)
{
	const int rc = sqlite3_step(s);

	*found = rc == SQLITE_ROW;
	if (*found) {
		*one = sqlite3_column_int64(s, 0);
		*two = sqlite3_column_int64(s, 1);
	}
	sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static int
run_with(sqlite3_stmt *s, int64_t one, int64_t two)
{
	int rc = sqlite3_bind_int64(s, 1, one);

	if (rc == SQLITE_OK && sqlite3_bind_parameter_count(s) > 1)
		rc = sqlite3_bind_int64(s, 2, two);
	return rc == SQLITE_OK ? db_run(s) : rc;
}

/* *found is false when it is not there. */
static int
find(struct originals_writer *w, const struct original_hash *hash, int64_t *id, int64_t *used,
     bool *found)
{
	const int rc = sqlite3_bind_blob(w->find, 1, hash->b, sizeof hash->b, SQLITE_STATIC);

	return rc == SQLITE_OK ? first_row(w->find, id, used, found) : rc;
}

int
originals_keep(struct originals_writer *w, sqlite3 *db, const struct store_original *o,
	       struct span packed, const struct retention *keep, int64_t now)
{
	struct original_hash hash;
	int64_t id = 0;
	int64_t used = 0;
	bool found = false;

	CHECK(original_hash_parse(span_str(o->hash), &hash));
	const int rc = find(w, &hash, &id, &used, &found);
	if (rc != SQLITE_OK)
		return rc;
	if (!found)
		return insert(w, db, &hash, o, packed, now);
	return originals_stale(used, now, keep) ? run_with(w->touch, id, now) : SQLITE_OK;
}

static int
drop_one(struct originals_writer *w, int64_t id, enum store_miss why)
{
	int rc = run_with(w->bury, id, why);

	if (rc == SQLITE_OK)
		rc = run_with(w->drop, id, 0);
	return rc == SQLITE_OK ? run_with(w->dropped, why == STORE_EVICTED, why == STORE_EXPIRED) : rc;
}

/* ---- look-ups ---- */

static int
note_hit(struct originals_writer *w, struct original_use *use, int64_t now)
{
	int rc = sqlite3_bind_blob(w->retrieve, 1, use->hash.b, sizeof use->hash.b, SQLITE_STATIC);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->retrieve, 2, now);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(w->retrieve);
	if (rc == SQLITE_ROW)
		use->retrievals = (uint64_t)sqlite3_column_int64(w->retrieve, 0);
	sqlite3_reset(w->retrieve);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? db_run(w->hit) : rc;
}

static int
drop_damaged(struct originals_writer *w, const struct original_hash *hash)
{
	int64_t id = 0;
	int64_t used;
	bool found = false;
	const int rc = find(w, hash, &id, &used, &found);

	return rc == SQLITE_OK && found ? drop_one(w, id, STORE_DAMAGED) : rc;
}

int
originals_note_use(struct originals_writer *w, struct original_use *use, int64_t now)
{
	if (use->miss == STORE_NO_MISS)
		return note_hit(w, use, now);
	const int rc = use->miss == STORE_DAMAGED ? drop_damaged(w, &use->hash) : SQLITE_OK;

	return rc == SQLITE_OK ? db_run(w->miss) : rc;
}

/* ---- dropping ---- */

/* Why the least recently used one, `*id`, has to go, or STORE_NO_MISS. */
static int
look(struct originals_writer *w, const struct retention *keep, int64_t now, int64_t *id,
     enum store_miss *why)
{
	int64_t bytes = 0;
	int64_t used = 0;
	int64_t entries;
	bool found = false;
	int rc = sqlite3_bind_int64(w->oldest, 1, now);

	*why = STORE_NO_MISS;
	if (rc == SQLITE_OK)
		rc = first_row(w->oldest, id, &used, &found);
	if (rc != SQLITE_OK || !found)
		return rc;
	if (originals_idle(used, now, keep)) {
		*why = STORE_EXPIRED;
		return SQLITE_OK;
	}
	rc = first_row(w->bytes, &bytes, &entries, &found);
	if (rc == SQLITE_OK && bytes > keep->originals_bytes)
		*why = STORE_EVICTED;
	return rc;
}

int
originals_drop(struct originals_writer *w, const struct retention *keep, int64_t now, int limit,
	       int *dropped)
{
	enum store_miss why = STORE_NO_MISS;
	int64_t id = 0;
	int rc = SQLITE_OK;
	int n = 0;

	for (; n < limit; n++) {
		rc = look(w, keep, now, &id, &why);
		if (rc == SQLITE_OK && why != STORE_NO_MISS)
			rc = drop_one(w, id, why);
		if (rc != SQLITE_OK || why == STORE_NO_MISS)
			break;
	}
	if (rc == SQLITE_OK && n > 0)
		rc = db_run(w->forget);
	if (rc == SQLITE_OK)
		*dropped = n;
	return rc;
}
