#include "compress/sequence.h"

#include "compress/affix.h"
#include "compress/moment.h"
#include "tokens/tokens.h"

#define MIN_ROWS 24u
#define COST_COLUMN 24u		/* tokens that the step and its explanation take */
#define COST_LINE 3u		/* and such a line beside the value */

static bool
read_cell(const struct json_doc *const d, const struct cell *const cell, struct moment *const m)
{
	const enum json_type type = json_type(d, cell->node);

	return (type == JSON_STRING || type == JSON_NUMBER) &&
	       moment_read(cell->text, type == JSON_NUMBER, m);
}

/* The column's cell in row `r`, which has one; *offset is where it stood in the
 * row before, and is set. */
static const struct cell *
cell_in(const struct table *const t, const uint32_t r, const uint32_t column,
	uint32_t *const offset, uint64_t *const steps)
{
	const uint32_t first = t->rows[r].cells, end = t->rows[r + 1].cells;

	++*steps;
	if (first + *offset < end && t->cells[first + *offset].column == column)
		return &t->cells[first + *offset];
	for (*offset = 0; t->cells[first + *offset].column != column; ++*offset)
		++*steps;
	return &t->cells[first + *offset];
}

/* Is the cell what `m` says? Moves `m` on to the next row's. */
static bool
is_next(const struct json_doc *const d, const struct cell *const cell, struct moment *const m,
	const enum json_type type, const int64_t step)
{
	char text[MOMENT_BYTES];
	size_t n;

	if (json_type(d, cell->node) != type || !moment_write(m, text, &n) ||
	    !span_eq(cell->text, span_of(text, n)))
		return false;
	m->count += step;
	return true;
}

/* Does the column step evenly? *m is its first moment. */
static bool
is_even(const struct json_doc *const d, const struct table *const t, const uint32_t column,
	struct moment *const m, int64_t *const step, uint64_t *const steps)
{
	const struct cell *cell = &t->cells[t->columns[column].first];
	const enum json_type type = json_type(d, cell->node);
	struct moment next;
	uint32_t offset = 0;

	if (!read_cell(d, cell, m))
		return false;
	cell = cell_in(t, 1, column, &offset, steps);
	if (!read_cell(d, cell, &next) || next.kind != m->kind || next.count == m->count)
		return false;
	*step = next.count - m->count;
	next = *m;
	for (uint32_t r = 0; r < t->row_count; r++) {
		*steps += 4;
		if (!is_next(d, cell_in(t, r, column, &offset, steps), &next, type, *step))
			return false;
	}
	return true;
}

static bool
is_eligible(const struct table *const t, const struct column *const c)
{
	return c->cells == t->row_count && !c->constant && !c->marked && !c->derived &&
	       !c->is_source && !c->is_key && !c->text && !c->wordings &&
	       !(c->flags & CELL_RAW);
}

static bool
is_worth_it(const struct table *const t, const struct column *const c)
{
	const struct span text = affix_middle(c, t->cells[c->first].text);
	const size_t tokens = tokens_count(TOKENS_O200K, text);
	const size_t lines = t->row_count / SEQUENCE_ROWS + 1;

	return tokens * t->row_count > lines * (tokens + COST_LINE) + COST_COLUMN;
}

enum err
sequence_choose(const struct json_doc *const d, struct table *const t, struct arena *const a,
		struct fuel *const fuel)
{
	uint64_t steps = 0;

	if (t->row_count < MIN_ROWS || t->json_rows)
		return OK;
	for (uint32_t k = 0; k < t->order_count; k++) {
		struct column *const c = &t->columns[t->order[k]];
		char text[MOMENT_BYTES];
		struct moment m;
		int64_t step;
		size_t n;

		if (!is_eligible(t, c) || !is_even(d, t, t->order[k], &m, &step, &steps) ||
		    !is_worth_it(t, c))
			continue;
		moment_write_step(&m, step, text, &n);
		c->step = arena_copy(a, span_of(text, n));
		if (!c->step.p)
			return ERR_NOMEM;
	}
	return fuel_use(fuel, steps) ? OK : ERR_FUEL;
}
