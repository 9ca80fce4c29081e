#include "admin/named_originals.h"

#include "base/hash.h"
#include "store/marker.h"

/* Hashes seen so far, by open addressing; at most half full. */
struct seen {
	struct span *slots;
	size_t mask;
};

static enum err
seen_make(struct seen *s, size_t room, struct arena *a)
{
	size_t size = 16;

	while (size < 2 * room)
		size *= 2;
	s->slots = arena_zalloc(a, size * sizeof *s->slots);
	s->mask = size - 1;
	return s->slots ? OK : ERR_NOMEM;
}

static bool
is_new(struct seen *s, struct span hash)
{
	size_t at = hash_table_key(hash);

	while (s->slots[at & s->mask].p && !span_eq(s->slots[at & s->mask], hash))
		at++;
	if (s->slots[at & s->mask].p)
		return false;
	s->slots[at & s->mask] = hash;
	return true;
}

/* Candidates from `from` on stay where the store has them. */
static size_t
keep_known(struct span *all, size_t from, size_t n, struct span tenant, struct store_reader *reader)
{
	bool known[NAMED_ORIGINALS_MAX];
	size_t kept = from;

	if (store_originals_known(reader, tenant, all + from, n - from, known) != OK)
		return from;
	for (size_t i = from; i < n; i++)
		if (known[i - from])
			all[kept++] = all[i];
	return kept;
}

enum err
named_originals(struct span text, struct span tenant, struct store_reader *reader, struct arena *a,
		struct span **list, size_t *count)
{
	const size_t from = *count;
	size_t n = from;
	struct seen seen;
	struct span hash;

	if (!reader)
		return OK;
	struct span *const all = ARENA_ARRAY(a, struct span, from + NAMED_ORIGINALS_MAX);
	if (!all)
		return ERR_NOMEM;
	TRY(seen_make(&seen, from + NAMED_ORIGINALS_MAX, a));
	for (size_t i = 0; i < from; i++) {
		all[i] = (*list)[i];
		is_new(&seen, all[i]);
	}
	while (n < from + NAMED_ORIGINALS_MAX && marker_next(&text, &hash)) {
		if (!is_new(&seen, hash))
			continue;
		all[n] = arena_copy(a, hash);
		if (!all[n++].p)
			return ERR_NOMEM;
	}
	*count = keep_known(all, from, n, tenant, reader);
	*list = all;
	return OK;
}
