/* Counting tokens the way OpenAI's byte-pair encodings do. Pure and thread-safe. */
#ifndef HR_TOKENS_TOKENS_H
#define HR_TOKENS_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/span.h"

enum tokens_encoding {
	TOKENS_O200K,	/* o200k_base: gpt-4o, gpt-4.1, gpt-5, o1, o3, o4 */
	TOKENS_CL100K,	/* cl100k_base: gpt-4, gpt-3.5, embeddings */
};

/* Tokens of `text` (UTF-8; special-token spellings such as <|endoftext|> count
 * as ordinary text). Linear in the text, whatever it holds. */
size_t tokens_count(enum tokens_encoding e, struct span text);

/* Is the count at least `floor`? Reads no more of the text than it must. */
bool tokens_at_least(enum tokens_encoding e, struct span text, size_t floor);

/* What counting several texts that share words may remember from one to the next;
 * 100 KB. One thread at a time. NULL: no memory. */
struct tokens_memo *tokens_memo_new(enum tokens_encoding e, struct arena *a) MUST_CHECK;

/* tokens_count, faster where texts share what is not one token. */
size_t tokens_memo_count(struct tokens_memo *m, struct span text);

/* About how many there are, from an eighth of a long text, taken in pieces evenly
 * over it; exact for up to so many bytes. The same for the same text everywhere. */
#define TOKENS_ESTIMATE_EXACT ((size_t)16 << 10)
size_t tokens_estimate(enum tokens_encoding e, struct span text);

#endif
