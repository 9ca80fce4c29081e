#include "compress/elide_rows.h"

/* A value is rare in at most this share of the rows. */
#define RARE_SHARE 50u
/* If the rare values of a column take more than this share, they are no exceptions. */
#define RARE_ROWS_SHARE 10u
/* Words that stand in one row only may take more. */
#define SINGLE_ROWS_SHARE 5u

#define ID_ROWS 8u	/* more rows than that do not belong together by an id */

static uint32_t
share(const uint32_t rows, const uint32_t of)
{
	return rows < of ? 1 : rows / of;
}

enum key { BY_TYPE, BY_VALUE, BY_SHAPE };

static uint64_t
key_of(const struct view *const v, const struct value *const value, const enum key key)
{
	if (key == BY_TYPE) {
		const enum json_type type = json_type(v->d, value->node);
		const bool empty = type >= JSON_STRING && json_raw(v->d, value->node).n == 2;

		return 1 + 2 * (uint64_t)type + empty;
	}
	return key == BY_VALUE ? value->exact : value->shape;
}

/* Keeps the rows with a rare one, unless they are too many. Returns whether
 * they were not. */
static bool
keep_rare(struct rows_work *const w, const struct view_column *const c, const enum key key)
{
	const uint32_t rare = share(w->rows, RARE_SHARE);
	uint32_t n = 0;

	tally_reset(&w->tally, c->end - c->first);
	for (uint32_t i = c->first; i < c->end; i++)
		tally_add(&w->tally, key_of(w->v, &w->v->values[i], key), i);
	for (uint32_t i = c->first; i < c->end; i++)
		n += tally_get(&w->tally, key_of(w->v, &w->v->values[i], key))->count <= rare;
	if (n > share(w->rows, RARE_ROWS_SHARE))
		return false;
	for (uint32_t i = c->first; n && i < c->end; i++)
		if (tally_get(&w->tally, key_of(w->v, &w->v->values[i], key))->count <= rare)
			w->reasons[w->v->values[i].row] |= ELIDE_RARE;
	return true;
}

/* The same for words, no numbers, that no other row has; they are in the tally. */
static void
keep_single(struct rows_work *const w, const struct view_column *const c)
{
	const struct value *const values = w->v->values;
	uint32_t n = 0;

	for (uint32_t i = c->first; i < c->end; i++)
		n += tally_get(&w->tally, values[i].exact)->count == 1;
	for (uint32_t i = c->first; n <= share(w->rows, SINGLE_ROWS_SHARE) && i < c->end; i++)
		if (tally_get(&w->tally, values[i].exact)->count == 1 && values[i].words &&
		    json_type(w->v->d, values[i].node) == JSON_STRING)
			w->reasons[values[i].row] |= ELIDE_RARE;
}

/* Keeps rows that have a member which most lack, or lack one that most have. */
static void
keep_odd_members(struct rows_work *const w, const struct view_column *const c)
{
	const struct value *const values = w->v->values;
	const uint32_t rare = share(w->rows, RARE_SHARE), have = c->end - c->first;

	if (have <= rare)
		for (uint32_t i = c->first; i < c->end; i++)
			w->reasons[values[i].row] |= ELIDE_RARE;
	if (have == w->rows || w->rows - have > rare)
		return;
	for (uint32_t r = 0, i = c->first; r < w->rows; r++) {
		if (i < c->end && values[i].row == r)
			i++;
		else
			w->reasons[r] |= ELIDE_RARE;
	}
}

/* Rows that fit no columns. */
static void
keep_json_rows(struct rows_work *const w)
{
	if (w->v->json_count <= share(w->rows, RARE_ROWS_SHARE))
		for (uint32_t i = 0; i < w->v->json_count; i++)
			w->reasons[w->v->json_rows[i].row] |= ELIDE_RARE;
}

enum err
rows_keep_rare(struct rows_work *const w)
{
	const struct view *const v = w->v;

	if (!fuel_use(w->fuel, 8 * (uint64_t)v->value_count + w->rows))
		return ERR_FUEL;
	keep_json_rows(w);
	for (uint32_t i = 1; i < v->column_count; i++) {
		struct view_column *const c = &v->columns[i];

		if (c->end == c->first || v->columns[i].constant)
			continue;
		keep_odd_members(w, c);
		(void)keep_rare(w, c, BY_TYPE);
		const bool few = keep_rare(w, c, BY_VALUE);
		c->kinds = w->tally.distinct;
		if (!few) {
			keep_single(w, c);
			(void)keep_rare(w, c, BY_SHAPE);
		}
		c->shapes = w->tally.distinct;
	}
	return OK;
}

/* Keeps what shares an id with the rows that have one of `reasons`, up to `most`. */
static void
follow_id(struct rows_work *const w, const struct view_column *const c, const unsigned reasons,
	  uint32_t *const most)
{
	const struct value *const values = w->v->values;

	tally_reset(&w->tally, c->end - c->first);
	for (uint32_t i = c->first; i < c->end; i++)
		tally_add(&w->tally, values[i].exact, i);
	for (uint32_t i = c->first; i < c->end; i++)
		if (w->reasons[values[i].row] & reasons)
			tally_get(&w->tally, values[i].exact)->kept = 1;
	for (uint32_t i = c->first; i < c->end && *most; i++) {
		const struct tally_entry *const e = tally_get(&w->tally, values[i].exact);

		if (!e->kept || e->count > ID_ROWS || w->reasons[values[i].row])
			continue;
		w->reasons[values[i].row] |= ELIDE_RELATED;
		--*most;
	}
}

enum err
rows_keep_related(struct rows_work *const w)
{
	static const unsigned reasons[] = { ELIDE_MATCH, ELIDE_TROUBLE, ELIDE_RARE | ELIDE_EXTREME };
	const struct view *const v = w->v;
	uint32_t most = 2 * w->few;

	if (!fuel_use(w->fuel, 8 * (uint64_t)v->value_count + w->rows))
		return ERR_FUEL;
	for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
		for (uint32_t i = 1; i < v->column_count; i++)
			if (v->columns[i].meaning == MEANING_ID && !v->columns[i].constant)
				follow_id(w, &v->columns[i], reasons[k], &most);
	return OK;
}
