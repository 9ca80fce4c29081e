/* The chunked transfer coding (RFC 9112 §7.1): the caller feeds bytes and gets
 * back where the data is; nothing is copied. */
#ifndef HR_WIRE_CHUNKED_H
#define HR_WIRE_CHUNKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define CHUNKED_MAX_LINE 256		/* a size line with its extensions */
#define CHUNKED_MAX_TRAILERS 8192	/* all trailers together */

/* Embed it; zero is the start of a body. */
struct chunked {
	uint64_t left;		/* data bytes left in this chunk */
	uint32_t line;		/* bytes of the current size line */
	uint32_t trailer;	/* bytes of trailers so far */
	uint8_t state;
	uint8_t digits;
};

/* Reads from the front of *in and moves it past what was used. Returns the next
 * stretch of data, empty when the input ran out or the body ended (then *end is
 * true and *in begins after the body; calling again changes nothing).
 * ERR_SYNTAX: not chunked coding; ERR_LIMIT: a line or the trailers are too
 * long; after a failure the decoder only repeats ERR_SYNTAX. Extensions and
 * trailers are checked and dropped. */
enum err chunked_read(struct chunked *c, struct span *in, struct span *data, bool *end) MUST_CHECK;

/* Were the last chunk and its trailers read? Nothing else makes a body complete:
 * a connection that ends before has cut it. */
bool chunked_ended(const struct chunked *c);

/* Writes the line before a chunk of `n` bytes (n > 0), "1a2b\r\n"; after the
 * data comes "\r\n", after the last chunk CHUNKED_LAST. Returns its length. */
#define CHUNKED_HEAD_MAX 18
#define CHUNKED_LAST "0\r\n\r\n"
size_t chunked_head(uint64_t n, char out[CHUNKED_HEAD_MAX]);

#endif
