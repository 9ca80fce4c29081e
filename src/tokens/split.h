/* Cutting text into the pieces that byte-pair encoding treats one by one.
 *
 * The published patterns, whose alternatives are tried in this order:
 *   cl100k: '(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
 *           ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]|\s+(?!\S)|\s
 *   o200k:  [^\r\n\p{L}\p{N}]?[CAPITAL]*[SMALL]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
 *           [^\r\n\p{L}\p{N}]?[CAPITAL]+[SMALL]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
 *           \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
 * matched here by hand; each character is looked at a bounded number of times. */
#ifndef HR_TOKENS_SPLIT_H
#define HR_TOKENS_SPLIT_H

#include <stdint.h>

#include "tokens/classes.h"
#include "tokens/tokens.h"

/* The end of the piece that begins at `p`; p < end, and the result is > p. */
const uint8_t *split_o200k(const uint8_t *p, const uint8_t *end);
const uint8_t *split_cl100k(const uint8_t *p, const uint8_t *end);

#define SPLIT_BYTES(b) ((b) * UINT64_C(0x0101010101010101))

/* Bit 7 of each byte that lies in [from, to], for ASCII bounds. */
static inline uint64_t
split_between(uint64_t word, uint8_t from, uint8_t to)
{
	const uint64_t low = word & SPLIT_BYTES(0x7f);
	const uint64_t reached = low + SPLIT_BYTES(0x80u - from);
	const uint64_t passed = low + SPLIT_BYTES(0x7fu - to);

	return reached & ~passed & ~word & SPLIT_BYTES(0x80);
}

/* How many of the word's bytes from `at` on are marked; at most what is left,
 * and 8 - at when all are. */
static inline unsigned
split_run(uint64_t marks, unsigned at)
{
	const uint64_t others = (~marks & SPLIT_BYTES(0x80)) >> 8 * at;

	return others ? (unsigned)__builtin_ctzll(others) >> 3 : 8 - at;
}

/* Bytes of the piece at the word's beginning where it is an ASCII word, with or
 * without a character before it, that visibly ends within the word: 1–7. Else 0. */
static inline unsigned
split_word(enum tokens_encoding e, uint64_t word)
{
	const unsigned first = classes_of_byte[word & 0xff];
	const unsigned from = (first & CLASSES_PREFIX) != 0;
	unsigned n = from;

	if (e == TOKENS_CL100K) {
		if ((word & 0xff) == '\'')
			return 0;
		n += split_run(split_between(word | SPLIT_BYTES(0x20), 'a', 'z'), from);
	} else {
		n += split_run(split_between(word, 'A', 'Z'), n);
		if (n < 8)
			n += split_run(split_between(word, 'a', 'z'), n);
	}
	if (n == from || n > 7)
		return 0;
	const uint8_t after = (uint8_t)(word >> 8 * n);
	return after < 0x80 && after != '\'' ? n : 0;
}

#endif
