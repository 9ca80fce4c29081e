#include "compress/elide_tally.h"

enum err
tally_init(struct tally *const t, const uint32_t most, struct arena *const a)
{
	size_t room = 16;

	while (room < 2 * (size_t)most)
		room *= 2;
	t->entries = ARENA_ARRAY(a, struct tally_entry, room);
	if (!t->entries)
		return ERR_NOMEM;
	t->room = (uint32_t)room;
	tally_reset(t, most);
	return OK;
}

void
tally_reset(struct tally *const t, const uint32_t most)
{
	uint32_t room = 16;

	while (room < 2 * (uint64_t)most && room < t->room)
		room *= 2;
	memset(t->entries, 0, room * sizeof *t->entries);
	t->mask = room - 1;
	t->distinct = 0;
}

struct tally_entry *
tally_get(const struct tally *const t, const uint64_t hash)
{
	/* FNV's low bits are weak where only the last byte differs. */
	uint32_t i = (uint32_t)(hash ^ hash >> 32) & t->mask;

	while (t->entries[i].count && t->entries[i].hash != hash)
		i = (i + 1) & t->mask;
	return &t->entries[i];
}

struct tally_entry *
tally_add(struct tally *const t, const uint64_t hash, const uint32_t item)
{
	struct tally_entry *const e = tally_get(t, hash);

	if (e->count++ == 0) {
		e->hash = hash;
		e->first = item;
		t->distinct++;
	}
	return e;
}
