#include "compress/define_text.h"

#define TEXT_BYTES 64u	/* shorter ones are best read where they stand */
/* In quarters of a token. */
#define COST_NAME 10u
#define COST_DEFINITION 12u
#define LEAST_GAIN 40u

/* Does the plan write it whole, where a name could stand? */
static bool
is_candidate(const struct json_doc *const d, const struct interned *const values,
	     const struct text_costs *const costs, const uint32_t node)
{
	const struct json_node *const n = &d->nodes[node];

	return n->type == JSON_STRING && n->len >= TEXT_BYTES && !costs->is_key[node] &&
	       (uint64_t)costs->cost[node] * 8 >= (uint64_t)n->len * 7 &&
	       intern_has_class(values, node);
}

enum err
define_texts(const struct json_doc *const d, const struct interned *const values,
	     const struct text_costs *const costs, struct arena *const a,
	     struct fuel *const fuel, bool *const chosen, uint64_t *const gain)
{
	uint32_t *const uses = arena_zalloc(a, values->count * sizeof *uses);

	if (!uses)
		return ERR_NOMEM;
	if (!fuel_use(fuel, d->count + values->count))
		return ERR_FUEL;
	for (uint32_t i = 0; i < d->count;) {
		const uint32_t class = intern_has_class(values, i) ? intern_class(values, i) : 0;
		const bool container = d->nodes[i].type >= JSON_ARRAY;

		if (container && chosen[class] && values->classes[class].first != i) {
			i = d->nodes[i].next;
			continue;
		}
		uses[class] += !container && is_candidate(d, values, costs, i);
		i++;
	}
	for (uint32_t c = 0; c < values->count; c++) {
		const uint64_t before = (uint64_t)d->nodes[values->classes[c].first].len * uses[c];
		const uint64_t after = d->nodes[values->classes[c].first].len +
				       (uint64_t)COST_NAME * uses[c] + COST_DEFINITION;

		if (uses[c] < 2 || before < after + LEAST_GAIN)
			continue;
		chosen[c] = true;
		*gain += before - after;
	}
	return OK;
}
