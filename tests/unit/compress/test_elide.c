#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "compress/cell.h"
#include "compress/compress.h"
#include "tokens/tokens.h"

static const char hash[] = "0123456789abcdef01234567";

struct block {
	struct buf text;
	struct arena a;
	struct compress_out out;
};

/* Compresses what was put into b->text. */
static void
compress(struct block *b, enum profile profile, const char *key)
{
	const struct compress_in in = { .text = buf_span(&b->text), .profile = profile, .hash = key };
	struct fuel fuel = { compress_fuel_for(b->text.n) };

	arena_init(&b->a, 256 << 20);
	compress_block(&in, &b->a, &fuel, &b->out);
}

static void
release(struct block *b)
{
	arena_free(&b->a);
	buf_free(&b->text);
}

static bool
holds(struct span text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static void
add_log(struct buf *b, uint32_t rows)
{
	buf_init(b, 16 << 20);
	buf_add_char(b, '[');
	for (uint32_t r = 0; r < rows; r++) {
		const bool bad = r == rows / 2 + 1;

		buf_addf(b, "%s{\"at\":%u,\"level\":\"%s\",\"message\":\"%s %u\",\"ms\":%u}", r ? "," : "", 5000 + r,
			 bad ? "ERROR" : "INFO", bad ? "connection refused by peer" : "request served by worker",
			 r % 7, 20 + r * 7 % 40);
	}
	buf_add_char(b, ']');
}

static void
rows_are_left_out_only_for_those_who_can_redeem(void **state)
{
	(void)state;
	static const struct {
		enum profile profile;
		const char *key;
		bool elided;
	} cases[] = {
		{ PROFILE_BALANCED, hash, true }, { PROFILE_AGGRESSIVE, hash, true },
		{ PROFILE_LOSSLESS, hash, false }, { PROFILE_BALANCED, NULL, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct block b;

		add_log(&b.text, 300);
		compress(&b, cases[i].profile, cases[i].key);
		assert_int_equal(b.out.elided, cases[i].elided);
		assert_int_equal(b.out.form, COMPRESS_JSON_TABLE);
		assert_int_equal(b.out.tokens_after, tokens_count(TOKENS_O200K, b.out.text));
		assert_int_equal(holds(b.out.text, hash), cases[i].elided);
		assert_int_equal(holds(b.out.text, CELL_GAP), cases[i].elided);
		assert_true(holds(b.out.text, "refused"));
		release(&b);
	}
}

static void
a_form_with_gaps_is_not_decoded(void **state)
{
	(void)state;
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	struct span text = SPAN("untouched");
	struct block b;

	add_log(&b.text, 300);
	compress(&b, PROFILE_BALANCED, hash);
	assert_true(b.out.elided);
	assert_int_equal(compress_decode(b.out.text, &b.a, &fuel, &text), ERR_ELIDED);
	assert_span_eq(text, "untouched");
	release(&b);
}

/* Long lists of numbers lose items in the middle, but for the ends and the extremes;
 * lists of texts lose none. */
static void
lists_of_numbers_are_shortened(void **state)
{
	(void)state;
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	struct span text;
	struct block b;

	buf_init(&b.text, 1 << 20);
	buf_add_str(&b.text, "{\"line\":[");
	for (uint32_t i = 0; i < 400; i++)
		buf_addf(&b.text, "%s[%u.5,%u]", i ? "," : "", 7000 + i, i * i % 97);
	buf_add_str(&b.text, "],\"samples\":[");
	for (uint32_t i = 0; i < 400; i++)
		buf_addf(&b.text, "%s%u", i ? "," : "", i == 123 ? 99999 : i == 234 ? 1 : 500 + i * 37 % 101);
	buf_add_str(&b.text, "],\"names\":[");
	for (uint32_t i = 0; i < 60; i++)
		buf_addf(&b.text, "%s\"name number %u\"", i ? "," : "", i * 7);
	buf_add_str(&b.text, "]}");
	compress(&b, PROFILE_BALANCED, hash);
	assert_true(b.out.elided);
	assert_true(holds(b.out.text, "line:[[7000.5,0],[7001.5,1],[7002.5,4],…4-398,[7398.5,"));
	assert_true(holds(b.out.text, "samples:[500,537,574,…4-123,99999,…125-234,1,…236-398,"));
	for (uint32_t i = 0; i < 60; i++) {
		char name[32];

		snprintf(name, sizeof name, "name number %u", i * 7);
		assert_true(holds(b.out.text, name));
	}
	assert_true(holds(b.out.text, "\n[800 items compressed to 12. Retrieve more: hash="));
	assert_int_equal(compress_decode(b.out.text, &b.a, &fuel, &text), ERR_ELIDED);
	release(&b);
}

/* An example of a kind of trouble is one line, though the JSON it comes from has several. */
static void
examples_stay_on_their_line(void **state)
{
	(void)state;
	struct block b;

	buf_init(&b.text, 1 << 20);
	buf_add_char(&b.text, '[');
	for (uint32_t i = 0; i < 200; i++)
		buf_addf(&b.text, "%s\n{\"n\": %u, \"unit\": \"unit number %u\", \"error\": %s}", i ? "," : "",
			 i * 7919 % 1000, i * 31, i % 3 ? "null" : "{\n  \"code\": 7,\n  \"by\": [\n1]}");
	buf_add_char(&b.text, ']');
	compress(&b, PROFILE_BALANCED, hash);
	assert_true(b.out.elided);
	assert_true(holds(b.out.text, "\n…of these 67 like \""));
	release(&b);
}

/* What is looked up by key has no unremarkable members. */
static void
maps_stay_whole(void **state)
{
	(void)state;
	struct block b;

	buf_init(&b.text, 1 << 20);
	buf_add_char(&b.text, '{');
	for (uint32_t i = 0; i < 300; i++)
		buf_addf(&b.text, "%s\"zone-%u\":{\"offset\":%u,\"name\":\"of the %u\"}", i ? "," : "", i, i % 24,
			 i * 7919);
	buf_add_char(&b.text, '}');
	compress(&b, PROFILE_AGGRESSIVE, hash);
	assert_false(b.out.elided);
	assert_int_equal(b.out.form, COMPRESS_JSON_TABLE);
	release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_left_out_only_for_those_who_can_redeem),
		cmocka_unit_test(a_form_with_gaps_is_not_decoded),
		cmocka_unit_test(lists_of_numbers_are_shortened),
		cmocka_unit_test(examples_stay_on_their_line),
		cmocka_unit_test(maps_stay_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
