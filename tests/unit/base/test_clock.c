#include "unit.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

static void
expect_as_libc(int64_t wall_ms)
{
	const int64_t s = (wall_ms >= 0 ? wall_ms : wall_ms - 999) / 1000;
	const time_t t = (time_t)s;
	char want[32], got[25];
	struct tm tm;

	gmtime_r(&t, &tm);
	const size_t n = strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(want + n, sizeof want - n, ".%03dZ", (int)(wall_ms - s * 1000));
	clock_iso(wall_ms, got);
	assert_string_equal(got, want);
}

static void
dates_are_those_of_libc(void **state)
{
	const int64_t day = 24 * 60 * 60 * 1000;

	(void)state;
	/* Every day from 1600 to 2400, at a time of day that wanders. */
	for (int64_t d = -135140; d < 157055; d++)
		expect_as_libc(d * day + (d * d * 7919 + 13) % day);
}

static void
edges_are_written_in_full(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ 951782399999, "2000-02-28T23:59:59.999Z" },
		{ 951782400000, "2000-02-29T00:00:00.000Z" },
		{ 4107542399007, "2100-02-28T23:59:59.007Z" },
		{ 4107542400000, "2100-03-01T00:00:00.000Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
	};
	char got[25];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		clock_iso(cases[i].ms, got);
		assert_string_equal(got, cases[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_those_of_libc),
		cmocka_unit_test(edges_are_written_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
