#include "compress/elide.h"

#include "compress/elide_words.h"

#define LEAST_ROWS 12u		/* shorter tables stay whole */
#define FIRST_ROWS 3u
#define LAST_ROWS 2u
#define SMALL_GAP 2u		/* rows that are not worth a gap's mark */

static bool
row_has_trouble(const struct json_doc *const d, const struct table *const t, const uint32_t row,
		const struct trouble_words *const words)
{
	if (t->rows[row].json)
		return true;
	for (uint32_t c = t->rows[row].cells; c < t->rows[row + 1].cells; c++)
		if (json_type(d, t->cells[c].node) >= JSON_STRING &&
		    trouble_in(words, json_raw(d, t->cells[c].node)))
			return true;
	return false;
}

/* Rows evenly over the table. */
static void
keep_sample(struct table *const t)
{
	uint32_t step = 4;

	while (step * step < t->row_count)
		step++;
	for (uint32_t r = step / 2; r < t->row_count; r += step)
		t->reasons[r] |= ELIDE_SAMPLE;
}

/* Gaps that are hardly shorter than their rows are filled. Returns how many
 * rows are left out. */
static uint32_t
fill_small_gaps(struct table *const t)
{
	uint32_t left_out = 0;

	for (uint32_t r = 0, end; r < t->row_count; r = end + 1) {
		for (end = r; end < t->row_count && !t->reasons[end];)
			end++;
		if (end - r > SMALL_GAP)
			left_out += end - r;
		else
			memset(t->reasons + r, ELIDE_SMALL_GAP, end - r);
	}
	return left_out;
}

static enum err
choose_rows(const struct json_doc *const d, struct table *const t,
	    const struct trouble_words *const words, struct arena *const a, struct fuel *const fuel)
{
	const uint32_t n = t->row_count;

	/* What is looked up by key stays whole. */
	if (n < LEAST_ROWS || t->keyed)
		return OK;
	if (!fuel_use(fuel, (uint64_t)n + d->nodes[t->container].len))
		return ERR_FUEL;
	t->reasons = arena_zalloc(a, n);
	if (!t->reasons)
		return ERR_NOMEM;
	for (uint32_t r = 0; r < n; r++) {
		if (r < FIRST_ROWS || r >= n - LAST_ROWS)
			t->reasons[r] |= ELIDE_EDGE;
		if (row_has_trouble(d, t, r, words))
			t->reasons[r] |= ELIDE_TROUBLE;
	}
	keep_sample(t);
	if (fill_small_gaps(t) == 0)
		t->reasons = NULL;
	return OK;
}

enum err
elide_choose(struct plan *const p, const struct compress_in *const in, struct arena *const a,
	     struct fuel *const fuel)
{
	struct trouble_words words;
	bool any = false;

	trouble_words_init(&words);
	for (uint32_t i = 0; i < p->count; i++) {
		TRY(choose_rows(&p->source->doc, &p->tables[i], &words, a, fuel));
		any |= p->tables[i].reasons != NULL;
	}
	if (!any)
		return ERR_NOT_FOUND;
	p->hash = in->hash;
	return OK;
}
