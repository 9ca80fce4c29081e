#include "compress/define.h"

#include "base/hash.h"
#include "tokens/tokens.h"

#define NAME_BYTES 24u
#define NAME_TOKENS 4u	/* longer ones cost more than they tell */
#define LETTERS 26u
#define STEPS_PER_PROBE 8u

/* Members whose text says which one an object is, best first. */
static const char *const telling[] = {
	"login", "name", "full_name", "id", "key", "slug", "username", "title", "code", "label", "type",
};
#define TELLING (sizeof telling / sizeof telling[0])

struct namer {
	const struct json_doc *d;
	struct definition *list;
	struct fuel *fuel;
	uint32_t *slots;	/* 1 + definition, or 0 */
	uint32_t mask;
	uint32_t letters;	/* names given so */
};

bool
define_is_name_char(const char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("_-./", c) != NULL);
}

/* The string's text if it can be a name; else absent. */
static struct span
plain_text(const struct json_doc *const d, const uint32_t node)
{
	if (json_type(d, node) != JSON_STRING)
		return SPAN_NONE;
	const struct span s = json_inner(d, node);
	if (s.n == 0 || s.n > NAME_BYTES || (s.p[0] >= '0' && s.p[0] <= '9'))
		return SPAN_NONE;
	for (size_t i = 0; i < s.n; i++)
		if (!define_is_name_char(s.p[i]))
			return SPAN_NONE;
	return tokens_at_least(TOKENS_O200K, s, NAME_TOKENS + 1) ? SPAN_NONE : s;
}

/* The text of the member that tells most about an object. */
static struct span
telling_text(const struct json_doc *const d, const uint32_t node)
{
	struct span best = SPAN_NONE;
	size_t rank = TELLING;

	for (uint32_t i = node + 1; i < d->nodes[node].next; i = d->nodes[i + 1].next)
		for (size_t r = 0; r < rank; r++) {
			if (!span_eq(json_inner(d, i), span_str(telling[r])))
				continue;
			const struct span s = plain_text(d, i + 1);
			if (s.p) {
				best = s;
				rank = r;
			}
			break;
		}
	return best;
}

/* What a reader would call the value; absent: nothing good. */
static struct span
propose(const struct json_doc *const d, const uint32_t node)
{
	const struct json_node *const n = &d->nodes[node];

	if (n->type == JSON_ARRAY)
		return n->count == 1 ? plain_text(d, node + 1) : SPAN_NONE;
	const struct span s = telling_text(d, node);
	if (s.p || n->count != 1)
		return s;
	const struct span only = plain_text(d, node + 2);
	return only.p ? only : plain_text(d, node + 1);
}

/* Gives definition `i` the name unless another has it. */
static enum err
claim(struct namer *const w, const uint32_t i, const struct span name)
{
	uint32_t at = (uint32_t)hash_stable(name) & w->mask;

	if (!fuel_use(w->fuel, name.n))
		return ERR_FUEL;
	for (; w->slots[at]; at = (at + 1) & w->mask) {
		if (!fuel_use(w->fuel, STEPS_PER_PROBE))
			return ERR_FUEL;
		if (span_eq(w->list[w->slots[at] - 1].name, name))
			return ERR_CONFLICT;
	}
	w->slots[at] = i + 1;
	w->list[i].name = name;
	return OK;
}

/* A … Z, AA … */
static enum err
claim_letters(struct namer *const w, const uint32_t i, struct arena *const a)
{
	enum err e;

	do {
		char text[8];
		size_t n = sizeof text;

		for (uint32_t v = ++w->letters; v; v = (v - 1) / LETTERS)
			text[--n] = (char)('A' + (v - 1) % LETTERS);
		const struct span name = arena_copy(a, span_of(text + n, sizeof text - n));
		if (!name.p)
			return ERR_NOMEM;
		e = claim(w, i, name);
	} while (e == ERR_CONFLICT);
	return e;
}

enum err
define_name(const struct json_doc *const d, struct definition *const list, const uint32_t count,
	    struct arena *const a, struct fuel *const fuel)
{
	struct namer w = { .d = d, .list = list, .fuel = fuel };
	uint64_t slots = 16;

	while (slots < 2 * (uint64_t)count)
		slots *= 2;
	w.mask = (uint32_t)(slots - 1);
	w.slots = arena_zalloc(a, slots * sizeof *w.slots);
	if (!w.slots)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < count; i++) {
		enum err e = ERR_CONFLICT;

		if (!fuel_use(fuel, d->nodes[list[i].node].count))
			return ERR_FUEL;
		const struct span name = propose(d, list[i].node);
		if (name.p)
			e = claim(&w, i, name);
		if (e == ERR_CONFLICT)
			e = claim_letters(&w, i, a);
		TRY(e);
	}
	return OK;
}
