#include "compress/elide_rows.h"

/* Columns with at most so many different values, or shapes, say what kinds of
 * rows there are. */
#define KINDS 12u
#define SHAPES 24u

/* Sees to it that every value, or shape, of the column is in a row that stays. */
static void
cover(struct rows_work *const w, const struct view_column *const c, const bool by_value)
{
	const struct value *const values = w->v->values;

	tally_reset(&w->tally, c->end - c->first);
	for (uint32_t i = c->first; i < c->end; i++) {
		const uint64_t key = by_value ? values[i].exact : values[i].shape;

		tally_add(&w->tally, key, i)->kept |= w->reasons[values[i].row] != 0;
	}
	for (uint32_t i = c->first; i < c->end; i++) {
		const uint64_t key = by_value ? values[i].exact : values[i].shape;
		struct tally_entry *const e = tally_get(&w->tally, key);

		if (e->kept)
			continue;
		e->kept = 1;
		w->reasons[values[i].row] |= ELIDE_SAMPLE;
	}
}

enum err
rows_keep_sample(struct rows_work *const w, const uint32_t longest_gap)
{
	const struct view *const v = w->v;
	uint32_t gap = 0;

	if (!fuel_use(w->fuel, 4 * (uint64_t)v->value_count + w->rows))
		return ERR_FUEL;
	for (uint32_t i = 1; i < v->column_count; i++) {
		const struct view_column *const c = &v->columns[i];

		if (c->kinds > 1 && c->kinds <= KINDS)
			cover(w, c, true);
		else if (c->shapes > 1 && c->shapes <= SHAPES)
			cover(w, c, false);
	}
	for (uint32_t r = 0; r < w->rows; r++) {
		gap = w->reasons[r] ? 0 : gap + 1;
		if (gap > longest_gap) {
			w->reasons[r] |= ELIDE_SAMPLE;
			gap = 0;
		}
	}
	return OK;
}
