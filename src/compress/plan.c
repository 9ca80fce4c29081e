#include "compress/plan.h"

#include "compress/affix.h"
#include "compress/derive.h"
#include "compress/kinds.h"
#include "compress/sequence.h"
#include "compress/wording.h"

struct planner {
	struct plan *plan;
	struct arena *a;
	struct fuel *fuel;
	struct column *work;
	struct kinds_finder *finder;
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

/* Chooses how the columns of a table that was read are written. */
static enum err
choose_columns(const struct planner *const pl, struct table *const t)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	TRY(derive_choose(d, t, pl->a, pl->fuel));
	TRY(wording_choose(d, t, pl->a, pl->fuel));
	return affix_choose(t, pl->a, pl->fuel);
}

/* Reads the rows of one kind, or all, and chooses how their columns are written. */
static enum err
read_part(struct planner *const pl, const uint32_t container, const struct row_kind *const kind,
	  struct table *const out)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	TRY(table_read(d, pl->plan->definitions, container, kind, pl->work, pl->a, pl->fuel, out));
	return choose_columns(pl, out);
}

/* Forgets a kind that makes no columns: its rows stand as JSON. */
static void
drop_kind(struct kinds *const kinds, const uint32_t k, const uint32_t rows)
{
	for (uint32_t r = 0; r < rows; r++) {
		if (kinds->of[r] == k)
			kinds->of[r] = KIND_NONE;
		else if (kinds->of[r] != KIND_NONE && kinds->of[r] > k)
			kinds->of[r]--;
	}
	memmove(kinds->kind + k, kinds->kind + k + 1, (--kinds->count - k) * sizeof *kinds->kind);
}

static enum err
read_kinds(struct planner *const pl, const uint32_t container, struct kinds *const kinds,
	   struct table *const out)
{
	const struct json_doc *const d = &pl->plan->source->doc;
	struct table parts[KINDS];

	for (uint32_t k = 0; k < kinds->count;) {
		kinds->kind[k].of = kinds->of;
		kinds->kind[k].number = (uint8_t)k;
		const enum err e = read_part(pl, container, &kinds->kind[k], &parts[k]);

		if (e == ERR_UNSUPPORTED)
			drop_kind(kinds, k, d->nodes[container].count);
		else if (e != OK)
			return e;
		else
			k++;
	}
	return kinds->count ? kinds_join(d, container, kinds, parts, pl->a, out) : ERR_UNSUPPORTED;
}

static enum err
read_table(struct planner *const pl, const uint32_t container, struct table *const out)
{
	const struct json_doc *const d = &pl->plan->source->doc;
	struct kinds kinds;
	const enum err e = kinds_find(pl->finder, d, container, pl->a, pl->fuel, &kinds);

	if (e == ERR_UNSUPPORTED)
		return read_part(pl, container, NULL, out);
	return e == OK ? read_kinds(pl, container, &kinds, out) : e;
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
			e = read_table(pl, i, &t);
		if (e == ERR_UNSUPPORTED) {
			i++;
			continue;
		}
		if (e != OK)
			return e;
		if (!t.kinds)
			TRY(sequence_choose(d, &t, pl->a, pl->fuel));
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

static enum err
plan_group(struct planner *const pl, const struct definition_group *const g,
	   struct table **const out)
{
	const struct definitions *const defs = pl->plan->definitions;
	uint32_t *const nodes = ARENA_ARRAY(pl->a, uint32_t, g->count);
	struct table *const t = arena_alloc(pl->a, sizeof *t);

	if (!nodes || !t)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < g->count; i++)
		nodes[i] = defs->list[g->first + i].node;
	const enum err e = table_read_group(&pl->plan->source->doc, defs, g, nodes, pl->work,
					    pl->a, pl->fuel, t);
	if (e == ERR_UNSUPPORTED)
		return OK;
	TRY(e);
	TRY(choose_columns(pl, t));
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
		TRY(plan_cells(&pl, p.tables[t]));
	*out = p;
	return OK;
}
