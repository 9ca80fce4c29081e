#include "unit.h"

#include "compress/same.h"

static enum err
same(const char *x, const char *y)
{
	static const struct json_limits lim = { 64, 1000 };
	struct json_doc dx, dy;
	struct fuel fuel = { 1000 };
	struct arena a;

	arena_init(&a, 1 << 20);
	assert_int_equal(json_scan(span_str(x), &lim, &a, &dx), OK);
	assert_int_equal(json_scan(span_str(y), &lim, &a, &dy), OK);
	const enum err e = json_same(&dx, &dy, &a, &fuel);
	arena_free(&a);
	return e;
}

static void
white_space_and_escapes_may_differ(void **state)
{
	(void)state;
	assert_int_equal(same("{\"a\": [1, null]}", "{\"a\":[1,null]}"), OK);
	assert_int_equal(same("[\"\\u00e9\\/\\u0041\"]", "[\"\xc3\xa9/A\"]"), OK);
	assert_int_equal(same("{\"\\u0061\":1}", "{\"a\":1}"), OK);
	assert_int_equal(same("[\"\\ud83d\\ude00\"]", "[\"\xf0\x9f\x98\x80\"]"), OK);
	assert_int_equal(same("[\"\\ud800\"]", "[\"\\ud800\"]"), OK);
}

static void
all_else_may_not(void **state)
{
	(void)state;
	const char *const pairs[][2] = {
		{ "[1.0]", "[1]" }, { "[1e2]", "[1E2]" }, { "[-0]", "[0]" }, { "[null]", "[\"null\"]" },
		{ "[1]", "[\"1\"]" }, { "[true]", "[false]" }, { "[]", "{}" }, { "[[]]", "[{}]" },
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}" }, { "{\"a\":1,\"a\":2}", "{\"a\":2,\"a\":1}" },
		{ "[[1],2]", "[[1,2]]" }, { "[\"\"]", "[null]" }, { "{\"a\":1}", "{\"A\":1}" },
		{ "[1,2]", "[1]" }, { "[\"\\ud800\"]", "[\"\\udc00\"]" },
		{ "[\"\\ud800\"]", "[\"\\uD800\"]" }, { "[\"\\n\"]", "[\"n\"]" },
		{ "[\"\\ud800\"]", "[\"x\"]" },
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		assert_int_equal(same(pairs[i][0], pairs[i][1]), ERR_CONFLICT);
		assert_int_equal(same(pairs[i][1], pairs[i][0]), ERR_CONFLICT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_and_escapes_may_differ),
		cmocka_unit_test(all_else_may_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
