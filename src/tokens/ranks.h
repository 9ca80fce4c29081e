/* The encodings' tables: which byte strings are tokens, which tokens merge. */
#ifndef HR_TOKENS_RANKS_H
#define HR_TOKENS_RANKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tokens/tokens.h"

/* A token's id is also its rank: of two possible merges the lower id goes first. */
#define RANKS_NONE 0xffffffffu
#define RANKS_ID_BITS 18
#define RANKS_LONGEST 128	/* bytes in the longest token */

/* A perfect hash table: the key's bucket names a pilot, the pilot and the key a
 * slot, and the slot holds the key or one that differs. */
struct ranks_hash {
	uint64_t seed;
	uint32_t slots, buckets;
	const uint16_t *pilots;
	const void *data;
};

struct ranks {
	const uint8_t *byte_ids;	/* [byte] */
	const uint32_t *byte_pairs;	/* [first | second << 8], RANKS_NONE without a merge */
	struct ranks_hash merges;	/* left | right << 18 | result << 36 */
	struct ranks_hash shorts;	/* tokens of 2–8 bytes, zero-padded */
	struct ranks_hash mediums;	/* of 9–16 bytes, two words each */
	struct ranks_hash longs;	/* of 17–128: offset into long_bytes */
	const uint8_t *long_bytes;	/* length byte, then the token */
};

/* Read-only and mapped from the program's file, so reading may fault pages in. */
extern const struct ranks ranks_of[2];
extern const unsigned char ranks_file[];

/* Is the piece, of 17 bytes and more, one token? */
bool ranks_has_long(const struct ranks *r, const uint8_t *p, size_t n);

static inline uint64_t
ranks_fold(uint64_t h, uint64_t word)
{
	const unsigned __int128 m = (unsigned __int128)(h ^ word) * 0x9e3779b97f4a7c15u;

	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline size_t
ranks_slot(const struct ranks_hash *t, uint64_t h)
{
	const uint32_t pilot = t->pilots[((h >> 32) * t->buckets) >> 32];
	const uint32_t x = ((uint32_t)h ^ pilot * 0x85ebca6bu) * 0xc2b2ae35u;

	return (size_t)(((uint64_t)x * t->slots) >> 32);
}

/* The token that `left` and `right` merge into, or RANKS_NONE. */
static inline uint32_t
ranks_merge(const struct ranks *r, uint32_t left, uint32_t right)
{
	const uint64_t key = left | (uint64_t)right << RANKS_ID_BITS;
	const size_t at = ranks_slot(&r->merges, ranks_fold(r->merges.seed, key));
	const uint64_t found = ((const uint64_t *)r->merges.data)[at];

	if ((found & ((UINT64_C(1) << 2 * RANKS_ID_BITS) - 1)) != key)
		return RANKS_NONE;
	return (uint32_t)(found >> 2 * RANKS_ID_BITS);
}

/* Is the zero-padded string of 2–8 bytes a token? Must not end in NUL. */
static inline bool
ranks_has_short(const struct ranks *r, uint64_t key)
{
	const size_t at = ranks_slot(&r->shorts, ranks_fold(r->shorts.seed, key));

	return ((const uint64_t *)r->shorts.data)[at] == key;
}

/* The same for 9–16 bytes. */
static inline bool
ranks_has_medium(const struct ranks *r, uint64_t head, uint64_t tail)
{
	const uint64_t h = ranks_fold(ranks_fold(r->mediums.seed, head), tail);
	const uint64_t *const found =
		(const uint64_t *)r->mediums.data + 2 * ranks_slot(&r->mediums, h);

	return found[0] == head && found[1] == tail;
}

/* `n` (1–8) bytes as a zero-padded word; reads nothing beyond them. */
static inline uint64_t
ranks_word(const uint8_t *p, size_t n)
{
	uint64_t w = 0;

	memcpy(&w, p, n);
	return w;
}

#endif
