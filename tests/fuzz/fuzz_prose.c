/* JSON between other text. The first byte says what the rest is:
 *   0 mod 3   a text: what it is compressed to is proven and decodes
 *   1 mod 3   pieces, each but the last ended by a zero byte, other text and forms by turns: written as one
 *             form they are read again as they were
 *   2 mod 3   a form of somebody else's: decoding ends, and gives text or an error */
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "compress/compress.h"
#include "compress/passage.h"
#include "compress/prose_form.h"

#define MEMORY ((size_t)256 << 20)

static void
check_text(struct span text, struct arena *a)
{
	const struct compress_in in = { text, PROFILE_LOSSLESS, 0 };
	struct fuel fuel = { compress_fuel_for(text.n) };
	struct passage found[PASSAGES_MOST];
	struct compress_out out;
	struct span back;
	size_t from = 0;

	compress_block(&in, a, &fuel, &out);
	CHECK(out.reason != COMPRESS_REASON_UNPROVEN);
	fuel.left = COMPRESS_DECODE_FUEL;
	if (out.form != COMPRESS_VERBATIM)
		CHECK(compress_decode(out.text, a, &fuel, &back) == OK);
	fuel.left = 8 * (uint64_t)text.n;
	for (uint32_t i = 0, n = passages_find(text, &fuel, found); i < n; i++) {
		CHECK(found[i].off >= from && found[i].len <= text.n - found[i].off);
		from = found[i].off + found[i].len;
	}
}

static struct span
next_part(struct span *rest)
{
	const struct span part = span_head(*rest, span_find(*rest, '\0'));

	*rest = span_from(*rest, part.n + 1);
	return part;
}

static void
check_pieces(struct span text)
{
	struct prose_piece pieces[PASSAGES_MOST], got;
	struct prose_reader r;
	struct buf b;
	uint32_t n = 0;

	while (n < PASSAGES_MOST && text.n) {
		pieces[n].before = next_part(&text);
		pieces[n].form = next_part(&text);
		/* No form is empty. */
		if (pieces[n].form.n == 0)
			break;
		n++;
	}
	if (n == 0)
		return;
	buf_init(&b, (size_t)1 << 26);
	prose_form_write(pieces, n, text, &b);
	CHECK(prose_reader_begin(buf_span(&b), &r) == OK);
	for (uint32_t i = 0; i < n; i++) {
		CHECK(r.more);
		CHECK(prose_reader_next(&r, &got) == OK);
		CHECK(span_eq(got.before, pieces[i].before));
		CHECK(span_eq(got.form, pieces[i].form));
	}
	CHECK(!r.more);
	CHECK(span_eq(r.rest, text));
	buf_free(&b);
}

static void
check_decode(struct span form, struct arena *a)
{
	struct fuel fuel = { 64 * (uint64_t)form.n + 100000 };
	struct span out;

	if (compress_decode(form, a, &fuel, &out) == OK)
		CHECK(out.p != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;

	if (size == 0)
		return 0;
	/* A copy of its own, so that reading past the end is seen. */
	char *const p = malloc(size - 1 ? size - 1 : 1);
	if (!p)
		return 0;
	memcpy(p, data + 1, size - 1);
	const struct span text = { p, size - 1 };
	arena_init(&a, MEMORY);
	if (data[0] % 3 == 0)
		check_text(text, &a);
	else if (data[0] % 3 == 1)
		check_pieces(text);
	else
		check_decode(text, &a);
	arena_free(&a);
	free(p);
	return 0;
}
