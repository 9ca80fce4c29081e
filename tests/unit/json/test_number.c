#include "unit.h"

#include <stdio.h>

#include "json/number.h"

static void
numbers_are_told_from_other_text(void **state)
{
	(void)state;
	static const char *const good[] = { "0", "-0", "10", "1.5", "-0.25e-7", "1E+400", "9007199254740993" };
	static const char *const bad[] = { "", "-", "01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1 ", " 1", "NaN", "1.5.2" };

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!json_is_number(span_str(good[i])))
			fail_msg("%s is a number", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (json_is_number(span_str(bad[i])))
			fail_msg("%s is no number", bad[i]);
}

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

/* Numbers in rising order, equal ones in one string. */
static void
values_are_compared_not_spellings(void **state)
{
	(void)state;
	static const char *const rising[] = {
		"-1e99999999999999999999", "-1e400", "-12", "-1.5", "-0.001", "0 -0 0.000 0e5 -0.0e-3",
		"1e-400", "0.00099", "0.001 1e-3 10E-4", "1 1.0 10e-1 0.1e1", "9.99", "10 1e1 1.0E+1",
		"9007199254740992", "9007199254740993", "9007199254740993.000001", "1e400", "1e401",
	};
	const size_t n = sizeof rising / sizeof *rising;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			for (struct span a = span_str(rising[i]); a.n; a = span_from(a, span_find(a, ' ') + 1))
				for (struct span b = span_str(rising[k]); b.n; b = span_from(b, span_find(b, ' ') + 1)) {
					const struct span x = span_head(a, span_find(a, ' '));
					const struct span y = span_head(b, span_find(b, ' '));

					if (sign(json_number_compare(x, y)) != (i > k) - (i < k))
						fail_msg("%.*s against %.*s", SPAN_ARG(x), SPAN_ARG(y));
				}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_told_from_other_text),
		cmocka_unit_test(values_are_compared_not_spellings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
