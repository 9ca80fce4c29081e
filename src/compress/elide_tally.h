/* How often values occur: a hash table over hashes of values. */
#ifndef HR_COMPRESS_ELIDE_TALLY_H
#define HR_COMPRESS_ELIDE_TALLY_H

#include <stdint.h>

#include "base/arena.h"

struct tally_entry {
	uint64_t hash;
	uint32_t count;		/* 0: free */
	uint32_t first;		/* what tally_add was given with its first one */
	uint32_t kept;		/* for the caller */
};

/* Embed it. Two values with one hash are taken for the same. */
struct tally {
	struct tally_entry *entries;
	uint32_t room;		/* entries there are */
	uint32_t mask;		/* those in use, less one */
	uint32_t distinct;
};

/* Room for `most` different values. */
enum err tally_init(struct tally *t, uint32_t most, struct arena *a) MUST_CHECK;

/* Empties it for up to `most` values, at most as many as tally_init made room for.
 * Costs as many steps. */
void tally_reset(struct tally *t, uint32_t most);

/* The entry of `hash`, counted once more. */
struct tally_entry *tally_add(struct tally *t, uint64_t hash, uint32_t item);

/* The entry of a hash that was added. */
struct tally_entry *tally_get(const struct tally *t, uint64_t hash);

#endif
