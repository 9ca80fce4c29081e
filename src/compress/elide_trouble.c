#include "compress/elide_rows.h"

/* Of a kind that is too common to be kept in full, so many rows are. */
#define FIRST_OF_KIND 3u

/* The worst that a row says. */
struct trouble {
	uint64_t kind;
	uint32_t column;
	uint32_t node;		/* what tells of it */
	enum severity severity;
};

static void
note(struct trouble *const t, const enum severity severity, const uint32_t column,
     const uint64_t kind, const uint32_t node)
{
	if (severity > t->severity)
		*t = (struct trouble){ kind * 31 + column, column, node, severity };
}

/* Finds the worst value of each row. Its kind is the value itself in a column
 * whose name says what it is, else its shape; and what the row's message is like. */
static void
find_trouble(const struct rows_work *const w, struct trouble *const trouble)
{
	const struct view *const v = w->v;
	const struct view_column *const message = &v->columns[v->message];

	for (uint32_t c = 1; c < v->column_count; c++)
		for (uint32_t i = v->columns[c].first; i < v->columns[c].end; i++) {
			const struct value *const value = &v->values[i];
			const bool named = v->columns[c].meaning != MEANING_NONE;

			note(&trouble[value->row], view_severity(v, &v->columns[c], value), c,
			     named ? value->exact : value->shape, value->node);
		}
	for (uint32_t i = 0; i < v->json_count; i++)
		note(&trouble[v->json_rows[i].row], v->json_rows[i].severity, 0,
		     v->json_rows[i].shape, v->json_rows[i].node);
	for (uint32_t i = message->first; v->message && i < message->end; i++) {
		trouble[v->values[i].row].kind += 7 * v->values[i].shape;
		trouble[v->values[i].row].node = v->values[i].node;
	}
}

/* Where many rows have a word of trouble in a column of prose, each in another
 * sentence, the word means nothing: one kind. */
static enum err
join_prose(struct rows_work *const w, struct trouble *const trouble)
{
	const uint32_t columns = w->v->column_count;
	uint32_t *const rows = arena_zalloc(w->a, 2 * columns * sizeof *rows);
	uint32_t *const kinds = rows + columns;

	if (!rows)
		return ERR_NOMEM;
	tally_reset(&w->tally, w->rows);
	for (uint32_t r = 0; r < w->rows; r++)
		if (trouble[r].severity) {
			rows[trouble[r].column]++;
			if (tally_add(&w->tally, trouble[r].kind, r)->count == 1)
				kinds[trouble[r].column]++;
		}
	for (uint32_t r = 0; r < w->rows; r++) {
		const uint32_t c = trouble[r].column;

		if (trouble[r].severity && c && w->v->columns[c].meaning == MEANING_NONE &&
		    rows[c] > 2 * w->few && kinds[c] > rows[c] / 2)
			trouble[r].kind = c;
	}
	return OK;
}

/* Is there a column by which the rows are sorted, like time? */
static bool
rows_are_in_order(const struct rows_work *const w)
{
	const struct view *const v = w->v;

	for (uint32_t c = 1; c < v->column_count; c++) {
		const uint32_t first = v->columns[c].first, end = v->columns[c].end;
		uint32_t i = first + 1;

		if (end - first < w->rows - w->rows / 10 || v->columns[c].constant)
			continue;
		while (i < end) {
			const struct span x = view_text(v, &v->values[i - 1]);
			const struct span y = view_text(v, &v->values[i]);

			if (x.n > y.n || (x.n == y.n && memcmp(x.p, y.p, x.n) > 0))
				break;
			i++;
		}
		if (i == end)
			return true;
	}
	return false;
}

/* Keeps the kinds with few rows in full, of others the first ones. An error that
 * hardly ever happens also keeps the rows beside it, if they are in order. */
static void
keep_kinds(struct rows_work *const w, const struct trouble *const trouble, const uint32_t warnings)
{
	const bool in_order = rows_are_in_order(w);

	for (uint32_t r = 0; r < w->rows; r++) {
		if (!trouble[r].severity)
			continue;
		struct tally_entry *const e = tally_get(&w->tally, trouble[r].kind);
		const uint32_t kind = trouble[r].severity == SEVERITY_WARNING ? warnings : e->count;

		if (kind > w->few && e->kept >= FIRST_OF_KIND)
			continue;
		e->kept++;
		w->reasons[r] |= ELIDE_TROUBLE;
		if (!in_order || e->count > FIRST_OF_KIND || trouble[r].severity != SEVERITY_ERROR)
			continue;
		if (r)
			w->reasons[r - 1] |= ELIDE_RELATED;
		if (r + 1 < w->rows)
			w->reasons[r + 1] |= ELIDE_RELATED;
	}
}

/* Notes the kinds that are not kept in full, in the order of their first rows. */
static void
note_cut(struct rows_work *const w, const struct trouble *const trouble)
{
	for (uint32_t r = 0; r < w->rows && w->cut_count < CUT_KINDS; r++) {
		const struct tally_entry *const e = tally_get(&w->tally, trouble[r].kind);

		if (trouble[r].severity && e->first == r && e->kept < e->count)
			w->cut[w->cut_count++] = (struct cut_kind){ trouble[r].node, e->count };
	}
}

enum err
rows_keep_trouble(struct rows_work *const w)
{
	struct trouble *const trouble = arena_zalloc(w->a, w->rows * sizeof *trouble);
	uint32_t warnings = 0;

	if (!trouble)
		return ERR_NOMEM;
	if (!fuel_use(w->fuel, 4 * (uint64_t)w->rows + 2 * (uint64_t)w->v->value_count))
		return ERR_FUEL;
	find_trouble(w, trouble);
	TRY(join_prose(w, trouble));
	tally_reset(&w->tally, w->rows);
	for (uint32_t r = 0; r < w->rows; r++)
		if (trouble[r].severity) {
			tally_add(&w->tally, trouble[r].kind, r);
			warnings += trouble[r].severity == SEVERITY_WARNING;
		}
	keep_kinds(w, trouble, warnings);
	note_cut(w, trouble);
	return OK;
}
