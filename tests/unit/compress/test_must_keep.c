#include "unit.h"

#include "compress/must_keep.h"

static struct must_keep *
compiled(const char *patterns)
{
	char why[MUST_KEEP_WHY] = "";
	struct must_keep *k = NULL;

	if (must_keep_compile(span_str(patterns), &k, why) != OK)
		fail_msg("%s: %s", patterns, why);
	return k;
}

static bool
keeps(const struct must_keep *k, const char *tool, const char *text)
{
	struct regex_matcher *m = regex_matcher_make();
	struct fuel fuel = { 1 << 20 };

	assert_non_null(m);
	const enum err e = must_keep_search(k, span_str(tool), m, span_str(text), &fuel);
	regex_matcher_free(&m);
	assert_true(e == OK || e == ERR_NOT_FOUND);
	return e == OK;
}

static void
patterns_hold_for_every_tool_or_for_one(void **state)
{
	(void)state;
	static const struct {
		const char *patterns, *tool, *text;
		bool kept;
	} cases[] = {
		{ "user-4\\d", "any", "{\"u\":\"user-42\"}", true },
		{ "user-4\\d", "any", "{\"u\":\"user-52\"}", false },
		{ "user-4\\d", "any", "{\"u\":\"USER-42\"}", false },
		{ "(?i)user", "any", "USER", true },
		{ " a ; b ", "any", "b", true },
		{ "a\nb\r\nc", "any", "c", true },
		{ ";;a;", "any", "b", false },
		{ "semi\\x3bcolon", "any", "semi;colon", true },
		{ "search:foo", "search", "foo", true },
		{ "search:foo", "SEARCH", "foo", true },
		{ "search:foo", "research", "foo", false },
		{ "mcp__*:foo", "mcp__git__log", "foo", true },
		{ "search:foo;bar", "other", "bar", true },
		{ "search:foo;bar", "other", "foo", false },
		{ "*:ERROR:x", "any", "ERROR:x", true },
		{ "ERROR: x", "any", "ERROR: x", true },
		{ "https://x", "any", "https://x/y", true },
		{ "a|b:c", "any", "b:c", true },
		{ "error:", "any", "error: 5", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct must_keep *k = compiled(cases[i].patterns);

		if (keeps(k, cases[i].tool, cases[i].text) != cases[i].kept)
			fail_msg("%s for %s in %s", cases[i].patterns, cases[i].tool, cases[i].text);
		must_keep_free(&k);
		assert_null(k);
	}
}

static void
tools_without_a_pattern_need_no_search(void **state)
{
	(void)state;
	struct must_keep *k = compiled("search:foo");

	assert_true(must_keep_applies(k, SPAN("search")));
	assert_false(must_keep_applies(k, SPAN("other")));
	assert_false(must_keep_applies(k, SPAN_NONE));
	assert_false(must_keep_applies(NULL, SPAN("search")));
	must_keep_free(&k);
	assert_null(compiled(""));
	assert_null(compiled(" ; \n"));
}

static void
wrong_patterns_are_named(void **state)
{
	(void)state;
	char why[MUST_KEEP_WHY] = "";
	char many[3 * MUST_KEEP_PATTERNS] = "";
	struct must_keep *k = NULL;

	assert_int_equal(must_keep_compile(SPAN("good;tool:(bad"), &k, why), ERR_SYNTAX);
	assert_non_null(strstr(why, "must-keep pattern 2, \"tool:(bad\": "));
	assert_non_null(strstr(why, "at character"));
	for (unsigned i = 0; i <= MUST_KEEP_PATTERNS; i++)
		strcat(many, "a;");
	assert_int_equal(must_keep_compile(span_str(many), &k, why), ERR_LIMIT);
	assert_non_null(strstr(why, "more than 64"));
	assert_null(k);
}

static void
a_search_takes_fuel(void **state)
{
	(void)state;
	struct must_keep *k = compiled("x");
	struct regex_matcher *m = regex_matcher_make();
	struct fuel fuel = { 3 };

	assert_int_equal(must_keep_search(k, SPAN("t"), m, SPAN("abcdef"), &fuel), ERR_FUEL);
	regex_matcher_free(&m);
	must_keep_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_hold_for_every_tool_or_for_one),
		cmocka_unit_test(tools_without_a_pattern_need_no_search),
		cmocka_unit_test(wrong_patterns_are_named),
		cmocka_unit_test(a_search_takes_fuel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
