#include "compress/elide_rows.h"
#include "compress/minify.h"

/* A single word is specific in at most one row of 20, several in one of 10. */
#define WORD_ROWS(w) ((w)->few)
#define PHRASE_ROWS(w) (2 * (w)->few)

static uint32_t
bits(uint64_t set)
{
	uint32_t n = 0;

	for (; set; set &= set - 1)
		n++;
	return n;
}

/* The phrases that few rows hold, in *specific, and those that no more than half do. */
static void
judge(const struct rows_work *const w, const struct lexicon *const x, uint64_t *const specific,
      uint64_t *const telling)
{
	*specific = *telling = 0;
	for (uint32_t i = 0; i < x->phrase_count; i++) {
		const uint64_t bit = (uint64_t)1 << i;
		uint32_t n = 0;

		for (uint32_t r = 0; r < w->rows; r++)
			n += (w->v->phrases[r] & bit) != 0;
		if (n <= (x->phrases[i].count > 1 ? PHRASE_ROWS(w) : WORD_ROWS(w)))
			*specific |= bit;
		if (n <= w->rows / 2)
			*telling |= bit;
	}
}

/* The least number of telling phrases, two or more, that only few rows hold together. */
static uint32_t
find_combination(const struct rows_work *const w, const uint64_t telling)
{
	uint32_t rows[LEXICON_PHRASES + 1] = { 0 };
	uint32_t n = 0, k = LEXICON_PHRASES;

	for (uint32_t r = 0; r < w->rows; r++)
		rows[bits(w->v->phrases[r] & telling)]++;
	while (k > 1 && n + rows[k] <= w->few)
		n += rows[k--];
	return k + 1;
}

enum err
rows_keep_matches(struct rows_work *const w, const struct lexicon *const x)
{
	uint64_t specific, telling;

	if (x->phrase_count == 0)
		return OK;
	if (!fuel_use(w->fuel, (uint64_t)w->rows * (x->phrase_count / 8 + 2)))
		return ERR_FUEL;
	judge(w, x, &specific, &telling);
	const uint32_t together = find_combination(w, telling);
	for (uint32_t r = 0; r < w->rows; r++)
		if ((w->v->phrases[r] & specific) ||
		    bits(w->v->phrases[r] & telling) >= together)
			w->reasons[r] |= ELIDE_MATCH;
	return OK;
}

enum err
rows_keep_patterns(struct rows_work *const w, const struct must_keep *const k,
		   const struct span tool)
{
	struct regex_matcher *m;
	struct buf row;
	enum err e = OK;

	if (!must_keep_applies(k, tool))
		return OK;
	m = regex_matcher_make();
	if (!m)
		return ERR_NOMEM;
	buf_init(&row, w->v->d->text.n);
	for (uint32_t r = 0; e == OK && r < w->rows; r++) {
		buf_clear(&row);
		minify_value(w->v->d, w->v->t->rows[r].node, &row);
		e = buf_err(&row);
		if (e == OK)
			e = must_keep_search(k, tool, m, buf_span(&row), w->fuel);
		if (e == OK)
			w->reasons[r] |= ELIDE_MATCH;
		else if (e == ERR_NOT_FOUND)
			e = OK;
	}
	buf_free(&row);
	regex_matcher_free(&m);
	return e;
}
