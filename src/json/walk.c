#include "json/walk.h"

#include "json/inner.h"

/* Is `inner`, still escaped, the text `s`? */
static bool
unescaped_is(struct span inner, struct span s)
{
	const char *p = inner.p;
	const char *const end = inner.p + inner.n;
	size_t at = 0;

	while (p < end) {
		char bytes[4] = { *p };
		size_t wrote = 1;
		const size_t took = *p == '\\' ? inner_decode(p, end, bytes, &wrote) : 1;

		if (!took || s.n - at < wrote || memcmp(s.p + at, bytes, wrote) != 0)
			return false;
		p += took;
		at += wrote;
	}
	return at == s.n;
}

static inline bool
string_is(const struct json_doc *d, uint32_t node, struct span s)
{
	const struct span inner = json_inner(d, node);

	return d->nodes[node].escaped ? unescaped_is(inner, s) : span_eq(inner, s);
}

bool
json_is(const struct json_doc *d, uint32_t node, struct span s)
{
	return node != JSON_NONE && json_type(d, node) == JSON_STRING && string_is(d, node, s);
}

uint32_t
json_get_once(const struct json_doc *d, uint32_t object, struct span key, bool *twice)
{
	uint32_t found = JSON_NONE;

	if (object == JSON_NONE || json_type(d, object) != JSON_OBJECT)
		return JSON_NONE;
	for (JSON_MEMBERS(d, object, k)) {
		if (!string_is(d, k, key))
			continue;
		if (found != JSON_NONE)
			*twice = true;
		found = k + 1;
	}
	return found;
}

uint32_t
json_get(const struct json_doc *d, uint32_t object, struct span key)
{
	bool twice = false;

	return json_get_once(d, object, key, &twice);
}
