#include "store/forms.h"

#include <endian.h>

const char forms_get_sql[] = "SELECT used, replaced, engine, form, before, after, sum, text"
			     " FROM forms WHERE key = ?";

static uint64_t
mixed(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}

/* Eight bytes a step; a tail is padded with zeros (the length is mixed in too). */
static uint64_t
mixed_bytes(uint64_t h, const void *bytes, size_t n)
{
	const char *p = bytes;

	for (; n >= 8; p += 8, n -= 8) {
		uint64_t v;

		memcpy(&v, p, 8);
		h = mixed(h, le64toh(v));
	}
	if (n) {
		uint64_t v = 0;

		memcpy(&v, p, n);
		h = mixed(h, le64toh(v));
	}
	return h;
}

/* Against decay only: SQLite's file has no sums, and a wrong text would be sent as if
 * it were the tool's. */
static int64_t
sum_of(const struct store_form *f)
{
	uint64_t h = mixed_bytes(0, f->key.b, sizeof f->key.b);

	h = mixed(h, (uint64_t)f->replaced << 32 | f->engine);
	h = mixed(h, (uint64_t)f->form << 32 | f->tokens_before);
	h = mixed(h, f->tokens_after);
	if (f->replaced)
		h = mixed_bytes(mixed(h, f->text.n), f->text.p, f->text.n);
	return (int64_t)h;
}

static uint32_t
column_u32(sqlite3_stmt *row, int column)
{
	return (uint32_t)sqlite3_column_int64(row, column);
}

int
forms_read(sqlite3_stmt *row, const struct store_key *key, struct arena *a, struct store_form *out)
{
	struct store_form f = {
		.key = *key,
		.replaced = sqlite3_column_int(row, 1) != 0,
		.engine = column_u32(row, 2),
		.form = column_u32(row, 3),
		.tokens_before = column_u32(row, 4),
		.tokens_after = column_u32(row, 5),
	};
	const int64_t sum = sqlite3_column_int64(row, 6);

	if (f.replaced) {
		const void *const p = sqlite3_column_blob(row, 7);
		const int n = sqlite3_column_bytes(row, 7);

		if (!p || n <= 0)
			return sqlite3_errcode(sqlite3_db_handle(row)) == SQLITE_NOMEM ?
				       SQLITE_NOMEM : SQLITE_CORRUPT;
		f.text = span_of(p, (size_t)n);
	}
	if (sum_of(&f) != sum)
		return SQLITE_CORRUPT;
	if (f.replaced) {
		f.text = arena_copy(a, f.text);
		if (!f.text.p)
			return SQLITE_NOMEM;
	}
	*out = f;
	return SQLITE_OK;
}

int
forms_writer_open(sqlite3 *db, struct forms_writer *w)
{
	static const char insert[] =
		"INSERT INTO forms(key, used, replaced, engine, form, before, after, sum, text)"
		" VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(key) DO NOTHING";
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
	int rc = sqlite3_bind_blob(s, 1, f->key.b, sizeof f->key.b, SQLITE_STATIC);

	for (int i = 0; i < (int)(sizeof numbers / sizeof numbers[0]) && rc == SQLITE_OK; i++)
		rc = sqlite3_bind_int64(s, i + 2, numbers[i]);
	if (rc != SQLITE_OK)
		return rc;
	return f->replaced ? sqlite3_bind_blob64(s, 9, f->text.p, f->text.n, SQLITE_STATIC) :
			     sqlite3_bind_null(s, 9);
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
take_winner(struct forms_writer *w, struct store_form *f, int64_t *used, struct arena *a)
{
	int rc = sqlite3_bind_blob(w->get, 1, f->key.b, sizeof f->key.b, SQLITE_STATIC);

	if (rc != SQLITE_OK)
		return rc;
	rc = sqlite3_step(w->get);
	if (rc == SQLITE_ROW) {
		const struct store_key key = f->key;

		*used = sqlite3_column_int64(w->get, FORMS_GET_USED);
		rc = forms_read(w->get, &key, a, f);
	} else if (rc == SQLITE_DONE) {
		rc = SQLITE_CORRUPT;	/* refused as there and yet not there */
	}
	sqlite3_reset(w->get);
	return rc;
}

int
forms_record(struct forms_writer *w, sqlite3 *db, struct store_form *f, int64_t now, int64_t idle_s,
	     struct arena *a)
{
	int64_t used = now;
	int rc = bind_form(w->insert, f, now);

	if (rc == SQLITE_OK)
		rc = db_run(w->insert);
	if (rc != SQLITE_OK || sqlite3_changes(db) > 0)
		return rc;
	rc = take_winner(w, f, &used, a);
	if (rc == SQLITE_OK && forms_stale(used, now, idle_s))
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
