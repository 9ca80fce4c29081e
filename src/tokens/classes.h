/* The Unicode classes that the split patterns tell apart, over UTF-8. */
#ifndef HR_TOKENS_CLASSES_H
#define HR_TOKENS_CLASSES_H

#include <stddef.h>
#include <stdint.h>

enum class {
	CLASS_OTHER,	/* punctuation, symbols, controls, unassigned, invalid bytes */
	CLASS_MARK,	/* M */
	CLASS_UPPER,	/* Lu, Lt */
	CLASS_LOWER,	/* Ll */
	CLASS_LETTER,	/* Lm, Lo */
	CLASS_NUMBER,	/* N */
	CLASS_SPACE,	/* White_Space but CR and LF */
	CLASS_NEWLINE,	/* CR, LF */
};

/* Sets of classes. */
#define IN(c) (1u << CLASS_##c)
#define CLASSES_LETTERS (IN(UPPER) | IN(LOWER) | IN(LETTER))		/* \p{L} */
#define CLASSES_SPACES (IN(SPACE) | IN(NEWLINE))			/* \s */
#define CLASSES_SYMBOLS (IN(OTHER) | IN(MARK))				/* [^\s\p{L}\p{N}] */
#define CLASSES_PREFIX (IN(OTHER) | IN(MARK) | IN(SPACE))		/* [^\r\n\p{L}\p{N}] */
#define CLASSES_CAPITAL (IN(UPPER) | IN(LETTER) | IN(MARK))		/* o200k: [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] */
#define CLASSES_SMALL (IN(LOWER) | IN(LETTER) | IN(MARK))		/* o200k: [\p{Ll}\p{Lm}\p{Lo}\p{M}] */

/* A character: its class as a set of one, and its length in bytes. */
struct rune {
	uint8_t set;
	uint8_t n;
};

/* The set of one class of each byte that is a character; 0 from 0x80 on. */
extern const uint8_t classes_of_byte[256];

/* The character at `p`, a byte from 0x80 on, p < end. A byte that begins no
 * well-formed character is a CLASS_OTHER of one byte. */
struct rune classes_decode(const uint8_t *p, const uint8_t *end);

/* The character at `p`; an empty set and 0 bytes at the end. */
static inline struct rune
classes_at(const uint8_t *p, const uint8_t *end)
{
	if (p == end)
		return (struct rune){ 0, 0 };
	const uint8_t set = classes_of_byte[*p];
	return set ? (struct rune){ set, 1 } : classes_decode(p, end);
}

/* The end of the run of characters in `set` that begins at `p`. */
static inline const uint8_t *
classes_skip(const uint8_t *p, const uint8_t *end, unsigned set)
{
	for (;;) {
		while (p < end && classes_of_byte[*p] & set)
			p++;
		if (p == end || *p < 0x80)
			return p;
		const struct rune c = classes_decode(p, end);
		if (!(c.set & set))
			return p;
		p += c.n;
	}
}

#endif
