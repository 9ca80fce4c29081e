#include "tokens/tokens.h"

#include "tokens/memo.h"
#include "tokens/merge.h"
#include "tokens/ranks.h"
#include "tokens/split.h"

/* What is remembered within one text, from so many bytes on, which are worth
 * clearing the tables, and in several. */
#define TEXT_FROM 1024
#define TEXT_WORD_BITS 9
#define TEXT_SHORT_BITS 9
#define MEMO_WORD_BITS 11
#define MEMO_SHORT_BITS 11
#define MEMO_LONG_BITS 9

struct counter {
	const struct ranks *r;
	const uint8_t *end;
	struct memo memo;
};

struct tokens_memo {
	enum tokens_encoding encoding;
	struct memo_word words[1 << MEMO_WORD_BITS];
	struct memo_short shorts[1 << MEMO_SHORT_BITS];
	struct memo_long longs[1 << MEMO_LONG_BITS];
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
		return ranks_has_short(c->r, head) ? 1 : memo_count_short(&c->memo, c->r, p, n, head, 0);
	}
	if (n <= 16) {
		const uint64_t head = head_of(p, 8, true);
		const uint64_t tail = head_of(p + 8, n - 8, safe);
		return ranks_has_medium(c->r, head, tail) ? 1 : memo_count_short(&c->memo, c->r, p, n, head, tail);
	}
	return ranks_has_long(c->r, p, n) ? 1 : memo_count_long(&c->memo, c->r, p, n);
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

/* The length of the piece at `p`, and *count its tokens: short pieces of ASCII, of
 * which eight bytes can be read; else 0. */
static inline __attribute__((always_inline)) unsigned
count_short(enum tokens_encoding e, const struct counter *c, const uint8_t *p, size_t *count)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	struct memo_word *const known = c->memo.words ? memo_word(&c->memo, word) : NULL;
	if (known && known->word == word && known->n) {
		*count = known->count;
		return known->n;
	}
	const unsigned n = short_piece(e, word);
	if (n) {
		const uint64_t head = word & ((UINT64_C(1) << 8 * n) - 1);
		*count = n == 1 || ranks_has_short(c->r, head) ?
			1 : memo_count_short(&c->memo, c->r, p, n, head, 0);
		if (known)
			*known = (struct memo_word){ word, n, (uint32_t)*count };
	}
	return n;
}

static inline __attribute__((always_inline)) size_t
count_with(enum tokens_encoding e, const struct counter *c, const uint8_t *p, size_t enough)
{
	size_t count = 0;

	while (p < c->end && count < enough) {
		size_t tokens;
		const unsigned n = c->end - p >= 8 ? count_short(e, c, p, &tokens) : 0;
		if (n) {
			count += tokens;
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

static size_t
count_all(enum tokens_encoding e, const struct counter *c, struct span text, size_t enough)
{
	const uint8_t *const p = (const uint8_t *)text.p;

	return e == TOKENS_O200K ? count_with(TOKENS_O200K, c, p, enough)
				 : count_with(TOKENS_CL100K, c, p, enough);
}

static const uint8_t *
end_of(struct span text)
{
	const uint8_t *const p = (const uint8_t *)text.p;

	return text.n ? p + text.n : p;
}

/* Tokens of `text`, or any number from `enough` on once that many are found. */
static size_t
count_up_to(enum tokens_encoding e, struct span text, size_t enough)
{
	struct memo_word words[1 << TEXT_WORD_BITS];
	struct memo_short shorts[1 << TEXT_SHORT_BITS];
	struct counter c = { .r = &ranks_of[e], .end = end_of(text) };

	if (text.n >= TEXT_FROM) {
		memset(words, 0, sizeof words);
		memset(shorts, 0, sizeof shorts);
		c.memo = (struct memo){ .words = words, .shorts = shorts,
					.word_bits = TEXT_WORD_BITS, .short_bits = TEXT_SHORT_BITS };
	}
	return count_all(e, &c, text, enough);
}

struct tokens_memo *
tokens_memo_new(enum tokens_encoding e, struct arena *a)
{
	struct tokens_memo *const m = arena_zalloc(a, sizeof *m);

	if (m)
		m->encoding = e;
	return m;
}

size_t
tokens_memo_count(struct tokens_memo *m, struct span text)
{
	const struct counter c = { .r = &ranks_of[m->encoding],
				   .end = end_of(text),
				   .memo = { m->words, m->shorts, m->longs, MEMO_WORD_BITS,
					     MEMO_SHORT_BITS, MEMO_LONG_BITS } };

	return count_all(m->encoding, &c, text, SIZE_MAX);
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

size_t
tokens_estimate(enum tokens_encoding e, struct span text)
{
	const size_t step = text.n / ESTIMATE_PIECES;
	const size_t size = step / ESTIMATE_PART;
	size_t count = 0;

	if (text.n <= TOKENS_ESTIMATE_EXACT)
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
