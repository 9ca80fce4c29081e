#include "compress/intern.h"

#include <endian.h>

#define SMALL_BYTES 7u
#define STEPS_PER_PROBE 2u
#define BYTES_PER_STEP 8u

struct interner {
	const struct json_doc *d;
	struct interned *out;
	uint64_t *hashes;	/* per class */
	uint32_t *slots;	/* 1 + class, or 0 */
	uint32_t mask;
	uint64_t steps;		/* not charged yet */
};

/* Only a place in the table depends on it, never what comes out. */
static uint64_t
mix(const uint64_t h, const uint64_t word)
{
	const uint64_t x = (h ^ word) * 0x9e3779b97f4a7c15u;

	return x ^ x >> 29;
}

static uint64_t
load(const char *const p, const size_t n)
{
	uint64_t word = 0;

	memcpy(&word, p, n);
	return le64toh(word);
}

static uint64_t
hash_bytes(const struct span s)
{
	uint64_t h = s.n;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8)
		h = mix(h, load(s.p + i, 8));
	return mix(h, load(s.p + i, s.n - i));
}

static uint64_t
hash_node(struct interner *const w, const uint32_t node)
{
	const struct json_node *const n = &w->d->nodes[node];
	uint64_t h = n->type;

	if (n->type < JSON_ARRAY) {
		w->steps += n->len / BYTES_PER_STEP;
		return hash_bytes(json_raw(w->d, node));
	}
	for (uint32_t i = node + 1; i < n->next; i = w->d->nodes[i].next, w->steps++)
		h = mix(h, w->out->id[i]);
	return mix(h, n->count);
}

static bool
same_node(struct interner *const w, const uint32_t x, const uint32_t y)
{
	const struct json_node *const nodes = w->d->nodes;
	uint32_t i = x + 1, k = y + 1;

	if (nodes[x].type != nodes[y].type || nodes[x].count != nodes[y].count)
		return false;
	if (nodes[x].type < JSON_ARRAY) {
		w->steps += nodes[x].len / BYTES_PER_STEP;
		return span_eq(json_raw(w->d, x), json_raw(w->d, y));
	}
	for (; i < nodes[x].next; i = nodes[i].next, k = nodes[k].next, w->steps++)
		if (w->out->id[i] != w->out->id[k])
			return false;
	return true;
}

static uint32_t
find_class(struct interner *const w, const uint32_t node)
{
	const uint64_t h = hash_node(w, node);
	uint32_t at = (uint32_t)(h >> 32) & w->mask;

	for (; w->slots[at]; at = (at + 1) & w->mask) {
		const uint32_t c = w->slots[at] - 1;

		w->steps += STEPS_PER_PROBE;
		if (w->hashes[c] == h && same_node(w, node, w->out->classes[c].first))
			return c;
	}
	const uint32_t fresh = w->out->count++;
	w->slots[at] = fresh + 1;
	w->hashes[fresh] = h;
	w->out->classes[fresh] = (struct value_class){ node, 0 };
	return fresh;
}

static bool
is_small(const struct json_node *const n)
{
	return n->type < JSON_ARRAY && n->len <= SMALL_BYTES;
}

static enum err
make_room(struct interner *const w, struct arena *const a)
{
	size_t n = 0;
	uint64_t slots = 16;

	for (uint32_t i = 0; i < w->d->count; i++)
		n += !is_small(&w->d->nodes[i]);
	while (slots < 2 * n)
		slots *= 2;
	w->mask = (uint32_t)(slots - 1);
	w->slots = arena_zalloc(a, slots * sizeof *w->slots);
	w->hashes = ARENA_ARRAY(a, uint64_t, n);
	w->out->classes = ARENA_ARRAY(a, struct value_class, n);
	w->out->id = ARENA_ARRAY(a, uint64_t, w->d->count);
	return w->slots && w->hashes && w->out->classes && w->out->id ? OK : ERR_NOMEM;
}

enum err
intern_values(const struct json_doc *const d, struct arena *const a, struct fuel *const fuel,
	      struct interned *const out)
{
	struct interned v = { 0 };
	struct interner w = { .d = d, .out = &v };

	if (!fuel_use(fuel, d->count))
		return ERR_FUEL;
	TRY(make_room(&w, a));
	/* What a container holds comes before it. */
	for (uint32_t i = d->count; i-- > 0;) {
		const struct json_node *const n = &d->nodes[i];

		if (is_small(n)) {
			v.id[i] = load(d->text.p + n->off, n->len) | (uint64_t)n->len << 56;
			continue;
		}
		const uint32_t c = find_class(&w, i);
		v.id[i] = INTERN_CLASS | c;
		v.classes[c].first = i;
		v.classes[c].count++;
		if (!fuel_use(fuel, w.steps))
			return ERR_FUEL;
		w.steps = 0;
	}
	*out = v;
	return OK;
}
