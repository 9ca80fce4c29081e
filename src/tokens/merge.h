/* Byte-pair encoding of one piece. */
#ifndef HR_TOKENS_MERGE_H
#define HR_TOKENS_MERGE_H

#include "tokens/ranks.h"

/* Longer pieces go through windows of this many bytes on the stack, of which
 * the last MERGE_OVERLAP are looked at again from the next one. */
#define MERGE_WINDOW 1024
#define MERGE_OVERLAP 256

/* Tokens that merging makes of the piece's `n` > 0 bytes, by repeatedly merging the
 * pair of lowest rank, the leftmost of equals. O(n log n) steps, bounded stack. */
size_t merge_count(const struct ranks *r, const uint8_t *p, size_t n);

/* The same through windows of `window` bytes overlapping by `overlap`, for
 * tests; 0 < 2 * overlap <= window <= MERGE_WINDOW. */
size_t merge_count_windowed(const struct ranks *r, const uint8_t *p, size_t n,
			    size_t window, size_t overlap);

#endif
