#include "compress/plan.h"

#include "compress/planner.h"
#include "compress/sequence.h"

enum err
plan_add(struct planner *const pl, const struct table *const t)
{
	struct plan *const p = pl->plan;

	if (p->count == p->room) {
		const uint32_t room = p->room ? 2 * p->room : 8;
		struct table *const more = arena_grow(pl->a, p->tables, p->room * sizeof *more,
						      room * sizeof *more);

		if (!more)
			return ERR_NOMEM;
		p->tables = more;
		p->room = room;
	}
	p->tables[p->count++] = *t;
	p->table_of[t->container] = p->count;
	return OK;
}

static enum err
read_container(struct planner *const pl, const uint32_t container, struct table *const out)
{
	struct row_list list;

	TRY(plan_list(pl, &container, 1, &list));
	TRY(plan_rows(pl, &list, out));
	out->container = container;
	return OK;
}

/* Looks at the nodes from `i` to before `end`; what is inside a table is left
 * for plan_cells. */
static enum err
plan_range(struct planner *const pl, uint32_t i, const uint32_t end)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	if (!fuel_use(pl->fuel, end - i))
		return ERR_FUEL;
	while (i < end) {
		struct table t;
		enum err e = ERR_UNSUPPORTED;

		if (define_of(pl->plan->definitions, i) || pl->plan->table_of[i]) {
			i = d->nodes[i].next;
			continue;
		}
		if (d->nodes[i].type >= JSON_ARRAY && d->nodes[i].count >= TABLE_ROWS)
			e = read_container(pl, i, &t);
		if (e == ERR_UNSUPPORTED) {
			i++;
			continue;
		}
		if (e != OK)
			return e;
		if (!t.kinds)
			TRY(sequence_choose(d, &t, pl->a, pl->fuel));
		TRY(plan_add(pl, &t));
		i = d->nodes[i].next;
	}
	return OK;
}

static enum err
plan_cells(struct planner *const pl, const struct table t)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	TRY(plan_pools(pl, &t));
	for (uint32_t r = 0; r < t.row_count; r++)
		if (t.rows[r].json)
			TRY(plan_range(pl, t.rows[r].node, d->nodes[t.rows[r].node].next));
	for (uint32_t c = 0; c < t.cell_count; c++) {
		const uint32_t node = t.cells[c].node;

		if (plan_is_within(d, &t, &t.cells[c]))
			TRY(plan_range(pl, node, d->nodes[node].next));
	}
	return OK;
}

/* The tables of a pool are looked at together, when the first of them is. */
static enum err
plan_inner(struct planner *const pl, const uint32_t i)
{
	const struct table *const t = &pl->plan->tables[i];

	if (!t->pool)
		return plan_cells(pl, *t);
	const struct table_pool *const pool = &pl->plan->pools[t->pool - 1];
	return pool->first == i ? plan_cells(pl, pool->whole) : OK;
}

static enum err
plan_group(struct planner *const pl, const struct definition_group *const g,
	   struct table **const out)
{
	const struct definitions *const defs = pl->plan->definitions;
	const struct json_doc *const d = &pl->plan->source->doc;
	uint32_t *const nodes = ARENA_ARRAY(pl->a, uint32_t, g->count);
	struct table *const t = arena_alloc(pl->a, sizeof *t);
	struct row_list list = { .nodes = nodes, .count = g->count };

	if (!nodes || !t)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < g->count; i++) {
		nodes[i] = defs->list[g->first + i].node;
		list.bytes += d->nodes[nodes[i]].len;
	}
	const enum err e = table_read_group(d, defs, g, &list, pl->work, pl->a, pl->fuel, t);
	if (e == ERR_UNSUPPORTED)
		return OK;
	TRY(e);
	TRY(plan_columns(pl, t));
	*out = t;
	return OK;
}

static enum err
plan_groups(struct planner *const pl)
{
	struct plan *const p = pl->plan;
	const uint32_t n = p->definitions ? p->definitions->group_count : 0;

	p->definition_tables = arena_zalloc(pl->a, n * sizeof *p->definition_tables);
	if (!p->definition_tables)
		return ERR_NOMEM;
	for (uint32_t g = 0; g < n; g++)
		if (p->definitions->groups[g].count >= TABLE_ROWS)
			TRY(plan_group(pl, &p->definitions->groups[g], &p->definition_tables[g]));
	return OK;
}

enum err
plan_tables(const struct source *const s, const struct definitions *const definitions,
	    struct arena *const a, struct fuel *const fuel, struct plan *const out)
{
	struct plan p = { .source = s, .definitions = definitions };
	struct planner pl = { &p, a, fuel, ARENA_ARRAY(a, struct column, TABLE_COLUMNS),
			      kinds_finder_new(a) };

	p.table_of = arena_zalloc(a, s->doc.count * sizeof *p.table_of);
	if (!pl.work || !pl.finder || !p.table_of)
		return ERR_NOMEM;
	TRY(plan_groups(&pl));
	TRY(plan_range(&pl, 0, s->doc.count));
	for (uint32_t t = 0; t < p.count; t++)
		TRY(plan_inner(&pl, t));
	*out = p;
	return OK;
}
