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

/* The byte after the first n < 8. */
static inline uint8_t
split_after(uint64_t word, unsigned n)
{
	return (uint8_t)(word >> 8 * n);
}

/* Eight bytes of text, the first byte lowest, of which the piece that begins there
 * is seen to end before the last: its length, 1–7. Else, and for what the functions
 * are not made for, 0. */

/* An ASCII word, with or without a character before it. */
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
	const uint8_t after = split_after(word, n);
	return after < 0x80 && after != '\'' ? n : 0;
}

/* ASCII digits. */
static inline unsigned
split_digits(uint64_t word)
{
	const unsigned n = split_run(split_between(word, '0', '9'), 0);

	if (n >= 3)
		return 3;
	return split_after(word, n) < 0x80 ? n : 0;
}

/* ASCII white space but one space before something else, which belongs to that. */
static inline unsigned
split_spaces(uint64_t word)
{
	const uint64_t spaces = split_between(word, '\t', '\r') | split_between(word, ' ', ' ');
	const unsigned n = split_run(spaces, 0);

	if (n == 0 || n == 8 || split_after(word, n) >= 0x80)
		return 0;
	const uint64_t newlines = (split_between(word, '\n', '\n') | split_between(word, '\r', '\r')) &
				  ((UINT64_C(1) << 8 * n) - 1);
	if (newlines)
		return 8 - ((unsigned)__builtin_clzll(newlines) >> 3);
	return n - 1;
}

/* ASCII symbols but NUL, and a space before them. */
static inline unsigned
split_symbols(enum tokens_encoding e, uint64_t word)
{
	const unsigned from = (word & 0xff) == ' ';
	const uint64_t others = split_between(word | SPLIT_BYTES(0x20), 'a', 'z') |
				split_between(word, '0', '9') | split_between(word, '\t', '\r') |
				split_between(word, ' ', ' ') | split_between(word, 0, 0) | word;
	unsigned n = from + split_run(~others, from);

	if (n == from || n == 8)
		return 0;
	const uint8_t after = split_after(word, n);
	if (after == 0 || after >= 0x80 || (n == 1 && classes_of_byte[after] & CLASSES_LETTERS))
		return 0;
	if (after == '\n' || after == '\r') {
		uint64_t ends = split_between(word, '\n', '\n') | split_between(word, '\r', '\r');
		if (e == TOKENS_O200K)
			ends |= split_between(word, '/', '/');
		n += split_run(ends, n);
	}
	return n < 8 ? n : 0;
}

#endif
