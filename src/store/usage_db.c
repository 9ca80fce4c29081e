#include "store/usage_db.h"

#include <endian.h>

void
usage_sums_add(struct usage_sums *to, const struct usage_sums *more)
{
	for (int i = 0; i < USAGE_SUMS; i++)
		if (__builtin_add_overflow(to->v[i], more->v[i], &to->v[i]))
			to->v[i] = more->v[i] < 0 ? INT64_MIN : INT64_MAX;
}

/* ---- sums as bytes ---- */

static void
sums_pack(const struct usage_sums *s, uint64_t out[USAGE_SUMS])
{
	for (int i = 0; i < USAGE_SUMS; i++)
		out[i] = htole64((uint64_t)s->v[i]);
}

/* What an earlier version did not know of yet is 0. */
static int
sums_unpack(sqlite3_stmt *row, int column, struct usage_sums *out)
{
	const void *const p = sqlite3_column_blob(row, column);
	const int n = sqlite3_column_bytes(row, column);
	uint64_t v[USAGE_SUMS] = { 0 };

	if (!p || n <= 0 || n % 8 != 0 || (size_t)n > sizeof v)
		return SQLITE_CORRUPT;
	memcpy(v, p, (size_t)n);
	for (int i = 0; i < USAGE_SUMS; i++)
		out->v[i] = (int64_t)le64toh(v[i]);
	return SQLITE_OK;
}

/* ---- writing ---- */

int
usage_writer_open(sqlite3 *db, struct usage_writer *w)
{
	static const char get[] = "SELECT sums, last FROM usage_sums WHERE period = ? AND at = ?"
				  " AND provider = ? AND model = ? AND project = ? AND client = ?";
	static const char set[] = "REPLACE INTO usage_sums(period, at, provider, model, project,"
				  " client, sums, last) VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
	static const char clear[] = "DELETE FROM usage_sums WHERE period = ?";
	static const char session_get[] = "SELECT started, last FROM usage_session WHERE id = 1";
	static const char session_set[] =
		"REPLACE INTO usage_session(id, started, last) VALUES(1, ?, ?)";
	static const char events_add[] =
		"INSERT INTO usage_events(last, count, events) VALUES(?, ?, ?)";
	static const char events_drop[] =
		"DELETE FROM usage_events WHERE id IN"
		" (SELECT id FROM usage_events WHERE last < ? ORDER BY last LIMIT ?)";

	*w = (struct usage_writer){ NULL };
	int rc = db_prepare(db, get, &w->get);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, set, &w->set);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, clear, &w->clear);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, session_get, &w->session_get);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, session_set, &w->session_set);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, events_add, &w->events_add);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, events_drop, &w->events_drop);
	if (rc != SQLITE_OK)
		usage_writer_close(w);
	return rc;
}

void
usage_writer_close(struct usage_writer *w)
{
	sqlite3_finalize(w->get);
	sqlite3_finalize(w->set);
	sqlite3_finalize(w->clear);
	sqlite3_finalize(w->session_get);
	sqlite3_finalize(w->session_set);
	sqlite3_finalize(w->events_add);
	sqlite3_finalize(w->events_drop);
	*w = (struct usage_writer){ NULL };
}

static int
bind_text(sqlite3_stmt *s, int i, struct span text)
{
	return sqlite3_bind_text(s, i, text.p ? text.p : "", (int)text.n, SQLITE_STATIC);
}

static int
bind_key(sqlite3_stmt *s, enum usage_period period, int64_t at, const struct usage_key *k)
{
	const struct span texts[] = { k->provider, k->model, k->project, k->client };
	int rc = sqlite3_bind_int(s, 1, (int)period);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(s, 2, at);
	for (int i = 0; i < 4 && rc == SQLITE_OK; i++)
		rc = bind_text(s, 3 + i, texts[i]);
	return rc;
}

static int
add_to(struct usage_writer *w, enum usage_period period, int64_t at, const struct usage_key *key,
       const struct usage_sums *more, int64_t last_ms)
{
	struct usage_sums sums = *more;
	int64_t last = last_ms;
	uint64_t packed[USAGE_SUMS];
	int rc = bind_key(w->get, period, at, key);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(w->get);
	if (rc == SQLITE_ROW) {
		rc = sums_unpack(w->get, 0, &sums);
		usage_sums_add(&sums, more);
		if (sqlite3_column_int64(w->get, 1) > last)
			last = sqlite3_column_int64(w->get, 1);
	} else if (rc == SQLITE_DONE) {
		rc = SQLITE_OK;
	}
	sqlite3_reset(w->get);
	if (rc != SQLITE_OK)
		return rc;
	sums_pack(&sums, packed);
	rc = bind_key(w->set, period, at, key);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_blob(w->set, 7, packed, sizeof packed, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->set, 8, last);
	return rc == SQLITE_OK ? db_run(w->set) : rc;
}

static int
read_session(sqlite3_stmt *s, struct usage_session *out)
{
	int rc = sqlite3_step(s);

	*out = (struct usage_session){ 0 };
	if (rc == SQLITE_ROW)
		*out = (struct usage_session){ sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1) };
	sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* Goes on with the session, or begins one after a pause. */
static int
extend_session(struct usage_writer *w, const struct usage_batch *b)
{
	struct usage_session s;
	int rc = read_session(w->session_get, &s);

	if (rc == SQLITE_OK && (s.last_ms == 0 || b->first_ms - s.last_ms > USAGE_PAUSE_MS)) {
		s = (struct usage_session){ .started_ms = b->first_ms };
		rc = sqlite3_bind_int(w->clear, 1, USAGE_SESSION);
		if (rc == SQLITE_OK)
			rc = db_run(w->clear);
	}
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->session_set, 1, s.started_ms);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->session_set, 2,
					b->last_ms > s.last_ms ? b->last_ms : s.last_ms);
	return rc == SQLITE_OK ? db_run(w->session_set) : rc;
}

static int
keep_events(struct usage_writer *w, const struct usage_batch *b)
{
	int rc = sqlite3_bind_int64(w->events_add, 1, b->last_ms);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(w->events_add, 2, b->event_count);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_blob64(w->events_add, 3, b->events.p, b->events.n, SQLITE_STATIC);
	return rc == SQLITE_OK ? db_run(w->events_add) : rc;
}

int
usage_record(struct usage_writer *w, const struct usage_batch *b)
{
	int rc = extend_session(w, b);

	for (uint32_t i = 0; i < b->row_count && rc == SQLITE_OK; i++) {
		const struct usage_row *const row = &b->rows[i];
		const struct usage_key project = { .project = row->key.project };

		rc = add_to(w, USAGE_HOUR, row->at, &row->key, &row->sums, b->last_ms);
		if (rc == SQLITE_OK)
			rc = add_to(w, USAGE_DAY, row->at / 24, &row->key, &row->sums, b->last_ms);
		if (rc == SQLITE_OK)
			rc = add_to(w, USAGE_SESSION, 0, &project, &row->sums, b->last_ms);
		if (rc == SQLITE_OK)
			rc = add_to(w, USAGE_EVER, 0, &project, &row->sums, b->last_ms);
	}
	return rc == SQLITE_OK && b->event_count ? keep_events(w, b) : rc;
}

int
usage_drop(struct usage_writer *w, sqlite3 *db, int64_t before_ms, int limit, int *dropped)
{
	int rc = sqlite3_bind_int64(w->events_drop, 1, before_ms);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int(w->events_drop, 2, limit);
	if (rc == SQLITE_OK)
		rc = db_run(w->events_drop);
	if (rc == SQLITE_OK)
		*dropped = sqlite3_changes(db);
	return rc;
}

/* ---- reading ---- */

int
usage_reader_open(sqlite3 *db, struct usage_reader *r)
{
	/* Newest first, for the limit's sake. */
	static const char rows[] =
		"SELECT at, provider, model, project, client, sums, last FROM usage_sums"
		" WHERE period = ? AND at >= ? ORDER BY at DESC, provider DESC, model DESC,"
		" project DESC, client DESC LIMIT ?";
	static const char session[] = "SELECT started, last FROM usage_session WHERE id = 1";
	static const char events[] = "SELECT id, events FROM usage_events WHERE id < ?"
				     " ORDER BY id DESC LIMIT 1";

	*r = (struct usage_reader){ NULL };
	int rc = db_prepare(db, rows, &r->rows);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, session, &r->session);
	if (rc == SQLITE_OK)
		rc = db_prepare(db, events, &r->events);
	if (rc != SQLITE_OK)
		usage_reader_close(r);
	return rc;
}

void
usage_reader_close(struct usage_reader *r)
{
	sqlite3_finalize(r->rows);
	sqlite3_finalize(r->session);
	sqlite3_finalize(r->events);
	*r = (struct usage_reader){ NULL };
}

static int
copy_text(sqlite3_stmt *row, int column, struct arena *a, struct span *out)
{
	const void *const p = sqlite3_column_text(row, column);

	*out = arena_copy(a, span_of(p ? p : "", (size_t)sqlite3_column_bytes(row, column)));
	return out->p ? SQLITE_OK : SQLITE_NOMEM;
}

static int
read_row(sqlite3_stmt *s, struct arena *a, struct usage_row *out)
{
	struct span *const texts[] = { &out->key.provider, &out->key.model, &out->key.project,
				       &out->key.client };
	int rc = SQLITE_OK;

	out->at = sqlite3_column_int64(s, 0);
	out->last_ms = sqlite3_column_int64(s, 6);
	for (int i = 0; i < 4 && rc == SQLITE_OK; i++)
		rc = copy_text(s, 1 + i, a, texts[i]);
	return rc == SQLITE_OK ? sums_unpack(s, 5, &out->sums) : rc;
}

static void
reverse(struct usage_row *rows, uint32_t n)
{
	for (uint32_t i = 0; i < n / 2; i++) {
		const struct usage_row row = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = row;
	}
}

int
usage_rows(struct usage_reader *r, enum usage_period period, int64_t from, uint32_t limit,
	   struct arena *a, struct usage_row **rows, uint32_t *n)
{
	struct usage_row *all = NULL;
	uint32_t count = 0, room = 0;
	int rc = sqlite3_bind_int(r->rows, 1, (int)period);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(r->rows, 2, from);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(r->rows, 3, limit);
	while (rc == SQLITE_OK && (rc = sqlite3_step(r->rows)) == SQLITE_ROW) {
		if (count == room) {
			const uint32_t more = room ? 2 * room : 64;
			struct usage_row *const grown =
				arena_grow(a, all, room * sizeof *all, more * sizeof *all);

			if (!grown) {
				rc = SQLITE_NOMEM;
				break;
			}
			all = grown;
			room = more;
		}
		rc = read_row(r->rows, a, &all[count++]);
	}
	sqlite3_reset(r->rows);
	if (rc != SQLITE_DONE)
		return rc;
	reverse(all, count);
	*rows = all;
	*n = count;
	return SQLITE_OK;
}

int
usage_session_read(struct usage_reader *r, struct usage_session *out)
{
	return read_session(r->session, out);
}

int
usage_events(struct usage_reader *r, int64_t before, struct arena *a, struct span *events,
	     int64_t *id)
{
	int rc = sqlite3_bind_int64(r->events, 1, before);

	*id = 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(r->events);
	if (rc == SQLITE_ROW) {
		const void *const p = sqlite3_column_blob(r->events, 1);

		*events = arena_copy(a, span_of(p ? p : "", (size_t)sqlite3_column_bytes(r->events, 1)));
		*id = sqlite3_column_int64(r->events, 0);
		rc = events->p ? SQLITE_DONE : SQLITE_NOMEM;
	}
	sqlite3_reset(r->events);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
