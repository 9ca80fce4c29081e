#include "compress/elide.h"

#include "compress/elide_hints.h"
#include "compress/elide_totals.h"

#define LEAST_ROWS 12u		/* shorter tables stay whole */
#define TABLES_SHARE 5u		/* of the text that tables must take, or their rows stay */
#define FIRST_ROWS 3u
#define LAST_ROWS 2u
#define LEAST_FEW 3u
#define FEW_SHARE 20u		/* a kind of at most 5 % of the rows is kept in full */
#define TOTALS_ROWS 16u		/* left out; fewer need no totals */
#define SMALL_GAP_BYTES 40u	/* shorter gaps are filled: their mark would hardly be shorter */

static uint32_t
root_of(const uint32_t n)
{
	uint32_t root = 1;

	while ((uint64_t)(root + 1) * (root + 1) <= n)
		root++;
	return root;
}

/* Rows in a row that may go, at a level of 1 and more. */
static uint32_t
longest_gap(const uint32_t level, const uint32_t rows)
{
	static const uint32_t short_gaps[] = { 16, 8, 4, 2, 1 };

	if (level < 4)
		return (4 * root_of(rows) + 20) >> (level - 1);
	return short_gaps[level - 4];
}

/* Bytes that the row takes in the table, roughly. */
static size_t
row_bytes(const struct table *const t, const struct json_doc *const d, const uint32_t r)
{
	size_t n = 0;

	if (t->rows[r].json)
		return d->nodes[t->rows[r].node].len;
	for (uint32_t i = t->rows[r].cells; i < t->rows[r + 1].cells; i++)
		if (column_has_cells(&t->columns[t->cells[i].column]))
			n += t->cells[i].text.n + 1;
	return n;
}

/* Fills gaps that are hardly shorter than their rows. Returns how many rows are
 * left out. */
static uint32_t
fill_small_gaps(struct table *const t, const struct json_doc *const d)
{
	uint32_t left_out = 0;

	for (uint32_t r = 0, end; r < t->row_count; r = end + 1) {
		size_t bytes = 0;

		for (end = r; end < t->row_count && !t->reasons[end]; end++)
			bytes += row_bytes(t, d, end);
		if (bytes > SMALL_GAP_BYTES)
			left_out += end - r;
		else
			memset(t->reasons + r, ELIDE_SMALL_GAP, end - r);
	}
	return left_out;
}

static enum err
choose_rows(struct rows_work *const w, const struct lexicon *const x,
	    const struct compress_in *const in, const uint32_t level)
{
	for (uint32_t r = 0; r < w->rows; r++)
		if (r < FIRST_ROWS || r >= w->rows - LAST_ROWS)
			w->reasons[r] |= ELIDE_EDGE;
	TRY(rows_keep_trouble(w));
	TRY(rows_keep_rare(w));
	TRY(rows_keep_extremes(w));
	TRY(rows_keep_inner_extremes(w));
	TRY(rows_keep_matches(w, x));
	TRY(rows_keep_patterns(w, in->must_keep, in->hints.tool));
	TRY(rows_keep_related(w));
	return level ? rows_keep_sample(w, longest_gap(level, w->rows)) : OK;
}

static enum err
elide_table(const struct json_doc *const d, struct table *const t, const struct lexicon *const x,
	    const struct compress_in *const in, const uint32_t level, struct arena *const a,
	    struct fuel *const fuel)
{
	struct view v;
	struct rows_work w = { .v = &v, .rows = t->row_count, .a = a, .fuel = fuel };

	w.few = w.rows / FEW_SHARE > LEAST_FEW ? w.rows / FEW_SHARE : LEAST_FEW;
	w.reasons = t->reasons = arena_zalloc(a, t->row_count);
	if (!w.reasons)
		return ERR_NOMEM;
	TRY(tally_init(&w.tally, w.rows, a));
	TRY(view_read(d, t, x, a, fuel, &v));
	TRY(choose_rows(&w, x, in, level));
	const uint32_t left_out = fill_small_gaps(t, d);
	if (left_out == 0)
		t->reasons = NULL;
	return left_out >= TOTALS_ROWS ? totals_make(&w, &t->totals) : OK;
}

/* What is looked up by key stays whole. */
static bool
may_shorten(const struct table *const t)
{
	return t->row_count >= LEAST_ROWS && !t->keyed;
}

/* Are the tables enough of the text to leave rows out of? */
static bool
tables_matter(const struct plan *const p)
{
	const struct json_node *const nodes = p->source->doc.nodes;
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < p->count; i++)
		if (may_shorten(&p->tables[i]))
			bytes += nodes[p->tables[i].container].len;
	return bytes >= nodes[0].len / TABLES_SHARE;
}

enum err
elide_choose(struct plan *const p, const struct compress_in *const in, const uint32_t level,
	     struct arena *const a, struct fuel *const fuel)
{
	struct lexicon *const x = ARENA_ARRAY(a, struct lexicon, 1);
	const bool matter = tables_matter(p);
	bool any = false;

	if (!x)
		return ERR_NOMEM;
	lexicon_init(x);
	TRY(hints_add(&in->hints, x, a, fuel));
	for (uint32_t i = 0; i < p->count; i++) {
		struct table *const t = &p->tables[i];

		t->reasons = NULL;
		t->totals = NULL;
		if (matter && may_shorten(t))
			TRY(elide_table(&p->source->doc, t, x, in, level, a, fuel));
		any |= t->reasons != NULL;
	}
	TRY(lists_choose(p, x, a, fuel, &any));
	if (!any)
		return ERR_NOT_FOUND;
	p->hash = in->hash;
	return OK;
}
