/* Pieces that were counted before: texts repeat them. A piece has one place in a
 * table; a later one takes it. */
#ifndef HR_TOKENS_MEMO_H
#define HR_TOKENS_MEMO_H

#include "tokens/merge.h"
#include "tokens/ranks.h"

#define MEMO_SHORT 15u	/* bytes in the longest piece of struct memo_short */
#define MEMO_LONG 62u

/* Eight bytes of text, with the length and the tokens of the piece that begins there
 * and is seen to end among them; n == 0: none. */
struct memo_word {
	uint64_t word;
	uint32_t n, count;
};

/* A piece that is not one token; all zero: none. */
struct memo_short {
	uint64_t head, tail;	/* the piece, zero-padded; its count in the top byte */
};

struct memo_long {	/* the same */
	uint8_t n, count;
	uint8_t piece[MEMO_LONG];
};

/* Tables that are NULL keep nothing. The others have powers of two of places. */
struct memo {
	struct memo_word *words;
	struct memo_short *shorts;
	struct memo_long *longs;
	unsigned word_bits, short_bits, long_bits;
};

static inline size_t
memo_place(uint64_t hash, unsigned bits)
{
	return (size_t)(hash >> (64 - bits));
}

static inline struct memo_word *
memo_word(const struct memo *m, uint64_t word)
{
	return m->words + memo_place(word * 0x9e3779b97f4a7c15u, m->word_bits);
}

/* Tokens of a piece of up to 16 bytes, given as words too, that is not one. */
static inline size_t
memo_count_short(const struct memo *m, const struct ranks *r, const uint8_t *p, size_t n, uint64_t head,
		 uint64_t tail)
{
	if (!m->shorts || n > MEMO_SHORT)
		return merge_count(r, p, n);
	struct memo_short *const s = m->shorts + memo_place(ranks_fold(head, tail), m->short_bits);
	if (s->head == head && (s->tail & (UINT64_MAX >> 8)) == tail)
		return s->tail >> 56;
	const size_t count = merge_count(r, p, n);
	*s = (struct memo_short){ head, tail | (uint64_t)count << 56 };
	return count;
}

/* The same for a longer one. */
static inline size_t
memo_count_long(const struct memo *m, const struct ranks *r, const uint8_t *p, size_t n)
{
	uint64_t hash = n;

	if (!m->longs || n > MEMO_LONG)
		return merge_count(r, p, n);
	for (size_t i = 0; i < n; i += 8)
		hash = ranks_fold(hash, ranks_word(p + i, n - i < 8 ? n - i : 8));
	struct memo_long *const s = m->longs + memo_place(hash, m->long_bits);
	if (s->n == n && memcmp(s->piece, p, n) == 0)
		return s->count;
	s->n = (uint8_t)n;
	s->count = (uint8_t)merge_count(r, p, n);
	memcpy(s->piece, p, n);
	return s->count;
}

#endif
