#include "tokens/tokens.h"

#include "tokens/merge.h"
#include "tokens/ranks.h"
#include "tokens/split.h"

/* Counts of pieces that are not one token, of up to 15 bytes: texts repeat them. */
#define SEEN 512

struct seen {
	uint64_t head, tail;	/* the piece, zero-padded; its count in the top byte */
};

/* Texts shorter than this are not worth clearing the table. */
#define SEEN_FROM 1024

struct counter {
	const struct ranks *r;
	const uint8_t *end;
	struct seen *seen;	/* or NULL */
};

/* `n` bytes, 1–8, as a zero-padded word; `safe` when 8 can be read. */
static inline uint64_t
head_of(const uint8_t *p, size_t n, bool safe)
{
	uint64_t w;

	if (!safe)
		return ranks_word(p, n);
	memcpy(&w, p, sizeof w);
	return w & UINT64_MAX >> (64 - 8 * n);
}

static size_t
count_merging(const struct counter *c, const uint8_t *p, size_t n, uint64_t head, uint64_t tail)
{
	if (!c->seen || n > 15)
		return merge_count(c->r, p, n);
	const uint64_t mixed = ranks_fold(head, tail);
	struct seen *const s = c->seen + (mixed & (SEEN - 1));
	if (s->head == head && (s->tail & (UINT64_MAX >> 8)) == tail)
		return s->tail >> 56;
	const size_t count = merge_count(c->r, p, n);
	*s = (struct seen){ head, tail | (uint64_t)count << 56 };
	return count;
}

/* Tokens of a piece. One that ends in NUL looks like a shorter one when padded. */
static inline size_t
count_piece(const struct counter *c, const uint8_t *p, size_t n)
{
	const bool safe = c->end - p >= 16;

	if (n == 1)
		return 1;
	if (p[n - 1] == '\0')
		return merge_count(c->r, p, n);
	if (n <= 8) {
		const uint64_t head = head_of(p, n, safe);
		return ranks_has_short(c->r, head) ? 1 : count_merging(c, p, n, head, 0);
	}
	if (n <= 16) {
		const uint64_t head = head_of(p, 8, true);
		const uint64_t tail = head_of(p + 8, n - 8, safe);
		return ranks_has_medium(c->r, head, tail) ? 1 : count_merging(c, p, n, head, tail);
	}
	return ranks_has_long(c->r, p, n) ? 1 : merge_count(c->r, p, n);
}

/* The length of the piece that begins with these eight bytes, if it is short and
 * ASCII, else 0. Such a piece does not end in NUL. */
static inline __attribute__((always_inline)) unsigned
short_piece(enum tokens_encoding e, uint64_t word)
{
	const unsigned n = split_word(e, word);

	if (n)
		return n;
	const unsigned first = classes_of_byte[word & 0xff];
	if (first & IN(NUMBER))
		return split_digits(word);
	if (first & CLASSES_SPACES) {
		const unsigned spaces = split_spaces(word);
		if (spaces)
			return spaces;
	}
	return first ? split_symbols(e, word) : 0;
}

static inline __attribute__((always_inline)) size_t
count_with(enum tokens_encoding e, const struct counter *c, const uint8_t *p, size_t enough)
{
	size_t count = 0;

	while (p < c->end && count < enough) {
		uint64_t word = 0;
		unsigned n = 0;
		if (c->end - p >= 8) {
			memcpy(&word, p, sizeof word);
			n = short_piece(e, word);
		}
		if (n) {
			const uint64_t head = word & ((UINT64_C(1) << 8 * n) - 1);
			count += n == 1 || ranks_has_short(c->r, head) ?
				1 : count_merging(c, p, n, head, 0);
			p += n;
		} else {
			const uint8_t *const q =
				e == TOKENS_O200K ? split_o200k(p, c->end) : split_cl100k(p, c->end);
			count += count_piece(c, p, (size_t)(q - p));
			p = q;
		}
	}
	return count;
}

/* Tokens of `text`, or any number from `enough` on once that many are found. */
static size_t
count_up_to(enum tokens_encoding e, struct span text, size_t enough)
{
	const uint8_t *const p = (const uint8_t *)text.p;
	struct seen seen[SEEN];
	struct counter c = { .r = &ranks_of[e], .end = text.n ? p + text.n : p };

	if (text.n >= SEEN_FROM) {
		memset(seen, 0, sizeof seen);
		c.seen = seen;
	}
	return e == TOKENS_O200K ? count_with(TOKENS_O200K, &c, p, enough)
				 : count_with(TOKENS_CL100K, &c, p, enough);
}

size_t
tokens_count(enum tokens_encoding e, struct span text)
{
	return count_up_to(e, text, SIZE_MAX);
}

bool
tokens_at_least(enum tokens_encoding e, struct span text, size_t floor)
{
	if (text.n < floor)
		return false;
	/* No token has more bytes than this, so there must be more than `floor`. */
	if (text.n / RANKS_LONGEST >= floor)
		return true;
	return count_up_to(e, text, floor) >= floor;
}

/* How many pieces are counted for an estimate, and what part of the text they are. */
#define ESTIMATE_PIECES 32u
#define ESTIMATE_PART 8u
#define ESTIMATE_FROM ((size_t)16 << 10)

size_t
tokens_estimate(enum tokens_encoding e, struct span text)
{
	const size_t step = text.n / ESTIMATE_PIECES;
	const size_t size = step / ESTIMATE_PART;
	size_t count = 0;

	if (text.n <= ESTIMATE_FROM)
		return tokens_count(e, text);
	for (size_t i = 0; i < ESTIMATE_PIECES; i++) {
		size_t at = i * step + step / 2;
		/* Half a character would count as several tokens. */
		while (((uint8_t)text.p[at] & 0xc0) == 0x80 && at < text.n - size)
			at++;
		count += tokens_count(e, span_of(text.p + at, size));
	}
	/* Each end cuts a token in two, every other time. */
	count -= ESTIMATE_PIECES;
	return (size_t)((double)count * (double)text.n / (double)(size * ESTIMATE_PIECES));
}
