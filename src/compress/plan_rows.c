#include "compress/planner.h"

#include "compress/affix.h"
#include "compress/derive.h"
#include "compress/wording.h"

enum err
plan_columns(struct planner *const pl, struct table *const t)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	TRY(derive_choose(d, t, pl->a, pl->fuel));
	TRY(wording_choose(d, t, pl->a, pl->fuel));
	return affix_choose(t, pl->a, pl->fuel);
}

/* Reads the rows of one kind, or all, and chooses how their columns are written. */
static enum err
read_part(struct planner *const pl, const struct row_list *const list, const struct row_kind *const kind,
	  struct table *const out)
{
	const struct json_doc *const d = &pl->plan->source->doc;

	TRY(table_read(d, pl->plan->definitions, list, kind, pl->work, pl->a, pl->fuel, out));
	return plan_columns(pl, out);
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
read_kinds(struct planner *const pl, const struct row_list *const list, struct kinds *const kinds,
	   struct table *const out)
{
	struct table parts[KINDS];

	for (uint32_t k = 0; k < kinds->count;) {
		kinds->kind[k].of = kinds->of;
		kinds->kind[k].number = (uint8_t)k;
		const enum err e = read_part(pl, list, &kinds->kind[k], &parts[k]);

		if (e == ERR_UNSUPPORTED)
			drop_kind(kinds, k, list->count);
		else if (e != OK)
			return e;
		else
			k++;
	}
	return kinds->count ? kinds_join(list, kinds, parts, pl->a, out) : ERR_UNSUPPORTED;
}

enum err
plan_rows(struct planner *const pl, const struct row_list *const list, struct table *const out)
{
	struct kinds kinds;
	const enum err e = kinds_find(pl->finder, &pl->plan->source->doc, list, pl->a, pl->fuel, &kinds);

	if (e == ERR_UNSUPPORTED)
		return read_part(pl, list, NULL, out);
	return e == OK ? read_kinds(pl, list, &kinds, out) : e;
}

enum err
plan_list(struct planner *const pl, const uint32_t *const containers, const uint32_t n,
	  struct row_list *const out)
{
	const struct json_doc *const d = &pl->plan->source->doc;
	const bool keyed = json_type(d, containers[0]) == JSON_OBJECT;
	struct row_list list = { .keyed = keyed };
	uint32_t *nodes, rows = 0;

	for (uint32_t k = 0; k < n; k++)
		rows += d->nodes[containers[k]].count;
	nodes = ARENA_ARRAY(pl->a, uint32_t, (size_t)rows + 1);
	if (!nodes)
		return ERR_NOMEM;
	for (uint32_t k = 0; k < n; k++) {
		list.bytes += d->nodes[containers[k]].len;
		for (uint32_t i = containers[k] + 1; i < d->nodes[containers[k]].next;) {
			nodes[list.count++] = i + keyed;
			i = d->nodes[i + keyed].next;
		}
	}
	list.nodes = nodes;
	*out = list;
	return fuel_use(pl->fuel, rows) ? OK : ERR_FUEL;
}
