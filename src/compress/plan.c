#include "compress/plan.h"

#include "compress/affix.h"
#include "compress/derive.h"
#include "compress/wording.h"

struct planner {
	struct plan *plan;
	struct arena *a;
	struct fuel *fuel;
	struct column *work;
};

static enum err
add_table(struct plan *const p, struct arena *const a, const struct table *const t)
{
	if (p->count == p->room) {
		const uint32_t room = p->room ? 2 * p->room : 8;
		struct table *const more = arena_grow(a, p->tables, p->room * sizeof *more,
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

		if (define_of(pl->plan->definitions, i)) {
			i = d->nodes[i].next;
			continue;
		}
		if (d->nodes[i].type >= JSON_ARRAY && d->nodes[i].count >= TABLE_ROWS)
			e = table_read(d, pl->plan->definitions, i, pl->work, pl->a, pl->fuel, &t);
		if (e == ERR_UNSUPPORTED) {
			i++;
			continue;
		}
		if (e != OK)
			return e;
		TRY(derive_choose(d, &t, pl->a, pl->fuel));
		TRY(wording_choose(d, &t, pl->a, pl->fuel));
		TRY(affix_choose(&t, pl->a, pl->fuel));
		TRY(add_table(pl->plan, pl->a, &t));
		i = d->nodes[i].next;
	}
	return OK;
}

/* A value that is said once for many rows refers to no table. */
static enum err
plan_cells(struct planner *const pl, const struct table t)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	for (uint32_t r = 0; r < t.row_count; r++)
		if (t.rows[r].json)
			TRY(plan_range(pl, t.rows[r].node, d->nodes[t.rows[r].node].next));
	for (uint32_t c = 0; c < t.cell_count; c++) {
		const uint32_t node = t.cells[c].node;
		const struct column *const column = &t.columns[t.cells[c].column];

		if (json_type(d, node) >= JSON_ARRAY && !column->constant && !column->marked)
			TRY(plan_range(pl, node, d->nodes[node].next));
	}
	return OK;
}

enum err
plan_tables(const struct source *const s, const struct definitions *const definitions,
	    struct arena *const a, struct fuel *const fuel, struct plan *const out)
{
	struct plan p = { .source = s, .definitions = definitions };
	struct planner pl = { &p, a, fuel, ARENA_ARRAY(a, struct column, TABLE_COLUMNS) };

	p.table_of = arena_zalloc(a, s->doc.count * sizeof *p.table_of);
	if (!pl.work || !p.table_of)
		return ERR_NOMEM;
	TRY(plan_range(&pl, 0, s->doc.count));
	for (uint32_t t = 0; t < p.count; t++)
		TRY(plan_cells(&pl, p.tables[t]));
	*out = p;
	return OK;
}
