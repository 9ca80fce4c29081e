/* What all strings of a column begin and end with, said once. */
#ifndef HR_COMPRESS_AFFIX_H
#define HR_COMPRESS_AFFIX_H

#include "compress/table.h"

/* Tokens that each cell must save: less is not worth hiding a value's ends. */
#define AFFIX_MIN_TOKENS 3
/* In so many cells at least: fewer do not pay for the pattern. */
#define AFFIX_MIN_CELLS 3

/* Confirms marked columns whose value is worth it. Cuts each other column's
 * common prefix and suffix back to word boundaries, and to nothing where they
 * save too little. What remains between them is never empty. ERR_NOMEM, ERR_FUEL. */
enum err affix_choose(struct table *t, struct arena *a, struct fuel *fuel) MUST_CHECK;

/* May the text be cut before byte `at`? Never within one word or number. */
bool affix_is_boundary(struct span text, size_t at);

/* A cell's text between its column's prefix and suffix. */
static inline struct span
affix_middle(const struct column *c, struct span text)
{
	return (struct span){ text.p + c->prefix, text.n - c->prefix - c->suffix };
}

#endif
