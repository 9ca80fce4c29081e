#include "unit.h"

#include <string.h>

#include "text/regex.h"

static struct regex *
compiled(const char *pattern, bool ignore_case)
{
	char why[REGEX_WHY];
	struct regex *re;

	if (regex_compile(span_str(pattern), ignore_case, &re, why) != OK)
		fail_msg("%s: %s", pattern, why);
	return re;
}

static enum err
search(const char *pattern, struct span text, struct span *found)
{
	struct regex *re = compiled(pattern, false);
	struct regex_matcher *m = regex_matcher_make();
	struct fuel fuel = { 1 << 24 };

	assert_non_null(m);
	const enum err e = regex_search(re, m, text, &fuel, found);
	regex_matcher_free(&m);
	regex_free(&re);
	assert_null(re);
	return e;
}

static void
the_leftmost_match_is_found(void **state)
{
	(void)state;
	struct span at;

	assert_int_equal(search("o+", SPAN("a foo boo"), &at), OK);
	assert_span_eq(at, "oo");
	assert_int_equal(search("^$", SPAN_NONE, &at), OK);
	assert_int_equal(at.n, 0);
	assert_int_equal(search("x|(y)(z)", SPAN("abyz"), &at), OK);
	assert_span_eq(at, "yz");
	assert_int_equal(search("ß.€", SPAN("aßx€"), &at), OK);
	assert_span_eq(at, "ßx€");
	assert_int_equal(search("zzz", SPAN("a foo boo"), NULL), ERR_NOT_FOUND);
	/* The start behind the end: an empty match there. */
	assert_int_equal(search("(?:(?=(?1))a|(a.\\K))", SPAN("ab"), &at), OK);
	assert_int_equal(at.n, 0);
}

static void
case_counts_unless_asked(void **state)
{
	(void)state;
	struct regex *re = compiled("error|ÜBER", true);
	struct regex_matcher *m = regex_matcher_make();
	struct fuel fuel = { 1000 };

	assert_int_equal(regex_search(re, m, SPAN("an ERROR"), &fuel, NULL), OK);
	assert_int_equal(regex_search(re, m, SPAN("über"), &fuel, NULL), OK);
	assert_int_equal(search("error", SPAN("an ERROR"), NULL), ERR_NOT_FOUND);
	regex_matcher_free(&m);
	regex_free(&re);
}

static void
faults_are_explained(void **state)
{
	(void)state;
	static const char *const bad[] = { "(", "a{2,1}", "[z-a]", "\\C", "*", "(?<n", "\xff" };
	char why[REGEX_WHY], longest[REGEX_PATTERN_BYTES + 1];
	struct regex *re = NULL;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(regex_compile(span_str(bad[i]), false, &re, why), ERR_SYNTAX);
		assert_non_null(strstr(why, "at character "));
		assert_int_equal(why[strlen(why) - 1], '.');
	}
	assert_int_equal(regex_compile(SPAN("ab("), false, &re, why), ERR_SYNTAX);
	assert_non_null(strstr(why, "at character 4"));
	memset(longest, 'a', sizeof longest);
	assert_int_equal(regex_compile(span_of(longest, sizeof longest), false, &re, why), ERR_LIMIT);
	assert_int_equal(regex_compile(span_of(longest, sizeof longest - 1), false, &re, why), OK);
	regex_free(&re);
}

/* A pattern that backtracks without end stops, in a time that the text bounds. */
static void
backtracking_is_bounded(void **state)
{
	(void)state;
	char text[4001];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '!';
	assert_int_equal(search("(a+)+$", span_of(text, sizeof text), NULL), ERR_FUEL);
	assert_int_equal(search("(a|aa)+$", span_of(text, sizeof text), NULL), ERR_FUEL);
	assert_int_equal(search("(?:(a+)*b?)*!x|(a*)*x!", span_of(text, sizeof text), NULL), ERR_FUEL);
	assert_int_equal(search("a!$", span_of(text, sizeof text), NULL), OK);
}

static void
bytes_cost_fuel(void **state)
{
	(void)state;
	struct regex *re = compiled("x", false);
	struct regex_matcher *m = regex_matcher_make();
	struct fuel fuel = { 10 };

	assert_int_equal(regex_search(re, m, SPAN("abc"), &fuel, NULL), ERR_NOT_FOUND);
	assert_true(fuel.left < 10);
	assert_int_equal(regex_search(re, m, SPAN("abcdefghij"), &fuel, NULL), ERR_FUEL);
	assert_int_equal(fuel.left, 0);
	regex_matcher_free(&m);
	regex_free(&re);
}

static void
broken_text_is_searched_around(void **state)
{
	(void)state;
	struct span at;

	assert_int_equal(search("b.d", SPAN("\xff\xfe b\xc3(d bcd"), &at), OK);
	assert_span_eq(at, "bcd");
	assert_int_equal(search("a\\x00b", span_of("a\0b", 3), NULL), OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_leftmost_match_is_found),
		cmocka_unit_test(case_counts_unless_asked),
		cmocka_unit_test(faults_are_explained),
		cmocka_unit_test(backtracking_is_bounded),
		cmocka_unit_test(bytes_cost_fuel),
		cmocka_unit_test(broken_text_is_searched_around),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
