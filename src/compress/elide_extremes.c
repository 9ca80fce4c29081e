#include "compress/elide_number.h"
#include "compress/elide_rows.h"

#include <stdlib.h>

#define LEAST_NUMBERS 8u	/* fewer have no outliers */
/* 3 robust standard deviations are 3 x 1.4826 median deviations. */
#define DEVIATIONS (3 * 1.4826)
/* If more are far off, far is nothing special: so many on each side stay. */
#define FARTHEST 3u
#define LEAST_LEVEL 20u		/* rows on each side of a change of level */
#define LEVELS 8u		/* stretches of a column that are looked at */

struct number {
	double value;
	uint32_t place;		/* in the view's values */
};

static void
keep(struct rows_work *const w, const struct number *const x)
{
	w->reasons[w->v->values[x->place].row] |= ELIDE_EXTREME;
}

static int
by_value(const void *const a, const void *const b)
{
	const struct number *const x = a, *const y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* The median of the distances from the median of `n` sorted numbers: both ends
 * are walked inwards, the farther one first. */
static double
median_distance(const struct number *const x, const uint32_t n, const double median)
{
	uint32_t lo = 0, hi = n - 1;
	double d = 0;

	for (uint32_t k = n; k > n / 2; k--) {
		const double below = median - x[lo].value, above = x[hi].value - median;

		d = below > above ? below : above;
		if (below > above)
			lo++;
		else if (hi)
			hi--;
	}
	return d;
}

/* Keeps the ends of the sorted numbers, and whatever is far from their median. */
static void
keep_far(struct rows_work *const w, const struct number *const x, const uint32_t n)
{
	const double median = x[n / 2].value;
	const double far = DEVIATIONS * median_distance(x, n, median);
	uint32_t low = 0, high = 0;

	while (low < n && median - x[low].value > far)
		low++;
	while (high < n && x[n - 1 - high].value - median > far)
		high++;
	if (low + high > w->few) {
		low = low < FARTHEST ? low : FARTHEST;
		high = high < FARTHEST ? high : FARTHEST;
	}
	low += low == 0;
	high += high == 0;
	for (uint32_t i = 0; i < low; i++)
		keep(w, &x[i]);
	for (uint32_t i = 0; i < high; i++)
		keep(w, &x[n - 1 - i]);
}

/* Where between `from` and `to` the numbers turn from mostly below the median to
 * mostly above it or back, further than chance would bring it; 0: nowhere. */
static uint32_t
find_change(const struct number *const x, const uint32_t from, const uint32_t to,
	    const double median)
{
	const double n = to - from;
	double sum = 0, total = 0, farthest = 0;
	uint32_t where = 0;

	for (uint32_t i = from; i < to; i++)
		total += (x[i].value > median) - (x[i].value < median);
	for (uint32_t i = from; i + LEAST_LEVEL < to; i++) {
		sum += (x[i].value > median) - (x[i].value < median);
		const double d = sum - total * (i + 1 - from) / n;

		if (i + 1 >= from + LEAST_LEVEL && d * d > farthest) {
			farthest = d * d;
			where = i + 1;
		}
	}
	/* Kolmogorov: random signs stray beyond 2.2 square roots once in 8,000 columns. */
	return farthest > 2.2 * 2.2 * n ? where : 0;
}

/* Keeps the rows on both sides of each change of level; `x` is in row order. */
static void
keep_changes(struct rows_work *const w, const struct number *const x, const uint32_t n,
	     const double median)
{
	uint32_t ends[LEVELS + 1] = { 0, n };
	uint32_t count = 1;

	for (uint32_t k = 0; k < count;) {
		const uint32_t at = find_change(x, ends[k], ends[k + 1], median);

		if (at == 0 || count == LEVELS) {
			k++;
			continue;
		}
		memmove(ends + k + 2, ends + k + 1, (count - k) * sizeof *ends);
		ends[k + 1] = at;
		count++;
		keep(w, &x[at - 1]);
		keep(w, &x[at]);
	}
}

/* The column's numbers in row order; 0 when it has others than numbers, too few,
 * or they only rise or fall: their ends are the first and last rows. */
static uint32_t
collect(const struct view *const v, const struct view_column *const c, struct number *const x)
{
	uint32_t n = 0, rises = 0, falls = 0, others = 0;

	for (uint32_t i = c->first; i < c->end; i++) {
		const struct value *const value = &v->values[i];

		x[n].place = i;
		if (!elide_number(view_text(v, value), &x[n].value)) {
			others += json_type(v->d, value->node) != JSON_NULL;
			continue;
		}
		if (n) {
			rises += x[n].value > x[n - 1].value;
			falls += x[n].value < x[n - 1].value;
		}
		n++;
	}
	return n >= LEAST_NUMBERS && others <= n / 10 && rises && falls ? n : 0;
}

static uint32_t
log2_of(const uint32_t n)
{
	uint32_t k = 0;

	while (n >> k)
		k++;
	return k;
}

enum err
rows_keep_extremes(struct rows_work *const w)
{
	const struct view *const v = w->v;
	struct number *const x = ARENA_ARRAY(w->a, struct number, 2 * (size_t)w->rows);
	struct number *const sorted = x + w->rows;

	if (!x)
		return ERR_NOMEM;
	for (uint32_t i = 1; i < v->column_count; i++) {
		struct view_column *const c = &v->columns[i];

		if (c->end - c->first < LEAST_NUMBERS || v->columns[i].constant ||
		    c->meaning == MEANING_ID)
			continue;
		const uint32_t n = collect(v, c, x);
		if (n == 0)
			continue;
		if (!fuel_use(w->fuel, (uint64_t)n * (LEVELS + log2_of(n))))
			return ERR_FUEL;
		memcpy(sorted, x, n * sizeof *x);
		qsort(sorted, n, sizeof *sorted, by_value);
		c->numbers = true;
		c->least = sorted[0].place;
		c->median = sorted[n / 2].place;
		c->most = sorted[n - 1].place;
		keep_far(w, sorted, n);
		keep_changes(w, x, n, sorted[n / 2].value);
	}
	return OK;
}
