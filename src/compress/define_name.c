#include "compress/define.h"

#include "base/hash.h"
#include "compress/table.h"
#include "tokens/tokens.h"

#define NAME_BYTES 40u
#define NAME_TOKENS 4u	/* longer ones cost more than they tell */
#define MEMBER_TOKENS 6u	/* of those that stand in the row anyway */
#define WORD_BYTES 4u
#define LETTERS 26u
#define STEPS_PER_PROBE 8u

/* Members whose text says which one an object is, best first. */
static const char *const telling[] = {
	"login", "name", "full_name", "id", "key", "slug", "username", "title", "code", "label", "type",
};
#define TELLING (sizeof telling / sizeof telling[0])

struct namer {
	const struct json_doc *d;
	struct definitions *defs;
	struct arena *a;
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

/* The string's text if it can be a name of so many tokens; else absent. */
static struct span
plain_text(const struct json_doc *const d, const uint32_t node, const size_t tokens)
{
	if (json_type(d, node) != JSON_STRING)
		return SPAN_NONE;
	const struct span s = json_inner(d, node);
	if (s.n == 0 || s.n > NAME_BYTES || (s.p[0] >= '0' && s.p[0] <= '9'))
		return SPAN_NONE;
	for (size_t i = 0; i < s.n; i++)
		if (!define_is_name_char(s.p[i]))
			return SPAN_NONE;
	/* What a cell must quote is no name. */
	if (cell_flags(s))
		return SPAN_NONE;
	return tokens_at_least(TOKENS_O200K, s, tokens + 1) ? SPAN_NONE : s;
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
			const struct span s = plain_text(d, i + 1, NAME_TOKENS);
			if (s.p) {
				best = s;
				rank = r;
			}
			break;
		}
	return best;
}

/* The first word of a text that is one. */
static struct span
first_word(const struct span text)
{
	for (size_t i = 0, from = 0; i <= text.n; i++) {
		const char c = i < text.n ? text.p[i] : ' ';

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			continue;
		if (i - from >= WORD_BYTES && i - from <= NAME_BYTES)
			return span_of(text.p + from, i - from);
		from = i + 1;
	}
	return SPAN_NONE;
}

/* What a reader would call the value; absent: nothing good. */
static struct span
propose(const struct json_doc *const d, const uint32_t node)
{
	const struct json_node *const n = &d->nodes[node];

	if (n->type == JSON_STRING)
		return first_word(json_inner(d, node));
	if (n->type == JSON_ARRAY)
		return n->count == 1 ? plain_text(d, node + 1, NAME_TOKENS) : SPAN_NONE;
	const struct span s = telling_text(d, node);
	if (s.p || n->count != 1)
		return s;
	const struct span only = plain_text(d, node + 2, NAME_TOKENS);
	return only.p ? only : plain_text(d, node + 1, NAME_TOKENS);
}

bool
define_tells(const struct json_doc *const d, const uint32_t node)
{
	return propose(d, node).p != NULL;
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
		if (span_eq(w->defs->list[w->slots[at] - 1].name, name))
			return ERR_CONFLICT;
	}
	w->slots[at] = i + 1;
	w->defs->list[i].name = name;
	return OK;
}

/* A … Z, AA … */
static enum err
claim_letters(struct namer *const w, const uint32_t i)
{
	enum err e;

	do {
		char text[8];
		size_t n = sizeof text;

		for (uint32_t v = ++w->letters; v; v = (v - 1) / LETTERS)
			text[--n] = (char)('A' + (v - 1) % LETTERS);
		const struct span name = arena_copy(w->a, span_of(text + n, sizeof text - n));
		if (!name.p)
			return ERR_NOMEM;
		e = claim(w, i, name);
	} while (e == ERR_CONFLICT);
	return e;
}

/* The name, or that name with a number if others have it. */
static enum err
claim_like(struct namer *const w, const uint32_t i, const struct span name)
{
	char text[NAME_BYTES + 2];
	enum err e = claim(w, i, name);

	for (char digit = '2'; e == ERR_CONFLICT && digit <= '9'; digit++) {
		memcpy(text, name.p, name.n);
		text[name.n] = '-';
		text[name.n + 1] = digit;
		const struct span longer = arena_copy(w->a, span_of(text, name.n + 2));
		if (!longer.p)
			return ERR_NOMEM;
		e = claim(w, i, longer);
	}
	return e;
}

static enum err
name_one(struct namer *const w, const uint32_t i)
{
	const uint32_t node = w->defs->list[i].node;

	if (!fuel_use(w->fuel, TELLING * (uint64_t)w->d->nodes[node].count))
		return ERR_FUEL;
	const bool text = json_type(w->d, node) == JSON_STRING;
	const struct span name = propose(w->d, node);
	enum err e = ERR_CONFLICT;

	if (name.p)
		e = text ? claim(w, i, name) : claim_like(w, i, name);
	return e == ERR_CONFLICT ? claim_letters(w, i) : e;
}

/* The place of a member among those of an object; its value follows. */
static uint32_t
find_member(const struct json_doc *const d, const uint32_t node, const struct span key)
{
	for (uint32_t i = node + 1; i < d->nodes[node].next; i = d->nodes[i + 1].next)
		if (span_eq(json_inner(d, i), key))
			return i;
	return 0;
}

/* Takes the first `n` names of a group back. */
static void
release(struct namer *const w, const struct definition *const d, const uint32_t n)
{
	/* The last ones came last, so none stands behind them. */
	for (uint32_t i = n; i-- > 0;) {
		uint32_t at = (uint32_t)hash_stable(d[i].name) & w->mask;

		while (w->slots[at] != (uint32_t)(&d[i] - w->defs->list) + 1)
			at = (at + 1) & w->mask;
		w->slots[at] = 0;
	}
}

/* Names all of a group after the member `key`. ERR_CONFLICT: that does not do. */
static enum err
claim_member(struct namer *const w, const struct definition_group *const g, const struct span key)
{
	struct definition *const list = w->defs->list + g->first;

	for (uint32_t i = 0; i < g->count; i++) {
		const uint32_t member = find_member(w->d, list[i].node, key);
		const struct span name = member ? plain_text(w->d, member + 1, MEMBER_TOKENS) : SPAN_NONE;
		enum err e = ERR_CONFLICT;

		if (name.p)
			e = claim(w, g->first + i, name);
		if (e != OK) {
			release(w, list, i);
			return e;
		}
	}
	return OK;
}

/* Names a group that may become a table after one member that tells all apart, if
 * there is such a one. */
static enum err
name_group(struct namer *const w, struct definition_group *const g)
{
	const uint32_t node = w->defs->list[g->first].node;
	const uint64_t members = w->d->nodes[node].count;
	enum err e = ERR_CONFLICT;

	if (!fuel_use(w->fuel, TELLING * members * g->count))
		return ERR_FUEL;
	for (size_t r = 0; r < TELLING && e == ERR_CONFLICT; r++) {
		g->named_by = span_str(telling[r]);
		e = claim_member(w, g, g->named_by);
	}
	/* An only member tells all that there is. */
	if (e == ERR_CONFLICT && members == 1 && plain_text(w->d, node + 1, NAME_TOKENS).p) {
		g->named_by = json_inner(w->d, node + 1);
		e = claim_member(w, g, g->named_by);
	}
	if (e != OK)
		g->named_by = SPAN_NONE;
	return e;
}

enum err
define_name(const struct json_doc *const d, struct definitions *const defs, struct arena *const a,
	    struct fuel *const fuel)
{
	struct namer w = { .d = d, .defs = defs, .a = a, .fuel = fuel };
	uint64_t slots = 16;

	while (slots < 2 * (uint64_t)defs->count)
		slots *= 2;
	w.mask = (uint32_t)(slots - 1);
	w.slots = arena_zalloc(a, slots * sizeof *w.slots);
	if (!w.slots)
		return ERR_NOMEM;
	for (uint32_t k = 0; k < defs->group_count; k++) {
		struct definition_group *const g = &defs->groups[k];
		const enum err e = g->count < TABLE_ROWS ? ERR_CONFLICT : name_group(&w, g);

		if (e != OK && e != ERR_CONFLICT)
			return e;
		for (uint32_t i = 0; e == ERR_CONFLICT && i < g->count; i++)
			TRY(name_one(&w, g->first + i));
	}
	return OK;
}
