/* Strings that hold JSON. The first byte says what the rest is:
 *   even   a value, which is put into a string in the layout that the second byte says, beside a string
 *          of the bytes as they are: opened and closed, and compressed, it must come back
 *   odd    a form of somebody else's: decoding ends, and gives text or an error */
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/utf8.h"
#include "compress/compress.h"
#include "compress/layout.h"
#include "compress/strings.h"
#include "json/text.h"

#define MEMORY ((size_t)256 << 20)

static void
add_string(struct span text, struct buf *out)
{
	buf_add_char(out, '"');
	json_escape(out, text);
	buf_add_char(out, '"');
}

/* {"a":"<value>","b":["<bytes>"]} or the string alone. */
static void
wrap(struct span text, unsigned how, struct arena *a, struct buf *out)
{
	struct fuel fuel = { (uint64_t)1 << 30 };
	struct layout l = {
		.space = (enum layout_space)(how % 3),
		.indent = how / 3 % 9,
		.ascii = how & 32,
		.newline = how & 64,
	};
	struct source s;
	struct buf value;

	buf_init(&value, (size_t)1 << 26);
	if (source_read(text, a, &fuel, &s) == OK) {
		l.lines = s.lines;
		if (l.lines && l.space == LAYOUT_INDENTED)
			l.space = LAYOUT_SPACED;
		CHECK(layout_write(&s.doc, 0, &l, a, &value) != ERR_SYNTAX);
	}
	if (how & 128) {
		add_string(buf_span(&value), out);
	} else {
		buf_add_str(out, "{\"a\":");
		add_string(buf_span(&value), out);
		buf_add_str(out, ",\"b\":[");
		add_string(utf8_valid(text) ? text : SPAN(""), out);
		buf_add_str(out, "]}");
	}
	buf_free(&value);
}

static void
check_open(struct span text, struct arena *a)
{
	struct fuel fuel = { (uint64_t)1 << 30 };
	struct strings open;
	struct source s;

	const bool plain = source_read(text, a, &fuel, &s) == OK;
	/* It says itself when closing gives something else. */
	CHECK(strings_open(text, plain ? &s : NULL, a, &fuel, &open) != ERR_CONFLICT);
}

static void
check_block(struct span text, struct arena *a)
{
	const struct compress_in in = { text, PROFILE_LOSSLESS, 0 };
	struct fuel fuel = { compress_fuel_for(text.n) };
	struct compress_out out;
	struct span back;

	compress_block(&in, a, &fuel, &out);
	CHECK(out.reason != COMPRESS_REASON_UNPROVEN);
	fuel.left = COMPRESS_DECODE_FUEL;
	if (out.form != COMPRESS_VERBATIM)
		CHECK(compress_decode(out.text, a, &fuel, &back) == OK);
}

static void
check_decode(struct span form, struct arena *a)
{
	struct fuel fuel = { 64 * (uint64_t)form.n + 100000 };
	struct span out;

	if (compress_decode(form, a, &fuel, &out) == OK)
		CHECK(utf8_valid(out) || !utf8_valid(form));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct buf b;

	if (size < 2)
		return 0;
	/* A copy of its own, so that reading past the end is seen. */
	char *const p = malloc(size - 2 ? size - 2 : 1);
	if (!p)
		return 0;
	memcpy(p, data + 2, size - 2);
	const struct span text = { p, size - 2 };
	arena_init(&a, MEMORY);
	buf_init(&b, (size_t)1 << 28);
	if (data[0] % 2) {
		check_decode(text, &a);
	} else {
		wrap(text, data[1], &a, &b);
		if (buf_err(&b) == OK) {
			check_open(buf_span(&b), &a);
			check_block(buf_span(&b), &a);
			check_open(text, &a);
		}
	}
	buf_free(&b);
	arena_free(&a);
	free(p);
	return 0;
}
