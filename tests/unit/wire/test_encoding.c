#include "unit.h"

#include <zlib.h>
#include <zstd.h>

#include "wire/encoding.h"

/* {"content":"the quick brown fox"} and a line feed, 40 times; made by Node's
 * brotli, as are the next two. */
static const unsigned char br_text[] = {
	0x1b, 0x4f, 0x05, 0xf8, 0x1d, 0x07, 0x76, 0x0c, 0xf9, 0x07, 0x71, 0x38, 0x6c, 0xae, 0x14, 0xb5,
	0x88, 0x19, 0xde, 0xde, 0x56, 0x40, 0x7b, 0xa3, 0x53, 0x3a, 0x7d, 0x3d, 0x48, 0x25, 0xab, 0xd8,
	0xa6, 0x2f, 0x88, 0xe1, 0x9b, 0x8c, 0x78, 0x84, 0x9d, 0x20, 0xc2, 0x86, 0x4e, 0x4d, 0x04,
};
static const unsigned char br_zeros[] = {
	0x5b, 0x3f, 0x42, 0x8f, 0x7f, 0x02, 0x20, 0x1e, 0x0b, 0x04, 0xf2, 0x73, 0x1e, 0x00,
};
static const unsigned char br_of_gzip[] = {
	0x8b, 0x0d, 0x80, 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd,
	0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0x01, 0xe3, 0x51, 0x3d, 0x8d, 0x17, 0x00, 0x00, 0x00, 0x03,

};
static char text[1360];

static int
make_text(void **state)
{
	static const char line[] = "{\"content\":\"the quick brown fox\"}\n";

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = line[i % (sizeof(line) - 1)];
	return 0;
}

#define TEXT span_of(text, sizeof(text))
#define BYTES(array) span_of((const char *)(array), sizeof(array))

enum { RAW = -15, ZLIB = 15, GZIP = 15 + 16 };

/* Appends `in` as a zlib library stream to `out`. */
static void
deflate_to(struct buf *out, struct span in, int window_bits)
{
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	const size_t room = deflateBound(&z, in.n) + 100;
	char *const p = buf_reserve(out, room);

	assert_non_null(p);
	z.next_in = (Bytef *)(uintptr_t)in.p;
	z.avail_in = (uInt)in.n;
	z.next_out = (Bytef *)p;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n += room - z.avail_out;
	deflateEnd(&z);
}

static void
zstd_to(struct buf *out, struct span in)
{
	const size_t room = ZSTD_compressBound(in.n);
	char *const p = buf_reserve(out, room);

	assert_non_null(p);
	out->n += ZSTD_compress(p, room, in.p, in.n, 3);
}

/* The text in each coding. */
static void
make(struct buf *out, const char *coding, struct span in)
{
	buf_init(out, 1 << 26);
	if (strcmp(coding, "gzip") == 0)
		deflate_to(out, in, GZIP);
	else if (strcmp(coding, "deflate") == 0)
		deflate_to(out, in, ZLIB);
	else if (strcmp(coding, "raw") == 0)
		deflate_to(out, in, RAW);
	else
		zstd_to(out, in);
}

static void
check_decodes(struct span coded, const char *encoding, struct span want)
{
	struct buf out;

	buf_init(&out, 1 << 26);
	buf_add_str(&out, "before");
	assert_int_equal(encoding_decode(coded, span_str(encoding), want.n, &out), OK);
	assert_true(span_eq(span_from(buf_span(&out), 6), want));
	buf_free(&out);
}

/* Fails with `want` and leaves the buffer as it was. */
static void
check_fails(struct span coded, const char *encoding, size_t limit, enum err want)
{
	struct buf out;

	buf_init(&out, 1 << 26);
	buf_add_str(&out, "before");
	assert_int_equal(encoding_decode(coded, span_str(encoding), limit, &out), want);
	assert_span_eq(buf_span(&out), "before");
	assert_int_equal(buf_err(&out), OK);
	buf_free(&out);
}

/* A body in one coding: whole, over the limit, cut anywhere, with more behind. */
static void
check_coding(struct span coded, const char *encoding)
{
	check_decodes(coded, encoding, TEXT);
	check_fails(coded, encoding, sizeof(text) - 1, ERR_LIMIT);
	check_fails(coded, encoding, 0, ERR_LIMIT);
	for (size_t n = 0; n < coded.n; n++) {
		char *const cut = malloc(n ? n : 1);

		memcpy(cut, coded.p, n);
		check_fails(span_of(cut, n), encoding, sizeof(text), ERR_SYNTAX);
		free(cut);
	}
	struct buf more;

	buf_init(&more, 1 << 20);
	buf_add_span(&more, coded);
	buf_add_char(&more, '\0');
	check_fails(buf_span(&more), encoding, sizeof(text), ERR_SYNTAX);
	buf_truncate(&more, coded.n);
	buf_add_span(&more, coded);
	check_fails(buf_span(&more), encoding, 2 * sizeof(text), ERR_SYNTAX);
	buf_free(&more);
}

static void
every_coding_is_decoded(void **state)
{
	(void)state;
	static const char *const names[][2] = {
		{ "gzip", "gzip" },   { "gzip", "x-GZip" },  { "deflate", "deflate" },
		{ "raw", "Deflate" }, { "zstd", "zstd" },    { "gzip", " identity , gzip ," },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf coded;

		make(&coded, names[i][0], TEXT);
		check_coding(buf_span(&coded), names[i][1]);
		buf_free(&coded);
	}
	check_coding(BYTES(br_text), "br");
	check_coding(BYTES(br_text), "BR");
}

static void
identity_is_a_copy(void **state)
{
	(void)state;
	static const char *const names[] = { "", " ", "identity", "Identity, ,identity" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(encoding_is_identity(span_str(names[i])));
		check_decodes(TEXT, names[i], TEXT);
		check_fails(TEXT, names[i], sizeof(text) - 1, ERR_LIMIT);
	}
	assert_true(encoding_is_identity(SPAN_NONE));
	assert_false(encoding_is_identity(SPAN("identity, gzip")));
	assert_false(encoding_is_identity(SPAN("gzip, identity")));
	check_decodes(SPAN(""), "identity", SPAN(""));
}

static void
lists_are_taken_off_from_the_end(void **state)
{
	(void)state;
	struct buf gzip, zstd, deflate;

	check_decodes(BYTES(br_of_gzip), "gzip, br", SPAN("hello hello hello hello"));
	check_fails(BYTES(br_of_gzip), "br, gzip", 1000, ERR_SYNTAX);
	check_fails(BYTES(br_of_gzip), "br", 5, ERR_LIMIT);
	make(&gzip, "gzip", TEXT);
	make(&zstd, "zstd", buf_span(&gzip));
	make(&deflate, "deflate", buf_span(&zstd));
	check_coding(buf_span(&deflate), "gzip,zstd,deflate");
	check_fails(buf_span(&deflate), "gzip,zstd,deflate,br", 1 << 20, ERR_UNSUPPORTED);
	buf_free(&gzip);
	buf_free(&zstd);
	buf_free(&deflate);
}

static void
unknown_codings_are_unsupported(void **state)
{
	(void)state;
	static const char *const names[] = { "compress", "lzma", "gzip, foo", "gzip;q=1", "\"gzip\"",
					     "gzipx", "*" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_fails(TEXT, names[i], 1 << 20, ERR_UNSUPPORTED);
}

/* Millions of empty deflate blocks give no byte in the end, but must pass. */
static void
bombs_between_two_codings_stop_too(void **state)
{
	(void)state;
	const size_t size = 20000000;
	char *const blocks = calloc(1, size);
	struct buf coded;

	for (size_t i = 0; i < size; i += 5)
		memcpy(blocks + i + 3, "\xff\xff", 2);
	make(&coded, "gzip", span_of(blocks, size));
	check_fails(buf_span(&coded), "deflate, gzip", 100000, ERR_LIMIT);
	check_fails(buf_span(&coded), "deflate, gzip", size, ERR_SYNTAX); /* no last block */
	buf_free(&coded);
	free(blocks);
}

static void
bombs_stop_at_the_limit(void **state)
{
	(void)state;
	static const char *const names[] = { "gzip", "deflate", "zstd" };
	const size_t size = 20000000;
	char *const zeros = calloc(1, size);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf coded, out;

		make(&coded, names[i], span_of(zeros, size));
		assert_true(coded.n < size / 500);
		buf_init(&out, 1 << 26);
		assert_int_equal(encoding_decode(buf_span(&coded), span_str(names[i]), 100000, &out), ERR_LIMIT);
		assert_true(out.cap < 300000);
		/* the buffer's own limit counts as well */
		buf_free(&out);
		buf_init(&out, 50000);
		assert_int_equal(encoding_decode(buf_span(&coded), span_str(names[i]), size, &out), ERR_LIMIT);
		assert_int_equal(buf_err(&out), OK);
		buf_free(&out);
		buf_free(&coded);
	}
	check_fails(BYTES(br_zeros), "br", 999999, ERR_LIMIT);
	check_decodes(BYTES(br_zeros), "br", span_of(zeros, 1000000));
	free(zeros);
}

/* A frame that asks for a window of 128 MB is refused before it is had. */
static void
large_zstd_windows_are_refused(void **state)
{
	(void)state;
	static const unsigned char frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0, 0 };

	check_fails(BYTES(frame), "zstd", 1 << 20, ERR_LIMIT);
}

/* What the library may know beside RFC 8878: a frame of version 0.5 (found by the
 * fuzzer), and one that says it is to be skipped. */
static void
other_zstd_formats_are_refused(void **state)
{
	(void)state;
	static const unsigned char old[] = { 0x25, 0xb5, 0x2f, 0xfd, 0x02, 0xff, 0x28, 0x04 };
	static const unsigned char skippable[] = { 0x50, 0x2a, 0x4d, 0x18, 0x01, 0, 0, 0, 'x' };

	check_fails(BYTES(old), "zstd", 1 << 20, ERR_SYNTAX);
	check_fails(BYTES(skippable), "zstd", 1 << 20, ERR_SYNTAX);
}

static void
damage_is_found(void **state)
{
	(void)state;
	struct buf coded;

	make(&coded, "gzip", TEXT);
	coded.p[coded.n - 6] ^= 1; /* the check sum */
	check_fails(buf_span(&coded), "gzip", sizeof(text), ERR_SYNTAX);
	coded.p[coded.n - 6] ^= 1;
	coded.p[coded.n - 2] ^= 1; /* the length */
	check_fails(buf_span(&coded), "gzip", sizeof(text), ERR_SYNTAX);
	buf_free(&coded);
	make(&coded, "deflate", TEXT);
	coded.p[coded.n - 1] ^= 1;
	check_fails(buf_span(&coded), "deflate", sizeof(text), ERR_SYNTAX);
	buf_free(&coded);
	check_fails(TEXT, "gzip", 1 << 20, ERR_SYNTAX);
	check_fails(TEXT, "zstd", 1 << 20, ERR_SYNTAX);
	check_fails(TEXT, "deflate", 1 << 20, ERR_SYNTAX);
	check_fails(TEXT, "br", 1 << 20, ERR_SYNTAX);
}

static enum err
append(void *arg, struct span bytes)
{
	buf_add_span(arg, bytes);
	return OK;
}

static enum err
refuse(void *arg, struct span bytes)
{
	(void)arg;
	(void)bytes;
	return ERR_BUSY;
}

static void
pieces_give_the_same_as_the_whole(void **state)
{
	(void)state;
	static const char *const names[] = { "gzip", "deflate", "raw", "zstd", "br" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf coded;
		const char *const encoding = i == 2 ? "deflate" : names[i];

		buf_init(&coded, 1 << 20);
		if (i == 4)
			buf_add_span(&coded, BYTES(br_text));
		else
			make(&coded, names[i], TEXT);
		for (size_t step = 1; step < 6; step++) {
			struct decoder *d = NULL;
			struct buf out;

			buf_init(&out, 1 << 20);
			assert_int_equal(decoder_open(span_str(encoding), SIZE_MAX, &d), OK);
			for (size_t at = 0; at < coded.n; at += step) {
				assert_int_equal(decoder_end(d), ERR_SYNTAX);
				assert_int_equal(decoder_feed(d, span_head(span_from(buf_span(&coded), at), step),
							      append, &out), OK);
			}
			assert_int_equal(decoder_end(d), OK);
			assert_true(span_eq(buf_span(&out), TEXT));
			assert_int_equal(decoder_feed(d, SPAN_NONE, append, &out), OK);
			assert_int_equal(decoder_feed(d, SPAN("x"), append, &out), ERR_SYNTAX);
			decoder_close(&d);
			assert_null(d);
			buf_free(&out);
			assert_int_equal(decoder_open(span_str(encoding), SIZE_MAX, &d), OK);
			assert_int_equal(decoder_feed(d, buf_span(&coded), refuse, NULL), ERR_BUSY);
			decoder_close(&d);
			decoder_close(&d);
		}
		buf_free(&coded);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_coding_is_decoded),
		cmocka_unit_test(identity_is_a_copy),
		cmocka_unit_test(lists_are_taken_off_from_the_end),
		cmocka_unit_test(unknown_codings_are_unsupported),
		cmocka_unit_test(bombs_stop_at_the_limit),
		cmocka_unit_test(bombs_between_two_codings_stop_too),
		cmocka_unit_test(large_zstd_windows_are_refused),
		cmocka_unit_test(other_zstd_formats_are_refused),
		cmocka_unit_test(damage_is_found),
		cmocka_unit_test(pieces_give_the_same_as_the_whole),
	};
	return cmocka_run_group_tests(tests, make_text, NULL);
}
