#include "compress/strings_mark.h"

#include "json/text.h"
#include "json/walk.h"

/* The longest word of a layout, and its "~". */
#define LONGEST 10

static bool
read_mark(const struct span key, struct mark *const m)
{
	const size_t from = key.n > LONGEST ? key.n - LONGEST : 0;

	for (size_t i = key.n; i > from; i--)
		if (key.p[i - 1] == '~') {
			m->name = span_head(key, i - 1);
			return layout_parse(span_from(key, i), &m->layout);
		}
	return false;
}

static enum err
add_mark(const struct json_doc *const d, const uint32_t key, struct arena *const a,
	 struct mark **const marks, size_t *const n)
{
	struct mark m = { .key = key }, inner;
	struct span text = json_inner(d, key);

	/* One with a lone surrogate is spelled the same wherever it stands. */
	if (d->nodes[key].escaped && json_string(d, key, a, &text) == ERR_NOMEM)
		return ERR_NOMEM;
	if (!read_mark(text, &m))
		return OK;
	/* Without its mark it would be one. */
	if (read_mark(m.name, &inner))
		return ERR_SYNTAX;
	if ((*n & (*n - 1)) == 0) {
		const size_t room = *n ? 2 * *n : 1;
		struct mark *const more = arena_grow(a, *marks, *n * sizeof m, room * sizeof m);

		if (!more)
			return ERR_NOMEM;
		*marks = more;
	}
	(*marks)[(*n)++] = m;
	return OK;
}

uint8_t *
marks_keys(const struct json_doc *const d, struct arena *const a)
{
	uint8_t *const is_key = arena_zalloc(a, d->count);

	for (uint32_t i = 0; is_key && i < d->count; i++) {
		if (json_type(d, i) != JSON_OBJECT)
			continue;
		for (JSON_MEMBERS(d, i, key))
			is_key[key] = 1;
	}
	return is_key;
}

enum err
marks_find(const struct json_doc *const d, struct arena *const a, struct fuel *const fuel,
	   struct mark **const marks, size_t *const n)
{
	struct mark *found = NULL;
	size_t count = 0;

	if (!fuel_use(fuel, d->count))
		return ERR_FUEL;
	const uint8_t *const is_key = marks_keys(d, a);
	if (!is_key)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < d->count; i++)
		if (is_key[i])
			TRY(add_mark(d, i, a, &found, &count));
	*marks = found;
	*n = count;
	return OK;
}
