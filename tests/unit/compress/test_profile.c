#include "unit.h"

#include "compress/profile.h"

static void
names_read_back(void **state)
{
	(void)state;
	const enum profile all[] = { PROFILE_OFF, PROFILE_LOSSLESS, PROFILE_BALANCED,
				     PROFILE_AGGRESSIVE };

	for (size_t i = 0; i < 4; i++) {
		enum profile p = PROFILE_OFF;

		assert_true(profile_parse(span_str(profile_name(all[i])), &p));
		assert_int_equal(p, all[i]);
	}
	assert_string_equal(profile_name(PROFILE_LOSSLESS), "lossless");
}

static void
other_names_change_nothing(void **state)
{
	(void)state;
	const char *const bad[] = { "", "Lossless", "lossles", "losslessx", "none", " off" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		enum profile p = PROFILE_AGGRESSIVE;

		assert_false(profile_parse(span_str(bad[i]), &p));
		assert_int_equal(p, PROFILE_AGGRESSIVE);
	}
	assert_string_equal(profile_name((enum profile)99), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_read_back),
		cmocka_unit_test(other_names_change_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
