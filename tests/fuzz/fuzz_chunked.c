/* The chunked coding on arbitrary bytes: any split gives the same data and the
 * same verdict, what is accepted is as long as its chunks say, and coding it
 * again gives it back. The first byte seeds the splits. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "wire/chunked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	struct buf data;
	enum err err;
	bool end;
	size_t used;
};

/* Reads all in pieces of pseudo-random size up to `most`; 0: in one. */
static struct result
decode(struct span in, unsigned seed, size_t most)
{
	struct result r = { .err = OK };
	struct chunked c = { 0 };

	buf_init(&r.data, 1 << 24);
	while (r.used < in.n && r.err == OK && !r.end) {
		seed = seed * 1103515245 + 12345;
		const size_t n = most ? 1 + (seed >> 8) % most : in.n;
		struct span part = span_head(span_from(in, r.used), n);

		while (part.n && r.err == OK && !r.end) {
			const char *const at = part.p;
			const size_t before = part.n;
			struct span data = SPAN_NONE;

			r.err = chunked_read(&c, &part, &data, &r.end);
			CHECK(data.n == 0 || (data.p >= at && data.p + data.n <= part.p));
			CHECK(part.p + part.n == at + before);
			CHECK(r.err != OK || part.n < before);
			buf_add_span(&r.data, data);
			r.used += before - part.n;
		}
	}
	CHECK(chunked_ended(&c) == r.end);
	return r;
}

static void
check_round_trip(struct span plain, unsigned seed)
{
	struct buf coded;

	buf_init(&coded, 1 << 26);
	for (size_t at = 0; at < plain.n;) {
		seed = seed * 1103515245 + 12345;
		const struct span part = span_head(span_from(plain, at), 1 + (seed >> 8) % 300);
		char line[CHUNKED_HEAD_MAX];

		buf_add(&coded, line, chunked_head(part.n, line));
		buf_add_span(&coded, part);
		buf_add_str(&coded, "\r\n");
		at += part.n;
	}
	buf_add_str(&coded, CHUNKED_LAST);
	struct result r = decode(buf_span(&coded), seed, 50);

	CHECK(r.end && r.used == coded.n && span_eq(buf_span(&r.data), plain));
	buf_free(&r.data);
	buf_free(&coded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	const size_t n = size - 1;
	char *const p = malloc(n ? n : 1);

	memcpy(p, data + 1, n);
	struct result whole = decode(span_of(p, n), 0, 0);

	for (size_t most = 1; most <= 64; most *= 4) {
		struct result r = decode(span_of(p, n), data[0], most);

		CHECK(r.err == whole.err && r.end == whole.end && r.used == whole.used);
		CHECK(span_eq(buf_span(&r.data), buf_span(&whole.data)));
		buf_free(&r.data);
	}
	CHECK(whole.data.n <= n && whole.used <= n);
	check_round_trip(span_of(p, n), data[0]);
	buf_free(&whole.data);
	free(p);
	return 0;
}
