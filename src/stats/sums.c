#include "stats/sums.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS (2 * SUMS_ROWS)	/* a power of two */
#define OTHER 1		/* the number of "(other)" in any struct names */

void
sums_free(struct sums_table *t)
{
	free(t->rows);
	*t = (struct sums_table){ NULL };
}

void
sums_clear(struct sums_table *t)
{
	t->count = 0;
	memset(t->slots, 0, sizeof t->slots);
}

static bool
same_key(const struct sums_row *a, const struct sums_row *b)
{
	return a->hour == b->hour && a->provider == b->provider && a->model == b->model &&
	       a->project == b->project && a->client == b->client;
}

/* Names are numbered by us: nobody can aim at a slot. */
static size_t
slot_of(const struct sums_table *t, const struct sums_row *key)
{
	uint64_t h = (uint64_t)key->hour;

	h = h << 16 ^ key->provider ^ (uint64_t)key->client << 48;
	h = h * 0x9e3779b97f4a7c15u ^ key->model ^ (uint64_t)key->project << 24;
	h *= 0x9e3779b97f4a7c15u;
	size_t i = h >> 40 & (SLOTS - 1);
	while (t->slots[i] && !same_key(&t->rows[t->slots[i] - 1], key))
		i = (i + 1) & (SLOTS - 1);
	return i;
}

static enum err
make_room(struct sums_table *t)
{
	if (t->count < t->room)
		return OK;
	const uint32_t room = t->room ? 2 * t->room : 8;
	struct sums_row *const rows = reallocarray(t->rows, room, sizeof *rows);
	if (!rows)
		return ERR_NOMEM;
	t->rows = rows;
	t->room = room;
	return OK;
}

enum err
sums_add(struct sums_table *t, const struct sums_row *row)
{
	struct sums_row key = *row;
	size_t i = slot_of(t, &key);

	/* The last rows are kept for the others of each provider. */
	if (!t->slots[i] && t->count >= SUMS_ROWS - 16) {
		key.model = key.project = key.client = OTHER;
		i = slot_of(t, &key);
	}
	if (t->slots[i]) {
		usage_sums_add(&t->rows[t->slots[i] - 1].sums, &row->sums);
		return OK;
	}
	if (t->count == SUMS_ROWS)
		return ERR_LIMIT;
	TRY(make_room(t));
	t->rows[t->count++] = key;
	t->slots[i] = (uint16_t)t->count;
	return OK;
}

void
sums_total(const struct sums_table *t, struct usage_sums *out)
{
	*out = (struct usage_sums){ .v = { 0 } };
	for (uint32_t i = 0; i < t->count; i++)
		usage_sums_add(out, &t->rows[i].sums);
}
