#include "compress/same.h"

#include "json/text.h"

static enum err
same_string(const struct json_doc *const x, const uint32_t i, const struct json_doc *const y,
	    const uint32_t k, struct arena *const a)
{
	struct span sx, sy;

	if (!x->nodes[i].escaped && !y->nodes[k].escaped)
		return ERR_CONFLICT;
	const enum err ex = json_string(x, i, a, &sx), ey = json_string(y, k, a, &sy);
	if (ex == ERR_NOMEM || ey == ERR_NOMEM)
		return ERR_NOMEM;
	return ex == OK && ey == OK && span_eq(sx, sy) ? OK : ERR_CONFLICT;
}

/* Containers are the same if they hold as many; their contents follow. */
static enum err
same_node(const struct json_doc *const x, const uint32_t i, const struct json_doc *const y,
	  const uint32_t k, struct arena *const a)
{
	const enum json_type type = json_type(x, i);

	if (type != json_type(y, k) || x->nodes[i].count != y->nodes[k].count)
		return ERR_CONFLICT;
	if (type >= JSON_ARRAY || span_eq(json_raw(x, i), json_raw(y, k)))
		return OK;
	return type == JSON_STRING ? same_string(x, i, y, k, a) : ERR_CONFLICT;
}

enum err
json_same_but(const struct json_doc *const x, const struct json_doc *const y,
	      const uint8_t *const gaps, struct arena *const a, struct fuel *const fuel)
{
	uint32_t i = 0, k = 0;

	if (!fuel_use(fuel, (uint64_t)x->count + x->text.n / 4))
		return ERR_FUEL;
	for (; i < x->count && k < y->count; k++) {
		if (gaps && gaps[i]) {
			if (json_type(y, k) != JSON_NULL)
				return ERR_CONFLICT;
			i = x->nodes[i].next;
			continue;
		}
		TRY(same_node(x, i, y, k, a));
		i++;
	}
	return i == x->count && k == y->count ? OK : ERR_CONFLICT;
}

enum err
json_same(const struct json_doc *const x, const struct json_doc *const y, struct arena *const a,
	  struct fuel *const fuel)
{
	return json_same_but(x, y, NULL, a, fuel);
}
