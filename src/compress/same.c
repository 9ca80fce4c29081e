#include "compress/same.h"

#include "json/text.h"

static enum err
same_string(const struct json_doc *const x, const struct json_doc *const y, const uint32_t i,
	    struct arena *const a)
{
	struct span sx, sy;

	if (!x->nodes[i].escaped && !y->nodes[i].escaped)
		return ERR_CONFLICT;
	const enum err ex = json_string(x, i, a, &sx), ey = json_string(y, i, a, &sy);
	if (ex == ERR_NOMEM || ey == ERR_NOMEM)
		return ERR_NOMEM;
	return ex == OK && ey == OK && span_eq(sx, sy) ? OK : ERR_CONFLICT;
}

enum err
json_same(const struct json_doc *const x, const struct json_doc *const y, struct arena *const a,
	  struct fuel *const fuel)
{
	if (x->count != y->count)
		return ERR_CONFLICT;
	if (!fuel_use(fuel, (uint64_t)x->count + x->text.n / 4))
		return ERR_FUEL;
	for (uint32_t i = 0; i < x->count; i++) {
		const struct json_node *const nx = &x->nodes[i], *const ny = &y->nodes[i];

		if (nx->type != ny->type || nx->count != ny->count || nx->next != ny->next)
			return ERR_CONFLICT;
		if (nx->type >= JSON_ARRAY || span_eq(json_raw(x, i), json_raw(y, i)))
			continue;
		if (nx->type != JSON_STRING)
			return ERR_CONFLICT;
		TRY(same_string(x, y, i, a));
	}
	return OK;
}
