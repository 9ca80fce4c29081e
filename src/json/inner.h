/* The inner bytes of strings: where they end, what an escape means. Shared by
 * scan, walk and text; nobody else needs it. */
#ifndef HR_JSON_INNER_H
#define HR_JSON_INNER_H

#include <stddef.h>

/* What a string was seen to hold. */
#define INNER_ESCAPED 1u	/* a backslash */
#define INNER_HIGH 2u		/* a byte of 0x80 or more */

/* `p` is the first byte after an opening quote. Returns the closing quote and
 * adds to *seen; NULL when there is none before `end`, when a control character
 * stands bare, or when an escape is not one of RFC 8259. High bytes pass
 * unjudged. */
const char *inner_end(const char *p, const char *end, unsigned *seen);

/* The ways inner_end is done; tests compare them. inner_end_avx2 may be called
 * only where the processor has it. */
const char *inner_end_scalar(const char *p, const char *end, unsigned *seen);
#if defined(__x86_64__)
const char *inner_end_sse2(const char *p, const char *end, unsigned *seen);
const char *inner_end_avx2(const char *p, const char *end, unsigned *seen);
#endif

/* The text of the inner bytes [p, end), written to `to`, which has room for as
 * many bytes. Returns the end of what was written, NULL for a lone surrogate or
 * what is no escape at all. */
char *inner_unescape(const char *p, const char *end, char *to);

/* First byte in [p, end) that JSON text escapes (quote, backslash, control), or
 * `end`. */
const char *inner_plain(const char *p, const char *end);

/* Reads the escape at `p`, which is its backslash, and writes its 1 to 4 UTF-8
 * bytes. Returns how many bytes of text the escape takes (2, 6, or 12 for a
 * surrogate pair); 0 for a lone surrogate or what is no escape at all. */
size_t inner_decode(const char *p, const char *end, char out[4], size_t *wrote);

#endif
