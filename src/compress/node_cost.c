#include "compress/node_cost.h"

static void
cost_json(const struct json_doc *const d, const uint32_t node, uint32_t *const cost)
{
	for (uint32_t i = node; i < d->nodes[node].next; i++)
		cost[i] = node_cost_json(&d->nodes[i]);
}

/* Of a cell that holds no container, and whose value is not said for the column. */
static uint32_t
cost_cell(const struct column *const c, const struct cell *const cell)
{
	if (c->derived && !c->has_hole)
		return 0;
	return (uint32_t)cell->text.n - c->prefix - c->suffix + NODE_COST_SEPARATOR;
}

static void
cost_table(const struct json_doc *const d, const struct table *const t, uint32_t *const cost)
{
	memset(cost + t->container, 0, (d->nodes[t->container].next - t->container) * sizeof *cost);
	for (uint32_t r = 0; r < t->row_count; r++)
		if (t->rows[r].json)
			cost_json(d, t->rows[r].node, cost);
	for (uint32_t i = 0; i < t->cell_count; i++) {
		const struct cell *const cell = &t->cells[i];
		const struct column *const c = &t->columns[cell->column];

		const bool said = c->constant || (c->marked && cell_is_long(cell->text));

		if (c->step.n || (said && i != (c->constant ? c->first : c->first_long)))
			continue;
		if (said || json_type(d, cell->node) >= JSON_ARRAY)
			cost_json(d, cell->node, cost);
		else
			cost[cell->node] = cost_cell(c, cell);
	}
}

enum err
node_costs(const struct plan *const p, struct arena *const a, struct fuel *const fuel,
	   uint32_t **const out)
{
	const struct json_doc *const d = &p->source->doc;
	uint32_t *const cost = ARENA_ARRAY(a, uint32_t, d->count);

	if (!cost)
		return ERR_NOMEM;
	if (!fuel_use(fuel, d->count))
		return ERR_FUEL;
	cost_json(d, 0, cost);
	/* A table within a cell comes after the one it is in. */
	for (uint32_t k = 0; k < p->count; k++) {
		if (!fuel_use(fuel, d->nodes[p->tables[k].container].next - p->tables[k].container))
			return ERR_FUEL;
		cost_table(d, &p->tables[k], cost);
	}
	*out = cost;
	return OK;
}
