#include "compress/planner.h"

/* Rough lengths of titles with their references, and of keys and quotes in a row
 * that stands as JSON. */
#define TITLE_BYTES 50u
#define LIKE_BYTES 36u
#define ROW_BYTES 40u

/* The lists of a column that are long enough for a table. */
struct lists {
	uint32_t *nodes;	/* those of one column after those of another */
	uint32_t *ends;		/* per column */
};

static bool
is_list(struct planner *const pl, const struct table *const t, const struct cell *const cell)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	return plan_is_within(d, t, cell) && d->nodes[cell->node].count >= TABLE_ROWS &&
	       !define_of(pl->plan->definitions, cell->node);
}

/* Sorts the lists in the cells by their columns. */
static enum err
find_lists(struct planner *const pl, const struct table *const t, struct lists *const out)
{
	uint32_t *const ends = arena_zalloc(pl->a, ((size_t)t->column_count + 1) * sizeof *ends);
	uint32_t *const nodes = ARENA_ARRAY(pl->a, uint32_t, (size_t)t->cell_count + 1);
	uint32_t at = 0;

	if (!ends || !nodes)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < t->cell_count; i++)
		ends[t->cells[i].column] += is_list(pl, t, &t->cells[i]);
	for (uint32_t c = 0; c < t->column_count; c++) {
		const uint32_t n = ends[c];

		ends[c] = at;
		at += n;
	}
	for (uint32_t i = 0; i < t->cell_count; i++)
		if (is_list(pl, t, &t->cells[i]))
			nodes[ends[t->cells[i].column]++] = t->cells[i].node;
	*out = (struct lists){ nodes, ends };
	return fuel_use(pl->fuel, t->cell_count + t->column_count) ? OK : ERR_FUEL;
}

static enum err
add_pool(struct planner *const pl, const struct table *const whole)
{
	struct plan *const p = pl->plan;

	if (p->pool_count == p->pool_room) {
		const uint32_t room = p->pool_room ? 2 * p->pool_room : 8;
		struct table_pool *const more = arena_grow(pl->a, p->pools,
							   p->pool_room * sizeof *more,
							   room * sizeof *more);

		if (!more)
			return ERR_NOMEM;
		p->pools = more;
		p->pool_room = room;
	}
	p->pools[p->pool_count++] = (struct table_pool){ .whole = *whole, .first = p->count };
	return OK;
}

/* Adds the rows from `from` on as the table of one of the lists. */
static enum err
add_part(struct planner *const pl, const struct table *const whole, const uint32_t container,
	 const uint32_t from)
{
	const struct json_doc *const d = &pl->plan->source->doc;
	const struct row *const rows = whole->rows + from;
	struct table t = *whole;

	t.container = container;
	t.pool = pl->plan->pool_count;
	t.row_count = d->nodes[container].count;
	t.bytes = d->nodes[container].len;
	t.cells = whole->cells + rows[0].cells;
	t.cell_count = rows[t.row_count].cells - rows[0].cells;
	t.rows = ARENA_ARRAY(pl->a, struct row, (size_t)t.row_count + 1);
	if (!t.rows)
		return ERR_NOMEM;
	t.json_rows = 0;
	for (uint32_t r = 0; r <= t.row_count; r++) {
		t.rows[r] = rows[r];
		t.rows[r].cells -= rows[0].cells;
		t.json_rows += r < t.row_count && rows[r].json;
	}
	return plan_add(pl, &t);
}

/* Roughly the bytes of the table's text. */
static uint64_t
text_bytes(const struct table *const t)
{
	uint64_t n = TITLE_BYTES;

	for (uint32_t k = 0; k < t->order_count; k++) {
		const struct column *const c = &t->columns[t->order[k]];

		for (uint32_t i = t->order[k]; i; i = t->columns[i].parent)
			n += t->columns[i].name.n + 1;
		n += c->pattern.n;
		n += column_has_cells(c) && !t->kinds ? t->row_count - c->cells : 0;
		n += c->constant ? t->cells[c->first].text.n : 0;
		n += c->marked ? t->cells[c->first_long].text.n : 0;
	}
	for (uint32_t i = 0; i < t->cell_count; i++) {
		const struct column *const c = &t->columns[t->cells[i].column];
		const size_t text = t->cells[i].text.n - c->prefix - c->suffix;

		if (column_has_cells(c))
			n += 1 + (c->marked && cell_is_long(t->cells[i].text) ? 1 : text);
	}
	for (uint32_t r = 0; r < t->row_count; r++)
		n += t->rows[r].json ? ROW_BYTES : 0;
	return n;
}

/* Reads each list as a table of its own: *bytes is what their texts have. Lists
 * that make none are left out. */
static enum err
read_alone(struct planner *const pl, const uint32_t *const containers, const uint32_t n,
	   struct table *const tables, uint32_t *const count, uint64_t *const bytes)
{
	*count = 0;
	*bytes = 0;
	for (uint32_t k = 0; k < n; k++) {
		struct table *const t = &tables[*count];
		struct row_list list;

		TRY(plan_list(pl, &containers[k], 1, &list));
		const enum err e = plan_rows(pl, &list, t);
		if (e != OK && e != ERR_UNSUPPORTED)
			return e;
		*bytes += e == OK ? text_bytes(t) : list.bytes;
		t->container = containers[k];
		*count += e == OK;
	}
	return OK;
}

/* Makes one pool of the lists, or a table of each: whatever has less text.
 * ERR_UNSUPPORTED: short lists, for which no table pays. */
static enum err
pool_lists(struct planner *const pl, const uint32_t *const containers, const uint32_t n)
{
	const struct json_doc *const d = &pl->plan->source->doc;
	struct table *const alone = ARENA_ARRAY(pl->a, struct table, (size_t)n + 1);
	struct row_list list;
	struct table whole;
	uint32_t from = 0, count;
	uint64_t bytes;

	if (!alone)
		return ERR_NOMEM;
	TRY(plan_list(pl, containers, n, &list));
	const enum err e = plan_rows(pl, &list, &whole);
	if (e != OK)
		return e;
	if (whole.gain <= COST_TABLE * (int64_t)n)
		return ERR_UNSUPPORTED;
	TRY(read_alone(pl, containers, n, alone, &count, &bytes));
	if (text_bytes(&whole) + LIKE_BYTES * (uint64_t)n >= bytes) {
		for (uint32_t k = 0; k < count; k++)
			TRY(plan_add(pl, &alone[k]));
		return OK;
	}
	TRY(add_pool(pl, &whole));
	for (uint32_t k = 0; k < n; k++) {
		TRY(add_part(pl, &whole, containers[k], from));
		from += d->nodes[containers[k]].count;
	}
	return OK;
}

enum err
plan_pools(struct planner *const pl, const struct table *const t)
{
	const struct json_doc *const d = &pl->plan->source->doc;
	struct lists lists;
	uint32_t from = 0;

	TRY(find_lists(pl, t, &lists));
	for (uint32_t c = 0; c < t->column_count; from = lists.ends[c++]) {
		const uint32_t *const nodes = lists.nodes + from;
		uint32_t n = 0;

		/* A column has arrays or objects: what is something else ends it. */
		while (n < lists.ends[c] - from && json_type(d, nodes[n]) == json_type(d, nodes[0]))
			n++;
		const enum err e = n > 1 ? pool_lists(pl, nodes, n) : ERR_UNSUPPORTED;
		if (e != OK && e != ERR_UNSUPPORTED)
			return e;
	}
	return OK;
}
