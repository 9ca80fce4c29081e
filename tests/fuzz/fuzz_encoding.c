/* Content codings on arbitrary bytes: the limit holds, pieces give what the whole
 * gives. The first byte chooses the coding, the second the limit. */
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "wire/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err
append(void *arg, struct span bytes)
{
	buf_add_span(arg, bytes);
	return OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "gzip", "deflate", "zstd", "br", "gzip, zstd", "identity",
					     "br,deflate" };

	if (size < 2)
		return 0;
	const struct span encoding = span_str(names[data[0] % (sizeof(names) / sizeof(names[0]))]);
	const size_t limit = 64u * data[1];
	const size_t n = size - 2;
	char *const p = malloc(n ? n : 1);
	struct buf whole, pieces;
	struct decoder *d = NULL;
	enum err e = OK;

	memcpy(p, data + 2, n);
	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	const enum err all = encoding_decode(span_of(p, n), encoding, limit, &whole);

	CHECK(whole.n <= limit && (all == OK || whole.n == 0));
	CHECK(decoder_open(encoding, limit, &d) == OK);
	for (size_t at = 0; at < n && e == OK; at++)
		e = decoder_feed(d, span_of(p + at, 1), append, &pieces);
	if (e == OK)
		e = decoder_end(d);
	decoder_close(&d);
	/* how far a library looks ahead decides which of two faults it meets */
	if (!encoding_is_identity(encoding))
		CHECK((e == OK) == (all == OK));
	if (all == OK)
		CHECK(span_eq(buf_span(&whole), buf_span(&pieces)));
	buf_free(&whole);
	buf_free(&pieces);
	free(p);
	return 0;
}
