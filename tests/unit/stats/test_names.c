#include "unit.h"

#include <stdio.h>

#include "stats/names.h"

static void
equal_names_have_one_number(void **state)
{
	(void)state;
	struct names *n = names_make();
	const uint16_t a = names_number(n, SPAN("claude-opus-4-5"));
	const uint16_t b = names_number(n, SPAN("gpt-5"));

	assert_int_not_equal(a, b);
	assert_int_equal(names_number(n, SPAN("claude-opus-4-5")), a);
	assert_span_eq(names_text(n, a), "claude-opus-4-5");
	assert_int_equal(names_number(n, SPAN("")), 0);
	assert_int_equal(names_number(n, SPAN_NONE), 0);
	names_free(&n);
	assert_null(n);
}

static void
names_are_cleaned_and_cut_at_a_character(void **state)
{
	(void)state;
	struct names *n = names_make();
	char longest[200];

	assert_span_eq(names_text(n, names_number(n, SPAN("a\nb\x7f\x01 ü"))), "ab ü");
	memset(longest, 'x', sizeof longest);
	assert_int_equal(names_text(n, names_number(n, span_of(longest, 200))).n, NAME_BYTES);
	/* Two bytes of a character of three before the limit, then one. */
	memcpy(longest + NAME_BYTES - 2, "\xe2\x82\xac", 3);
	assert_int_equal(names_text(n, names_number(n, span_of(longest, 200))).n, NAME_BYTES - 2);
	memset(longest, 'y', sizeof longest);
	memcpy(longest + NAME_BYTES - 1, "\xe2\x82\xac", 3);
	assert_int_equal(names_text(n, names_number(n, span_of(longest, 200))).n, NAME_BYTES - 1);
	names_free(&n);
}

static void
what_comes_late_is_other(void **state)
{
	(void)state;
	struct names *n = names_make();
	char text[16];

	for (int i = 0; i < 2 * NAMES_MAX; i++) {
		snprintf(text, sizeof text, "name %d", i);
		const uint16_t number = names_number(n, span_str(text));

		if (i < NAMES_MAX - 2)
			assert_span_eq(names_text(n, number), text);
		else
			assert_span_eq(names_text(n, number), "(other)");
	}
	assert_int_equal(names_count(n), NAMES_MAX);
	assert_span_eq(names_text(n, names_number(n, SPAN("name 7"))), "name 7");
	assert_span_eq(names_text(n, 60000), "(other)");
	names_free(&n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_names_have_one_number),
		cmocka_unit_test(names_are_cleaned_and_cut_at_a_character),
		cmocka_unit_test(what_comes_late_is_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
