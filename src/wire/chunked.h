/* The chunked transfer coding (RFC 9112 §7.1), decoded in place of nothing:
 * the caller feeds bytes and gets back where the data is. */
#ifndef HR_WIRE_CHUNKED_H
#define HR_WIRE_CHUNKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* Embed it; zero is the start of a body. */
struct chunked {
	uint64_t left;		/* data bytes left in this chunk */
	uint32_t line;		/* bytes of the current size or trailer line */
	uint32_t trailer;	/* bytes of trailers so far */
	uint8_t state;
	uint8_t digits;
};

/* Reads from the front of *in and moves it past what was used. Returns the next
 * stretch of data, empty when the input ran out or the body ended (then *end is
 * true). ERR_SYNTAX: not chunked coding; ERR_LIMIT: a line or the trailers are
 * too long. Trailers are checked and dropped. */
enum err chunked_read(struct chunked *c, struct span *in, struct span *data, bool *end) MUST_CHECK;

#endif
