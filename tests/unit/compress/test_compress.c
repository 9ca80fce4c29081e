#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "compress/compress.h"
#include "compress/ladder.h"
#include "tokens/tokens.h"

static struct compress_out
compress_with(struct span text, enum profile profile, uint32_t floor, struct arena *a)
{
	const struct compress_in in = { text, profile, floor };
	struct fuel fuel = { compress_fuel_for(text.n) };
	struct compress_out out;

	arena_init(a, 64 << 20);
	compress_block(&in, a, &fuel, &out);
	return out;
}

static void
check_verbatim(struct span text, enum profile profile, uint32_t floor, enum compress_reason why)
{
	struct arena a;
	const struct compress_out out = compress_with(text, profile, floor, &a);

	if (out.reason != why)
		fail_msg("%s, not %s, for %.60s", compress_reason_name(out.reason),
			 compress_reason_name(why), text.p);
	assert_int_equal(out.form, COMPRESS_VERBATIM);
	assert_ptr_equal(out.text.p, text.p);
	assert_int_equal(out.text.n, text.n);
	assert_int_equal(out.tokens_after, out.tokens_before);
	assert_int_equal(a.used, 0);
	arena_free(&a);
}

/* Pretty-printed rows that make a good table. */
static void
add_rows(struct buf *b, unsigned rows)
{
	buf_add_str(b, "{\n  \"items\": [");
	for (unsigned i = 0; i < rows; i++)
		buf_addf(b,
			 "%s\n    {\n      \"id\": %u,\n      \"state\": \"open\",\n"
			 "      \"created_at\": \"2024-01-%02uT00:00:00Z\",\n      \"user\": {\n"
			 "        \"login\": \"user%u\"\n      }\n    }",
			 i ? "," : "", 1000 + i, 1 + i % 28, i * 7);
	buf_add_str(b, "\n  ]\n}\n");
}

static void
rows_become_a_table(void **state)
{
	(void)state;
	struct buf b;
	struct arena a;

	buf_init(&b, 1 << 20);
	add_rows(&b, 60);
	const struct compress_out out = compress_with(buf_span(&b), PROFILE_LOSSLESS, 150, &a);
	assert_int_equal(out.form, COMPRESS_JSON_TABLE);
	assert_int_equal(out.reason, COMPRESS_REASON_NONE);
	assert_int_equal(out.tokens_before, tokens_count(TOKENS_O200K, buf_span(&b)));
	assert_int_equal(out.tokens_after, tokens_count(TOKENS_O200K, out.text));
	assert_true(out.tokens_after * 5 < out.tokens_before);
	arena_free(&a);
	buf_free(&b);
}

static void
other_values_are_minified(void **state)
{
	(void)state;
	struct buf b;
	struct arena a;

	buf_init(&b, 1 << 20);
	buf_add_str(&b, "{\n    \"\\u00e9\": [\n");
	for (unsigned i = 0; i < 40; i++)
		buf_addf(&b, "        1.%u0,\n", i);
	buf_add_str(&b, "        { \"a\": null , \"a\" : \"\\u0041 b\" }\n    ]\n}");
	const struct compress_out out = compress_with(buf_span(&b), PROFILE_LOSSLESS, 0, &a);
	assert_int_equal(out.form, COMPRESS_JSON_MINIFIED);
	assert_true(span_starts(out.text, SPAN("{\"\\u00e9\":[1.00,1.10,1.20,")));
	assert_true(span_ends(out.text, SPAN(",1.390,{\"a\":null,\"a\":\"\\u0041 b\"}]}")));
	arena_free(&a);
	buf_free(&b);
}

static void
reasons_for_leaving_a_block_alone(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 1 << 20);
	add_rows(&b, 60);
	const struct span rows = buf_span(&b);
	const uint32_t tokens = (uint32_t)tokens_count(TOKENS_O200K, rows);

	check_verbatim(rows, PROFILE_OFF, 0, COMPRESS_REASON_OFF);
	check_verbatim(rows, PROFILE_LOSSLESS, tokens + 1, COMPRESS_REASON_SMALL);
	check_verbatim(rows, PROFILE_LOSSLESS, UINT32_MAX / 64, COMPRESS_REASON_SMALL);
	check_verbatim(SPAN(""), PROFILE_LOSSLESS, 1, COMPRESS_REASON_SMALL);
	check_verbatim(SPAN(""), PROFILE_LOSSLESS, 0, COMPRESS_REASON_KIND);
	check_verbatim(span_head(rows, rows.n - 8), PROFILE_LOSSLESS, 0, COMPRESS_REASON_KIND);
	check_verbatim(SPAN("No JSON, however long it may be. { }"), PROFILE_LOSSLESS, 0,
		       COMPRESS_REASON_KIND);
	check_verbatim(SPAN("{\"a\":1}"), PROFILE_LOSSLESS, 0, COMPRESS_REASON_NO_GAIN);
	check_verbatim(SPAN("{ \"a\" : [ 1 , 2 ] }"), PROFILE_LOSSLESS, 0, COMPRESS_REASON_NO_GAIN);
	buf_free(&b);
}

static void
the_floor_is_inclusive(void **state)
{
	(void)state;
	struct buf b;
	struct arena a;

	buf_init(&b, 1 << 20);
	add_rows(&b, 30);
	const uint32_t tokens = (uint32_t)tokens_count(TOKENS_O200K, buf_span(&b));
	assert_int_equal(compress_with(buf_span(&b), PROFILE_LOSSLESS, tokens, &a).form,
			 COMPRESS_JSON_TABLE);
	arena_free(&a);
	buf_free(&b);
}

/* Walks over the edges of P6: texts whose minified form saves a growing number
 * of tokens. Whatever is decided must be what the rule says. */
static void
only_what_pays_is_replaced(void **state)
{
	(void)state;
	size_t kept = 0, replaced = 0;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (unsigned spaced = 0; spaced < 60; spaced++)
		for (unsigned plain = 0; plain < 400; plain += 40) {
			struct arena a;

			buf_clear(&b);
			buf_add_char(&b, '[');
			for (unsigned i = 0; i < plain; i++)
				buf_add_str(&b, "[7],");
			for (unsigned i = 0; i < spaced; i++)
				buf_add_str(&b, "\n [ 7 ],");
			buf_add_str(&b, "0]");
			const struct compress_out out =
				compress_with(buf_span(&b), PROFILE_LOSSLESS, 0, &a);
			buf_clear(&b);
			buf_add_char(&b, '[');
			for (unsigned i = 0; i < plain + spaced; i++)
				buf_add_str(&b, "[7],");
			buf_add_str(&b, "0]");
			const size_t after = tokens_count(TOKENS_O200K, buf_span(&b));
			const bool pays = after + 16 <= out.tokens_before &&
					  after * 100 <= (size_t)out.tokens_before * 95;

			assert_int_equal(out.form, pays ? COMPRESS_JSON_MINIFIED : COMPRESS_VERBATIM);
			if (pays)
				assert_true(span_eq(out.text, buf_span(&b)));
			kept += !pays;
			replaced += pays;
			arena_free(&a);
		}
	buf_free(&b);
	assert_true(kept > 100 && replaced > 100);
}

/* A text that looks like our own output is a text like any other. */
static void
our_own_forms_are_left_alone(void **state)
{
	(void)state;
	struct buf b;
	struct arena a, again;
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	struct span back;

	buf_init(&b, 1 << 20);
	add_rows(&b, 60);
	const struct compress_out out = compress_with(buf_span(&b), PROFILE_LOSSLESS, 0, &a);
	check_verbatim(out.text, PROFILE_LOSSLESS, 0, COMPRESS_REASON_KIND);
	/* Such a text as a value is a string, not a form. */
	buf_clear(&b);
	buf_add_str(&b, "[");
	for (unsigned i = 0; i < 20; i++)
		buf_addf(&b, "%s\n{ \"text\": \"[JSON as tables v1: x]\\ntable 1: %u rows\","
			     " \"name\": \"[table 1]\", \"line\": \"= %u\" }", i ? "," : "", i, i);
	buf_add_str(&b, "]");
	const struct compress_out two = compress_with(buf_span(&b), PROFILE_LOSSLESS, 0, &again);
	assert_int_equal(two.form, COMPRESS_JSON_TABLE);
	assert_int_equal(compress_decode(two.text, &again, &fuel, &back), OK);
	assert_true(span_starts(back, SPAN("[{\"text\":\"[JSON as tables v1: x]\\ntable 1: 0 rows\","
					   "\"name\":\"[table 1]\",\"line\":\"= 0\"},")));
	arena_free(&a);
	arena_free(&again);
	buf_free(&b);
}

static void
lines_stay_lines(void **state)
{
	(void)state;
	struct buf b;
	struct arena a;
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	struct span back;

	buf_init(&b, 1 << 20);
	for (unsigned i = 0; i < 30; i++)
		buf_addf(&b, "{ \"level\": \"info\", \"message\": \"request %u\", \"status\": 200 }\r\n", i);
	const struct compress_out out = compress_with(buf_span(&b), PROFILE_LOSSLESS, 0, &a);
	assert_int_equal(out.form, COMPRESS_JSON_TABLE);
	assert_int_equal(compress_decode(out.text, &a, &fuel, &back), OK);
	assert_true(span_starts(back, SPAN("{\"level\":\"info\",\"message\":\"request 0\",\"status\":200}\n{")));
	assert_true(span_ends(back, SPAN("\n{\"level\":\"info\",\"message\":\"request 29\",\"status\":200}")));
	arena_free(&a);
	buf_free(&b);
}

/* A form with any other value than the source's must never be sent. */
static void
the_proof_refuses_other_values(void **state)
{
	(void)state;
	static const char source[] = "[{\"a\":1,\"b\":\"x\"},{\"a\":2},{\"b\":null,\"a\":3}]";
	static const char head[] = "[JSON as tables v1: x]\ntable 1: 3 rows, space-separated\n";
	static const struct {
		const char *rows;
		enum err want;
	} forms[] = {
		{ "a b\n1 x\n2 -\n={\"b\":null,\"a\":3}", OK },
		{ "a b\n1 x\n2 -\n={\"a\":3,\"b\":null}", ERR_CONFLICT },
		{ "a b\n1 x\n2 -\n={\"b\":\"\",\"a\":3}", ERR_CONFLICT },
		{ "a b\n1 x\n2 null\n={\"b\":null,\"a\":3}", ERR_CONFLICT },
		{ "a b\n1 x\n2.0 -\n={\"b\":null,\"a\":3}", ERR_CONFLICT },
		{ "a b\n\"1\" x\n2 -\n={\"b\":null,\"a\":3}", ERR_CONFLICT },
		{ "a b\n1 x\n={\"b\":null,\"a\":3}\n2 -", ERR_CONFLICT },
		{ "a b\n1 x\n2 -\n={\"b\":null,\"a\":3", ERR_CONFLICT },
		{ "a b\n1 x\n2 -\n={\"b\":null,\"a\":03}", ERR_CONFLICT },
	};
	struct fuel fuel = { 1 << 20 };
	struct source s;
	struct arena a;
	char form[300];

	arena_init(&a, 1 << 20);
	assert_int_equal(source_read(span_str(source), &a, &fuel, &s), OK);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		snprintf(form, sizeof form, "%s%s", head, forms[i].rows);
		assert_int_equal(ladder_prove(&s, span_str(form), &a, &fuel), forms[i].want);
	}
	assert_int_equal(ladder_prove(&s, span_str(source), &a, &fuel), OK);
	assert_int_equal(ladder_prove(&s, SPAN("[{\"a\":1}]"), &a, &fuel), ERR_CONFLICT);
	assert_int_equal(ladder_prove(&s, SPAN("no JSON"), &a, &fuel), ERR_CONFLICT);
	/* The same values, but as lines. */
	assert_int_equal(ladder_prove(&s, SPAN("{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n{\"b\":null,\"a\":3}"),
				      &a, &fuel), ERR_CONFLICT);
	arena_free(&a);
}

static void
every_form_and_reason_has_a_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COMPRESS_FORMS; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(compress_form_name((enum compress_form)i),
						compress_form_name((enum compress_form)k));
	for (unsigned i = 0; i < COMPRESS_REASONS; i++)
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(compress_reason_name((enum compress_reason)i),
						compress_reason_name((enum compress_reason)k));
	assert_string_equal(compress_form_name(COMPRESS_JSON_TABLE), "json_table");
	assert_string_equal(compress_form_name((enum compress_form)77), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_become_a_table),
		cmocka_unit_test(other_values_are_minified),
		cmocka_unit_test(reasons_for_leaving_a_block_alone),
		cmocka_unit_test(the_floor_is_inclusive),
		cmocka_unit_test(only_what_pays_is_replaced),
		cmocka_unit_test(our_own_forms_are_left_alone),
		cmocka_unit_test(lines_stay_lines),
		cmocka_unit_test(the_proof_refuses_other_values),
		cmocka_unit_test(every_form_and_reason_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
