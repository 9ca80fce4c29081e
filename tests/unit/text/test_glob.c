#include "unit.h"

#include "text/glob.h"

static void
globs_match_whole_names(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{ "", "", true }, { "", "a", false }, { "*", "", true }, { "*", "abc", true },
		{ "abc", "abc", true }, { "abc", "ABC", true }, { "abc", "abcd", false },
		{ "a?c", "abc", true }, { "a?c", "ac", false }, { "a*c", "ac", true },
		{ "a*c", "abcbc", true }, { "a*b*c", "axbxbyc", true }, { "a*b*c", "acb", false },
		{ "mcp__*", "mcp__git", true }, { "*_read", "file_read", true }, { "**", "x", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (glob_match(span_str(cases[i].pattern), span_str(cases[i].name)) != cases[i].matches)
			fail_msg("%s against %s", cases[i].pattern, cases[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_whole_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
