#include "unit.h"

#include <time.h>

#include "stats/history.h"

static struct arena arena;

static struct usage_row
row(int64_t at, const char *provider, const char *model, int64_t requests)
{
	return (struct usage_row){ .at = at,
				   .key = { .provider = span_str(provider), .model = span_str(model) },
				   .sums = { .v = { [USAGE_requests] = requests } } };
}

static void
rows_are_added_up_by_bucket(void **state)
{
	(void)state;
	const struct usage_row rows[] = { row(100, "a", "x", 1), row(100, "a", "y", 2),
					  row(100, "b", "x", 4), row(102, "a", "x", 8) };
	struct history_bucket *b;
	uint32_t n;

	arena_init(&arena, 1 << 20);
	assert_int_equal(history_buckets(HISTORY_HOURLY, rows, 4, &arena, &b, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(b[0].start_ms, 100 * USAGE_HOUR_MS);
	assert_int_equal(b[0].sums.v[USAGE_requests], 7);
	assert_int_equal(b[0].provider_count, 2);
	assert_span_eq(b[0].providers[0].name, "a");
	assert_int_equal(b[0].providers[0].sums.v[USAGE_requests], 3);
	assert_int_equal(b[0].model_count, 2);
	assert_int_equal(b[0].models[0].sums.v[USAGE_requests], 5);
	assert_int_equal(b[1].sums.v[USAGE_requests], 8);
	assert_int_equal(history_buckets(HISTORY_DAILY, rows, 0, &arena, &b, &n), OK);
	assert_int_equal(n, 0);
	arena_free(&arena);
}

/* Each day of 140 years against the C library's calendar. */
static void
weeks_and_months_begin_where_the_calendar_says(void **state)
{
	(void)state;
	for (int64_t day = 0; day < 51000; day++) {
		const struct usage_row one = row(day, "a", "x", 1);
		const time_t t = (time_t)day * 86400;
		struct history_bucket *b;
		struct tm tm;
		uint32_t n;

		gmtime_r(&t, &tm);
		arena_init(&arena, 1 << 16);
		assert_int_equal(history_buckets(HISTORY_MONTHLY, &one, 1, &arena, &b, &n), OK);
		assert_int_equal(b->start_ms, (day - (tm.tm_mday - 1)) * 86400000);
		assert_int_equal(history_buckets(HISTORY_WEEKLY, &one, 1, &arena, &b, &n), OK);
		assert_int_equal(b->start_ms, (day - (tm.tm_wday + 6) % 7) * 86400000);
		arena_free(&arena);
	}
}

static void
hours_go_back_a_month_and_days_for_ever(void **state)
{
	(void)state;
	int64_t from;

	assert_int_equal(history_source(HISTORY_HOURLY, 1000 * USAGE_HOUR_MS + 5, &from), USAGE_HOUR);
	assert_int_equal(from, 1000 - 31 * 24);
	assert_int_equal(history_source(HISTORY_MONTHLY, 1000 * USAGE_HOUR_MS, &from), USAGE_DAY);
	assert_int_equal(from, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_added_up_by_bucket),
		cmocka_unit_test(weeks_and_months_begin_where_the_calendar_says),
		cmocka_unit_test(hours_go_back_a_month_and_days_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
