#include "wire/calls.h"

#include "base/hash.h"

#define FIRST_CAPACITY 64u

/* The slot that holds `id`, or the free one where it belongs. Linear probing; at
 * most half of the slots are taken. */
static struct call *
slot_of(const struct calls *t, struct span id)
{
	uint32_t i = (uint32_t)hash_table_key(id) & (t->capacity - 1);

	while (t->slots[i].id.p && !span_eq(t->slots[i].id, id))
		i = (i + 1) & (t->capacity - 1);
	return &t->slots[i];
}

static enum err
grow(struct calls *t, struct arena *a)
{
	const uint32_t capacity = t->capacity ? 2 * t->capacity : FIRST_CAPACITY;
	struct calls larger = { .capacity = capacity, .count = t->count };

	if (capacity > UINT32_MAX / 2)
		return ERR_NOMEM;
	larger.slots = arena_zalloc(a, capacity * sizeof(struct call));
	if (!larger.slots)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < t->capacity; i++) {
		if (t->slots[i].id.p)
			*slot_of(&larger, t->slots[i].id) = t->slots[i];
	}
	*t = larger;
	return OK;
}

enum err
calls_put(struct calls *t, const struct call *c, struct arena *a)
{
	if (t->count >= t->capacity / 2)
		TRY(grow(t, a));
	struct call *const slot = slot_of(t, c->id);

	t->count += slot->id.p == NULL;
	*slot = *c;
	return OK;
}

const struct call *
calls_find(const struct calls *t, struct span id)
{
	if (t->count == 0)
		return NULL;
	const struct call *const slot = slot_of(t, id);

	return slot->id.p ? slot : NULL;
}
