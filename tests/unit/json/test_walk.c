#include "unit.h"

#include "json/walk.h"

static const struct json_limits lim = { 1024, 1000 };

static struct json_doc
scanned(struct arena *a, const char *text)
{
	struct json_doc d = { 0 };

	assert_int_equal(json_scan(span_str(text), &lim, a, &d), OK);
	return d;
}

static void
elements_and_members_in_order(void **state)
{
	(void)state;
	struct arena a;
	char seen[64] = "";

	arena_init(&a, 1 << 16);
	const struct json_doc d = scanned(&a, "{\"a\":[1,[2,3],{\"x\":[4]},5],\"b\":{},\"c\":6}");
	for (JSON_MEMBERS(&d, 0, k))
		strncat(seen, json_raw(&d, k).p + 1, 1);
	const uint32_t array = json_get(&d, 0, SPAN("a"));
	for (JSON_EACH(&d, array, i))
		strncat(seen, json_raw(&d, i).p, 1);
	assert_string_equal(seen, "abc1[{5");
	const uint32_t empty = json_get(&d, 0, SPAN("b"));
	for (JSON_MEMBERS(&d, empty, k))
		fail_msg("an empty object has member %u", k);
	arena_free(&a);
}

static void
members_by_key(void **state)
{
	(void)state;
	struct arena a;

	arena_init(&a, 1 << 16);
	const struct json_doc d = scanned(&a,
		"{\"\":0,\"type\":1,\"ty\":2,\"\\u0074ypes\":3,\"a\\u0000b\":4,\"\\ud83d\\ude00\":5,\"\\ud800\":6,\"\xc3\xa9\":7}");
	static const struct {
		struct span key;
		const char *raw;
	} cases[] = {
		{ { "", 0 }, "0" },
		{ { "type", 4 }, "1" },
		{ { "ty", 2 }, "2" },
		{ { "types", 5 }, "3" },
		{ { "a\0b", 3 }, "4" },
		{ { "\xf0\x9f\x98\x80", 4 }, "5" },
		{ { "\xc3\xa9", 2 }, "7" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_span_eq(json_raw(&d, json_get(&d, 0, cases[i].key)), cases[i].raw);
	assert_int_equal(json_get(&d, 0, SPAN("t")), JSON_NONE);
	assert_int_equal(json_get(&d, 0, SPAN("typess")), JSON_NONE);
	assert_int_equal(json_get(&d, 0, SPAN("Type")), JSON_NONE);
	assert_int_equal(json_get(&d, 0, SPAN("a")), JSON_NONE);
	assert_int_equal(json_get(&d, 0, SPAN("\\ud800")), JSON_NONE);
	assert_int_equal(json_get(&d, 0, SPAN("\xed\xa0\x80")), JSON_NONE);
	assert_int_equal(json_get(&d, JSON_NONE, SPAN("type")), JSON_NONE);
	assert_int_equal(json_get(&d, 1, SPAN("type")), JSON_NONE);
	arena_free(&a);
}

static void
a_key_that_stands_there_twice(void **state)
{
	(void)state;
	struct arena a;
	bool twice = false;

	arena_init(&a, 1 << 16);
	const struct json_doc d = scanned(&a, "{\"a\":{\"x\":1,\"x\":2},\"b\":2,\"\\u0061\":3,\"x\":4}");
	assert_span_eq(json_raw(&d, json_get_once(&d, 0, SPAN("b"), &twice)), "2");
	assert_span_eq(json_raw(&d, json_get_once(&d, 0, SPAN("x"), &twice)), "4");
	assert_int_equal(json_get_once(&d, 0, SPAN("none"), &twice), JSON_NONE);
	assert_false(twice);
	assert_span_eq(json_raw(&d, json_get_once(&d, 0, SPAN("a"), &twice)), "3");
	assert_true(twice);
	assert_span_eq(json_raw(&d, json_get_once(&d, 0, SPAN("b"), &twice)), "2");
	assert_true(twice);
	assert_span_eq(json_raw(&d, json_get(&d, 0, SPAN("a"))), "3");
	arena_free(&a);
}

static void
strings_by_value(void **state)
{
	(void)state;
	struct arena a;

	arena_init(&a, 1 << 16);
	const struct json_doc d = scanned(&a, "[\"text\",\"te\\u0078t\",\"\",true,\"true\",[],\"a\\\\b\",\"line\\n\"]");
	assert_true(json_is(&d, 1, SPAN("text")));
	assert_true(json_is(&d, 2, SPAN("text")));
	assert_false(json_is(&d, 1, SPAN("tex")));
	assert_false(json_is(&d, 2, SPAN("tex")));
	assert_false(json_is(&d, 2, SPAN("texts")));
	assert_false(json_is(&d, 2, SPAN("te\\u0078t")));
	assert_true(json_is(&d, 3, SPAN("")));
	assert_false(json_is(&d, 4, SPAN("true")));
	assert_true(json_is(&d, 5, SPAN("true")));
	assert_false(json_is(&d, 6, SPAN("")));
	assert_true(json_is(&d, 7, SPAN("a\\b")));
	assert_true(json_is(&d, 8, SPAN("line\n")));
	assert_false(json_is(&d, JSON_NONE, SPAN("")));
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_and_members_in_order),
		cmocka_unit_test(members_by_key),
		cmocka_unit_test(a_key_that_stands_there_twice),
		cmocka_unit_test(strings_by_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
