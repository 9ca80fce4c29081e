#include "store/forms.h"

#include "store/original_hash.h"
#include "store/row_sum.h"

const char forms_get_sql[] =
	"SELECT f.used, replaced, engine, form, before, after, f.sum, text, f.hash, o.used"
	" FROM forms f LEFT JOIN originals o ON o.hash = f.hash WHERE key = ?";

enum { USED, REPLACED, ENGINE, FORM, BEFORE, AFTER, SUM, TEXT, HASH, ORIGINAL_USED };

static int64_t
sum_of(const struct store_form *f)
{
	uint64_t h = row_sum_bytes(0, f->key.b, sizeof f->key.b);

	h = row_sum(h, (uint64_t)f->replaced << 32 | f->engine);
	h = row_sum(h, (uint64_t)f->form << 32 | f->tokens_before);
	h = row_sum(h, f->tokens_after);
	if (f->replaced)
		h = row_sum_bytes(row_sum(h, f->text.n), f->text.p, f->text.n);
	if (f->hash[0])
		h = row_sum_bytes(h, f->hash, STORE_HASH_DIGITS);
	return (int64_t)h;
}

static uint32_t
column_u32(sqlite3_stmt *row, int column)
{
	return (uint32_t)sqlite3_column_int64(row, column);
}

static int
read_text(sqlite3_stmt *row, struct store_form *f)
{
	const void *const p = sqlite3_column_blob(row, TEXT);
	const int n = sqlite3_column_bytes(row, TEXT);

	if (!p || n <= 0)
		return sqlite3_errcode(sqlite3_db_handle(row)) == SQLITE_NOMEM ? SQLITE_NOMEM :
										 SQLITE_CORRUPT;
	f->text = span_of(p, (size_t)n);
	return SQLITE_OK;
}

static int
read_hash(sqlite3_stmt *row, struct store_form *f)
{
	struct original_hash h;

	if (sqlite3_column_type(row, HASH) == SQLITE_NULL)
		return SQLITE_OK;
	if (sqlite3_column_bytes(row, HASH) != sizeof h.b)
		return SQLITE_CORRUPT;
	memcpy(h.b, sqlite3_column_blob(row, HASH), sizeof h.b);
	original_hash_print(&h, f->hash);
	return SQLITE_OK;
}

/* How old the row's last use is, and its original's. */
static void
read_age(sqlite3_stmt *row, const struct retention *keep, int64_t now, struct store_form *f)
{
	f->stale = forms_stale(sqlite3_column_int64(row, USED), now, keep->forms_idle_s);
	if (!f->hash[0])
		return;
	const int64_t used = sqlite3_column_int64(row, ORIGINAL_USED);
	f->gone = sqlite3_column_type(row, ORIGINAL_USED) == SQLITE_NULL ||
		  originals_idle(used, now, keep);
	if (f->gone || originals_stale(used, now, keep))
		f->stale = true;
}

int
forms_read(sqlite3_stmt *row, const struct store_key *key, const struct retention *keep, int64_t now,
	   struct arena *a, struct store_form *out)
{
	struct store_form f = {
		.key = *key,
		.replaced = sqlite3_column_int(row, REPLACED) != 0,
		.engine = column_u32(row, ENGINE),
		.form = column_u32(row, FORM),
		.tokens_before = column_u32(row, BEFORE),
		.tokens_after = column_u32(row, AFTER),
	};
	int rc = read_hash(row, &f);

	if (rc == SQLITE_OK && f.replaced)
		rc = read_text(row, &f);
	if (rc == SQLITE_OK && sum_of(&f) != sqlite3_column_int64(row, SUM))
		rc = SQLITE_CORRUPT;
	if (rc != SQLITE_OK)
		return rc;
	if (f.replaced) {
		f.text = arena_copy(a, f.text);
		if (!f.text.p)
			return SQLITE_NOMEM;
	}
	read_age(row, keep, now, &f);
	*out = f;
	return SQLITE_OK;
}

int
forms_writer_open(sqlite3 *db, struct forms_writer *w)
{
	static const char insert[] =
		"INSERT INTO forms(key, used, replaced, engine, form, before, after, sum, text, hash)"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO NOTHING";
	static const char touch[] = "UPDATE forms SET used = ?2 WHERE key = ?1 AND used < ?2";
	static const char drop[] = "DELETE FROM forms WHERE id IN"
				   " (SELECT id FROM forms WHERE used < ? LIMIT ?)";

	*w = (struct forms_writer){ NULL };
	int rc = db_prepare(db, insert, &w->insert);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, forms_get_sql, &w->get);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, touch, &w->touch);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, drop, &w->drop);
	if (rc != SQLITE_OK)
		forms_writer_close(w);
	return rc;
}

void
forms_writer_close(struct forms_writer *w)
{
	sqlite3_finalize(w->insert);
	sqlite3_finalize(w->get);
	sqlite3_finalize(w->touch);
	sqlite3_finalize(w->drop);
	*w = (struct forms_writer){ NULL };
}

static int
bind_form(sqlite3_stmt *s, const struct store_form *f, int64_t now)
{
	const int64_t numbers[] = {
		now, f->replaced, f->engine, f->form, f->tokens_before, f->tokens_after, sum_of(f),
	};
	struct original_hash hash;
	int rc = sqlite3_bind_blob(s, 1, f->key.b, sizeof f->key.b, SQLITE_STATIC);

	for (int i = 0; i < (int)(sizeof numbers / sizeof numbers[0]) && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_int64(s, i + 2, numbers[i]);
	if (rc != SQLITE_OK)
		return rc;
	rc = f->replaced ? sqlite3_bind_blob64(s, 9, f->text.p, f->text.n, SQLITE_STATIC) :
			   sqlite3_bind_null(s, 9);
	if (rc != SQLITE_OK)
		return rc;
	return original_hash_parse(span_str(f->hash), &hash) ?
		       sqlite3_bind_blob(s, 10, hash.b, sizeof hash.b, SQLITE_TRANSIENT) :
		       sqlite3_bind_null(s, 10);
}

static int
touch_form(struct forms_writer *w, const struct store_key *key, int64_t now)
{
	int rc = sqlite3_bind_blob(w->touch, 1, key->b, sizeof key->b, SQLITE_STATIC);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->touch, 2, now);
	return rc == SQLITE_OK ? db_run(w->touch) : rc;
}

/* The row that came first. */
static int
take_winner(struct forms_writer *w, struct store_form *f, const struct retention *keep, int64_t now,
	    struct arena *a)
{
	const struct store_key key = f->key;
	int rc = sqlite3_bind_blob(w->get, 1, key.b, sizeof key.b, SQLITE_STATIC);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(w->get);
	if (rc == SQLITE_ROW)
		rc = forms_read(w->get, &key, keep, now, a, f);
	else if (rc == SQLITE_DONE)
		rc = SQLITE_CORRUPT;	/* refused as there and yet not there */
	sqlite3_reset(w->get);
	return rc;
}

int
forms_record(struct forms_writer *w, sqlite3 *db, struct store_form *f, const struct retention *keep,
	     int64_t now, struct arena *a)
{
	int rc = bind_form(w->insert, f, now);

	if (rc == SQLITE_OK)
		rc = db_run(w->insert);
	if (rc != SQLITE_OK || sqlite3_changes(db) > 0)
		return rc;
	rc = take_winner(w, f, keep, now, a);
	if (rc == SQLITE_OK && f->stale)
		rc = touch_form(w, &f->key, now);
	return rc;
}

int
forms_drop(struct forms_writer *w, sqlite3 *db, int64_t before, int limit, int *dropped)
{
	int rc = sqlite3_bind_int64(w->drop, 1, before);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int(w->drop, 2, limit);
	if (rc == SQLITE_OK)
		rc = db_run(w->drop);
	if (rc == SQLITE_OK)
		*dropped = sqlite3_changes(db);
	return rc;
}
