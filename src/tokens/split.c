#include "tokens/split.h"

#include <string.h>

#include "tokens/classes.h"

static bool
is_letter(uint8_t byte, char lower)
{
	return (byte | 0x20) == lower;
}

/* Bytes of the contraction ('s, 'll …, any case) at `p`, or 0. Case folding takes
 * U+017F, long s, for an s. */
static size_t
contraction(const uint8_t *p, const uint8_t *end)
{
	if (end - p < 2 || *p != '\'')
		return 0;
	const uint8_t a = p[1];
	if (is_letter(a, 's') || is_letter(a, 't') || is_letter(a, 'm') || is_letter(a, 'd'))
		return 2;
	if (end - p < 3)
		return 0;
	const uint8_t b = p[2];
	if (a == 0xc5 && b == 0xbf)
		return 3;
	const bool two = (is_letter(a, 'l') && is_letter(b, 'l')) ||
			 ((is_letter(a, 'r') || is_letter(a, 'v')) && is_letter(b, 'e'));
	return two ? 3 : 0;
}

static const uint8_t *
up_to_three_numbers(const uint8_t *p, const uint8_t *end)
{
	for (int i = 0; i < 3; i++) {
		const struct rune c = classes_at(p, end);
		if (!(c.set & IN(NUMBER)))
			break;
		p += c.n;
	}
	return p;
}

/* \s*[\r\n]+|\s+(?!\S)|\s, and for cl100k \s+$ before them, at a white space. */
static const uint8_t *
spaces(const uint8_t *p, const uint8_t *end, bool last_run_whole)
{
	const uint8_t *q = p;
	const uint8_t *last = p;
	const uint8_t *after_newline = NULL;

	for (struct rune c = classes_at(q, end); c.set & CLASSES_SPACES; c = classes_at(q, end)) {
		last = q;
		q += c.n;
		if (c.set & IN(NEWLINE))
			after_newline = q;
	}
	if (q == end && last_run_whole)
		return q;
	if (after_newline)
		return after_newline;
	return q == end || last == p ? q : last;
}

/* [CAPITAL]*[SMALL]+ or else [CAPITAL]+ at `p`, or NULL. The first alternative gives
 * back capitals until one that is also small can begin [SMALL]+. `mark` is the end of
 * a mark just before `p` that may be a prefix or else a word of its own. */
static const uint8_t *
cased_word(const uint8_t *p, const uint8_t *end, const uint8_t *mark)
{
	const uint8_t *after_both = NULL;
	const uint8_t *q = p;
	struct rune c = classes_at(q, end);

	for (; c.set & CLASSES_CAPITAL; c = classes_at(q, end)) {
		q += c.n;
		if (c.set & CLASSES_SMALL)
			after_both = q;
	}
	if (c.set & IN(LOWER))
		return classes_skip(q, end, CLASSES_SMALL);
	if (after_both)
		return after_both;
	if (mark)
		return mark;
	return q > p ? q : NULL;
}

static uint64_t
word_at(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* The end of the run of bytes in [from, to] at `p`, as far as whole words can be
 * read; `fold` is set in each byte before it is compared. */
static const uint8_t *
run_end(const uint8_t *p, const uint8_t *end, uint8_t from, uint8_t to, uint8_t fold)
{
	unsigned n = 8;

	for (; n == 8 && end - p >= 8; p += n)
		n = split_run(split_between(word_at(p) | SPLIT_BYTES(fold), from, to), 0);
	return p;
}

/* The usual pieces of more than seven bytes: an ASCII word, with or without a
 * character before it, and spaces before something else. NULL: any other. */
static const uint8_t *
long_ascii(enum tokens_encoding e, const uint8_t *p, const uint8_t *end)
{
	const bool indent = end - p >= 8 && word_at(p) == SPLIT_BYTES(' ');
	const uint8_t *const from = classes_of_byte[*p] & CLASSES_PREFIX ? p + 1 : p;
	const uint8_t *q;

	if (indent) {
		q = run_end(p, end, ' ', ' ', 0);
		return end - q >= 8 && *q > ' ' && *q < 0x80 ? q - 1 : NULL;
	}
	if (e == TOKENS_CL100K) {
		q = run_end(from, end, 'a', 'z', 0x20);
	} else {
		q = run_end(from, end, 'A', 'Z', 0);
		q = run_end(q, end, 'a', 'z', 0);
	}
	return q > from && end - q >= 8 && *p != '\'' && *q < 0x80 && *q != '\'' ? q : NULL;
}

const uint8_t *
split_o200k(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *const usual = long_ascii(TOKENS_O200K, p, end);
	if (usual)
		return usual;
	const struct rune first = classes_at(p, end);

	if (first.set & IN(NUMBER))
		return up_to_three_numbers(p, end);
	if (!(first.set & IN(NEWLINE))) {
		const uint8_t *const from = first.set & CLASSES_PREFIX ? p + first.n : p;
		const uint8_t *const word =
			cased_word(from, end, first.set & IN(MARK) ? from : NULL);
		if (word)
			return word + contraction(word, end);
	}
	const uint8_t *const from = *p == ' ' ? p + 1 : p;
	const uint8_t *q = classes_skip(from, end, CLASSES_SYMBOLS);
	if (q == from)
		return spaces(p, end, false);
	while (q < end && (*q == '\r' || *q == '\n' || *q == '/'))
		q++;
	return q;
}

const uint8_t *
split_cl100k(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *const usual = long_ascii(TOKENS_CL100K, p, end);
	if (usual)
		return usual;
	const struct rune first = classes_at(p, end);

	if (first.set & IN(NUMBER))
		return up_to_three_numbers(p, end);
	const size_t contracted = contraction(p, end);
	if (contracted)
		return p + contracted;
	if (!(first.set & IN(NEWLINE))) {
		const uint8_t *const from = first.set & CLASSES_PREFIX ? p + first.n : p;
		const uint8_t *const word = classes_skip(from, end, CLASSES_LETTERS);
		if (word > from)
			return word;
	}
	const uint8_t *const from = *p == ' ' ? p + 1 : p;
	const uint8_t *const q = classes_skip(from, end, CLASSES_SYMBOLS);
	return q > from ? classes_skip(q, end, IN(NEWLINE)) : spaces(p, end, true);
}
