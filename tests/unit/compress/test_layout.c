#include "unit.h"

#include "each_arena.h"
#include "compress/layout.h"

/* The text written again in the layout that it seems to have, in the arena; `name` gets its word. */
static struct span
again(const char *text, char name[16])
{
	struct fuel steps = { 1 << 20 };
	struct source s;
	struct buf b;

	assert_int_equal(source_read(span_str(text), &arena, &steps, &s), OK);
	const struct layout l = layout_guess(span_str(text), s.lines);
	buf_init(&b, 1 << 16);
	layout_name(&l, &b);
	memcpy(name, b.p, b.n);
	name[b.n] = '\0';
	buf_clear(&b);
	assert_int_equal(layout_write(&s.doc, 0, &l, &arena, &b), OK);
	const struct span copy = arena_copy(&arena, buf_span(&b));
	buf_free(&b);
	return copy;
}

static void
usual_writers_are_followed_to_the_byte(void **state)
{
	(void)state;
	static const struct {
		const char *word, *text;
	} cases[] = {
		{ "json", "{}" },
		{ "json", "[1,-0,1e400,\"a\\\"b\\\\\\n\\u0000/\xc3\xa9\",{\"a\":[]}]" },
		{ "jsonn", "{\"a\":1}\n" },
		{ "jsons", "{\"a\": 1, \"b\": [1, {}, \"x,y:z\"]}" },
		{ "jsons", "[1, 2]" },
		{ "jsonsa", "{\"caf\\u00e9\": \"\\ud83d\\ude00 \\u007f\"}" },
		{ "jsonsa", "{\"a\": \"\\u00e9\", \"b\": \"\\ud800\"}" },
		{ "json2", "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    {}\n  ],\n  \"c\": []\n}" },
		{ "json4n", "[\n    {\n        \"a\": \"x: y, z\"\n    }\n]\n" },
		{ "jsont", "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}" },
		{ "json8", "[\n        1\n]" },
		{ "jsone", "{\"a\":\"\\/srv\\/x\"}" },
		{ "jsonae", "{\"a\":\"\\/srv\\/\\u00e9\"}" },
		{ "jsonh", "{\"a\":\"\\u003cb\\u003e \\u0026 \xc3\xa9 \\u2028\"}" },
		{ "jsonl", "{\"a\":1}\n{\"a\":2}" },
		{ "jsonln", "{\"a\":1}\n[2]\n3\n" },
		{ "jsonlsan", "{\"a\": \"\\u00e9\"}\n{\"a\": 2, \"b\": 3}\n" },
	};
	char name[16];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct layout l;

		assert_span_eq(again(cases[i].text, name), cases[i].text);
		assert_string_equal(name, cases[i].word);
		assert_true(layout_parse(span_str(name), &l));
	}
}

static void
what_no_writer_writes_comes_out_otherwise(void **state)
{
	(void)state;
	static const char *const texts[] = {
		" {\"a\":1}", "{\"a\":1} ", "{\"a\":1}\n\n", "{\"a\" : 1}", "{\"a\":1, \"b\":2}", "{\"a\": 1,\"b\": 2}",
		"{ \"a\": 1 }", "[ ]", "{\n}", "{\n \"a\": 1,\n  \"b\": 2\n}", "{\n  \"a\": [1, 2]\n}", "{\r\n  \"a\": 1\r\n}",
		"{\"a\":\"\\u00E9\"}", "{\"a\":\"\\u0041\"}", "{\"a\":\"\\u00e9\xc3\xa9\"}", "{\"a\":\"\\/ /\"}",
		"{\"a\":\"\\u003c >\"}", "{\"a\":1}\n\n{\"a\":2}", "{\"a\":1} \n{\"a\":2}", "{\"a\":\"\\u000a\"}",
		"{\n         \"a\": 1\n}",
	};
	char name[16];

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (span_eq(again(texts[i], name), span_str(texts[i])))
			fail_msg("%s is written by %s", texts[i], name);
}

static void
only_whole_words_name_a_layout(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "j", "jso", "Json", "json0", "json9", "json22", "jsonst", "jsonna",
					   "jsonl2", "jsonlt", "json ", "jsonx", "jsonea", "ljson" };
	struct layout l;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(layout_parse(span_str(bad[i]), &l));
}

static void
output_ends_at_its_limit(void **state)
{
	(void)state;
	const struct layout l = { .space = LAYOUT_INDENTED, .indent = 8 };
	struct fuel steps = { 1 << 20 };
	struct source s;
	struct buf b;

	assert_int_equal(source_read(SPAN("[[[[[[[[1,2,3]]]]]]]]"), &arena, &steps, &s), OK);
	buf_init(&b, 200);
	assert_int_equal(layout_write(&s.doc, 0, &l, &arena, &b), ERR_LIMIT);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(usual_writers_are_followed_to_the_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(what_no_writer_writes_comes_out_otherwise, setup, teardown),
		cmocka_unit_test_setup_teardown(only_whole_words_name_a_layout, setup, teardown),
		cmocka_unit_test_setup_teardown(output_ends_at_its_limit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
