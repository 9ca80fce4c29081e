#include "compress/elide_totals.h"

#include <stdlib.h>

#define COLUMNS 4u		/* that are counted, and as many with numbers */
#define LISTED 8u		/* values of a column that is counted */
/* Gaps of so many rows say how many of which group they hold. */
#define LEAST_LEVEL_GAP 10u
#define LEAST_GAP 24u
#define NAME_BYTES 40u		/* longer names and values are not counted by */
#define EXAMPLE_BYTES 96u

struct kind {
	uint32_t first;	/* place of its first value */
	uint32_t count;
};

static bool
is_plain(const struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20)
			return false;
	return s.n <= NAME_BYTES;
}

/* A value as totals and gaps name it: bare, or as JSON where it would not read as one. */
static struct span
spelling(const struct view *const v, const struct value *const value)
{
	const struct span text = view_text(v, value);

	for (size_t i = 0; i < text.n; i++)
		if (strchr(" ,;:\"\\", text.p[i]))
			return json_raw(v->d, value->node);
	return text.n ? text : json_raw(v->d, value->node);
}

static int
by_count(const void *const a, const void *const b)
{
	const struct kind *const x = a, *const y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* The column's different values, most of them first; 0 when rows are not told
 * apart by it. Leaves them in the tally, each with 1 + its place as `kept`. */
static uint32_t
list_kinds(struct rows_work *const w, const struct view_column *const c, const uint32_t most,
	   struct kind kinds[TOTALS_GROUPS])
{
	const struct value *const values = w->v->values;
	uint32_t n = 0;

	if (c->kinds < 2 || c->kinds > most)
		return 0;
	tally_reset(&w->tally, c->end - c->first);
	for (uint32_t i = c->first; i < c->end; i++)
		tally_add(&w->tally, values[i].exact, i);
	for (uint32_t i = c->first; i < c->end && n < TOTALS_GROUPS; i++) {
		const struct tally_entry *const e = tally_get(&w->tally, values[i].exact);

		if (e->first != i)
			continue;
		if (!is_plain(spelling(w->v, &values[i])))
			return 0;
		kinds[n++] = (struct kind){ i, e->count };
	}
	qsort(kinds, n, sizeof *kinds, by_count);
	for (uint32_t k = 0; k < n; k++)
		tally_get(&w->tally, values[kinds[k].first].exact)->kept = k + 1;
	return n;
}

/* Where the columns in a path have names that a line can hold. */
static bool
has_plain_path(const struct table *const t, uint32_t c)
{
	for (; c; c = t->columns[c].parent)
		if (!t->columns[c].is_item && !is_plain(t->columns[c].name))
			return false;
	return true;
}

static void
add_path(const struct table *const t, uint32_t c, struct buf *const out)
{
	uint32_t path[TABLE_DEPTH + 1];
	uint32_t n = 0;

	for (; c && n <= TABLE_DEPTH; c = t->columns[c].parent)
		path[n++] = c;
	for (uint32_t k = n; k--;) {
		if (t->columns[path[k]].is_item)
			buf_addf(out, "[%u]", t->columns[path[k]].item);
		else
			buf_addf(out, "%s%.*s", k + 1 < n ? "." : "", SPAN_ARG(t->columns[path[k]].name));
	}
}

static void
add_kinds(const struct view *const v, const struct kind *const kinds, const uint32_t n,
	  struct buf *const out)
{
	for (uint32_t k = 0; k < n; k++)
		buf_addf(out, "%s %u %.*s", k ? "," : "", kinds[k].count,
			 SPAN_ARG(spelling(v, &v->values[kinds[k].first])));
}

static void
add_range(const struct view *const v, const struct view_column *const c, struct buf *const out)
{
	buf_addf(out, " %.*s to %.*s, median %.*s", SPAN_ARG(view_text(v, &v->values[c->least])),
		 SPAN_ARG(view_text(v, &v->values[c->most])),
		 SPAN_ARG(view_text(v, &v->values[c->median])));
}

/* Columns that say something of their own in rows. */
static bool
is_counted(const struct view *const v, const uint32_t c)
{
	return v->columns[c].has_cells && v->columns[c].meaning != MEANING_ID &&
	       v->columns[c].end > v->columns[c].first && has_plain_path(v->t, v->columns[c].column);
}

static void
add_columns(struct rows_work *const w, struct buf *const out)
{
	struct kind kinds[TOTALS_GROUPS];
	uint32_t counted = 0, numbers = 0;

	for (uint32_t c = 1; c < w->v->column_count; c++) {
		const struct view_column *const column = &w->v->columns[c];
		const char *const before = counted + numbers ? "; " : " ";
		uint32_t n = 0;

		if (!is_counted(w->v, c))
			continue;
		if (counted < COLUMNS && (n = list_kinds(w, column, LISTED, kinds)) > 0) {
			counted++;
			buf_add_str(out, before);
			add_path(w->v->t, column->column, out);
			add_kinds(w->v, kinds, n, out);
		} else if (column->numbers && numbers < COLUMNS) {
			numbers++;
			buf_add_str(out, before);
			add_path(w->v->t, column->column, out);
			add_range(w->v, column, out);
		}
	}
}

/* The first words of what a kind of trouble says, as JSON without quotes; *cut: there
 * is more. */
static struct span
example(const struct json_doc *const d, const uint32_t node, bool *const cut)
{
	struct span s = json_type(d, node) == JSON_STRING ? json_inner(d, node) : json_raw(d, node);
	const size_t whole = s.n;

	if (s.n > EXAMPLE_BYTES) {
		s.n = EXAMPLE_BYTES;
		while (s.n && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
			s.n--;
		while (s.n && s.p[s.n - 1] == '\\')
			s.n--;
	}
	/* JSON may have line breaks between its tokens. */
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20)
			s.n = i;
	*cut = s.n < whole;
	return s;
}

static void
add_cut_kinds(const struct rows_work *const w, struct buf *const out)
{
	for (uint32_t k = 0; k < w->cut_count; k++) {
		bool cut;
		const struct span s = example(w->v->d, w->cut[k].node, &cut);

		buf_addf(out, "%s%u like \"%.*s%s\"", k ? ", " : "\n" CELL_GAP "of these ",
			 w->cut[k].rows, SPAN_ARG(s), cut ? CELL_GAP : "");
	}
}

/* How well the column tells what a row is; 0: not. */
static unsigned
rank_of(const struct rows_work *const w, const uint32_t c)
{
	static const char *const names[] = { "type", "kind", "state", "status", "category", "event", "result" };
	const struct view_column *const column = &w->v->columns[c];

	if (column->kinds < 2 || column->kinds > TOTALS_GROUPS || !is_counted(w->v, c) ||
	    column->end - column->first < w->rows - w->rows / 10)
		return 0;
	if (column->meaning == MEANING_LEVEL)
		return 4;
	if (column->meaning == MEANING_STATUS)
		return 3;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (name_hash(w->v->t->columns[column->column].name) == name_hash(span_str(names[i])))
			return 2;
	return 0;
}

static enum err
group_rows(struct rows_work *const w, struct elide_totals *const totals)
{
	const struct view *const v = w->v;
	struct kind kinds[TOTALS_GROUPS];
	uint32_t best = 0;

	for (uint32_t c = 1; c < v->column_count; c++)
		if (rank_of(w, c) > (best ? rank_of(w, best) : 0))
			best = c;
	const uint32_t n = best ? list_kinds(w, &v->columns[best], TOTALS_GROUPS, kinds) : 0;
	if (n == 0)
		return OK;
	totals->least_gap = v->columns[best].meaning == MEANING_LEVEL ? LEAST_LEVEL_GAP : LEAST_GAP;
	totals->group = arena_zalloc(w->a, w->rows);
	if (!totals->group)
		return ERR_NOMEM;
	for (uint32_t k = 0; k < n; k++)
		totals->names[k] = spelling(v, &v->values[kinds[k].first]);
	for (uint32_t i = v->columns[best].first; i < v->columns[best].end; i++)
		totals->group[v->values[i].row] =
			(uint8_t)tally_get(&w->tally, v->values[i].exact)->kept;
	return OK;
}

enum err
totals_make(struct rows_work *const w, struct elide_totals **const out)
{
	struct elide_totals *const totals = arena_zalloc(w->a, sizeof *totals);
	struct buf b;

	if (!totals)
		return ERR_NOMEM;
	if (!fuel_use(w->fuel, 4 * (uint64_t)w->v->value_count + 2 * (uint64_t)w->rows))
		return ERR_FUEL;
	TRY(group_rows(w, totals));
	buf_init(&b, (size_t)1 << 14);
	buf_addf(&b, "\n" CELL_GAP "all %u rows:", w->rows);
	const size_t before = b.n;
	add_columns(w, &b);
	if (b.n == before)
		buf_clear(&b);
	add_cut_kinds(w, &b);
	enum err e = buf_err(&b);
	if (e == OK && b.n) {
		totals->text = arena_copy(w->a, buf_span(&b));
		e = totals->text.p ? OK : ERR_NOMEM;
	}
	buf_free(&b);
	*out = totals;
	return e;
}
