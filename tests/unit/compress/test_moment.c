#include <stdio.h>

#include "unit.h"

#include "compress/moment.h"

static void
check_same(const char *text, bool number, enum moment_kind kind)
{
	char out[MOMENT_BYTES];
	struct moment m;
	size_t n;

	assert_true(moment_read(span_str(text), number, &m));
	assert_int_equal(m.kind, kind);
	assert_true(moment_write(&m, out, &n));
	assert_span_eq(span_of(out, n), text);
}

static void
moments_are_spelled_as_they_were_read(void **state)
{
	(void)state;
	check_same("2024-01-15", false, MOMENT_DATE);
	check_same("0001-01-01", false, MOMENT_DATE);
	check_same("9999-12-31", false, MOMENT_DATE);
	check_same("2024-02-29T23:59:59Z", false, MOMENT_TIME);
	check_same("2000-02-29 00:00:00", false, MOMENT_TIME);
	check_same("1969-12-31T00:00:00.5", false, MOMENT_TIME);
	check_same("2024-01-15T10:00:00.000001+05:30", false, MOMENT_TIME);
	check_same("9999-12-31T23:59:59.999999-1100", false, MOMENT_TIME);
	check_same("1705312800", true, MOMENT_EPOCH);
	check_same("999999999999999999", true, MOMENT_EPOCH);
}

/* Each day of some centuries, and its neighbour. */
static void
days_follow_one_another(void **state)
{
	(void)state;
	struct moment m;
	char text[MOMENT_BYTES];
	size_t n;
	int64_t days = 0;

	assert_true(moment_read(SPAN("1899-12-31"), false, &m));
	for (int year = 1900; year <= 2100; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= 31; day++) {
				char want[MOMENT_BYTES];
				struct moment got;

				snprintf(want, sizeof want, "%04d-%02d-%02d", year, month, day);
				if (!moment_read(span_str(want), false, &got))
					continue;
				m.count++;
				days++;
				assert_int_equal(got.count, m.count);
				assert_true(moment_write(&m, text, &n));
				assert_span_eq(span_of(text, n), want);
			}
	assert_int_equal(days, 201 * 365 + 49);
}

static void
other_texts_are_no_moments(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "2024", "2024-1-15", "2024-13-01", "2024-00-10", "2024-02-30", "2023-02-29", "1900-02-29",
		"0000-01-01", "2024-01-15T", "2024-01-15T10:00", "2024-01-15T24:00:00Z", "2024-01-15T10:60:00Z",
		"2024-01-15T10:00:60Z", "2024-01-15t10:00:00Z", "2024-01-15T10:00:00.Z", "2024-01-15T10:00:00.1234567Z",
		"2024-01-15T10:00:00z", "2024-01-15T10:00:00+1", "2024-01-15T10:00:00+01:0", "2024-01-15T10:00:00Zx",
		"1705312800", "+024-01-15",
	};
	static const char *const numbers[] = { "", "170531280", "1705312800.5", "-1705312800", "0705312800",
					       "1e10000000", "9999999999999999999" };
	struct moment m;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (moment_read(span_str(texts[i]), false, &m))
			fail_msg("\"%s\" is read", texts[i]);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (moment_read(span_str(numbers[i]), true, &m))
			fail_msg("%s is read", numbers[i]);
}

static void
check_step(const char *text, bool number, const char *step, const char *next)
{
	struct moment m;
	char out[MOMENT_BYTES];
	int64_t add;
	size_t n;

	assert_true(moment_read(span_str(text), number, &m));
	assert_true(moment_read_step(&m, span_str(step), &add));
	moment_write_step(&m, add, out, &n);
	assert_span_eq(span_of(out, n), step);
	m.count += add;
	assert_true(moment_write(&m, out, &n));
	assert_span_eq(span_of(out, n), next);
}

static void
steps_lead_from_one_moment_to_the_next(void **state)
{
	(void)state;
	check_step("2024-02-28", false, "+2d", "2024-03-01");
	check_step("2023-12-31T23:59:00Z", false, "+60s", "2024-01-01T00:00:00Z");
	check_step("2024-01-01 00:00:00", false, "-1s", "2023-12-31 23:59:59");
	check_step("2024-01-01T00:00:00.900+01:00", false, "+0.250s", "2024-01-01T00:00:01.150+01:00");
	check_step("2024-01-01T00:00:00.1", false, "-86400.2s", "2023-12-30T23:59:59.9");
	check_step("1705312800000", true, "+1000", "1705312801000");
	check_step("1705312800", true, "-5", "1705312795");
}

static void
other_steps_are_refused(void **state)
{
	(void)state;
	static const char *const steps[] = { "", "+", "60s", "+60", "+060s", "+60d", "+60.0s", "+60s ", "-0s",
					     "+99999999999999999999s", "+6x0s" };
	struct moment m;
	int64_t add;

	assert_true(moment_read(SPAN("2024-01-15T10:00:00Z"), false, &m));
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (moment_read_step(&m, span_str(steps[i]), &add))
			fail_msg("\"%s\" is read", steps[i]);
}

static void
time_ends_with_its_spelling(void **state)
{
	(void)state;
	char out[MOMENT_BYTES];
	struct moment m;
	size_t n;

	assert_true(moment_read(SPAN("9999-12-31T23:59:59Z"), false, &m));
	m.count++;
	assert_false(moment_write(&m, out, &n));
	assert_true(moment_read(SPAN("0001-01-01"), false, &m));
	m.count--;
	assert_false(moment_write(&m, out, &n));
	assert_true(moment_read(SPAN("9999999999"), true, &m));
	m.count++;
	assert_true(moment_write(&m, out, &n));
	m.count = 999999999;
	assert_false(moment_write(&m, out, &n));
	m.count = 1000000000000000000;
	assert_false(moment_write(&m, out, &n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_are_spelled_as_they_were_read),
		cmocka_unit_test(days_follow_one_another),
		cmocka_unit_test(other_texts_are_no_moments),
		cmocka_unit_test(steps_lead_from_one_moment_to_the_next),
		cmocka_unit_test(other_steps_are_refused),
		cmocka_unit_test(time_ends_with_its_spelling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
