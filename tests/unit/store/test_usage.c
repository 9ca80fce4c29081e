#include "unit.h"

#include <stdio.h>

#include "each_store.h"

enum { HOUR_MS = 3600 * 1000 };

static struct usage_row
row(int64_t hour, const char *model, const char *project, int64_t requests)
{
	return (struct usage_row){
		.at = hour,
		.key = { SPAN("openai"), span_str(model), span_str(project), SPAN("codex") },
		.sums = { .v = { [USAGE_requests] = requests, [USAGE_saved_cost] = -requests } },
	};
}

static void
record(const struct usage_row *rows, uint32_t n, int64_t first_ms, int64_t last_ms, const char *events)
{
	const struct usage_batch usage = { .rows = rows, .row_count = n, .events = span_str(events),
					   .event_count = 1, .first_ms = first_ms, .last_ms = last_ms };
	struct store_batch b = { .usage = &usage };

	assert_int_equal(store_write(store, &b), OK);
}

static struct usage_row *
read_rows(enum usage_period period, int64_t from, uint32_t limit, uint32_t want)
{
	struct usage_row *rows = NULL;
	uint32_t n = 0;

	assert_int_equal(store_usage_rows(reader, period, from, limit, &arena, &rows, &n), OK);
	assert_int_equal(n, want);
	return rows;
}

static void
sums_grow_by_hour_and_day(void **state)
{
	(void)state;
	const struct usage_row first[] = { row(47, "a", "p", 1), row(48, "a", "p", 2), row(48, "b", "p", 4) };
	const struct usage_row second[] = { row(48, "a", "p", 8), row(48, "a", "q", 16) };

	record(first, 3, 1, 2, "x");
	record(second, 2, 3, 4, "y");
	const struct usage_row *r = read_rows(USAGE_HOUR, 0, 100, 4);
	assert_int_equal(r[0].at, 47);
	assert_int_equal(r[0].sums.v[USAGE_requests], 1);
	assert_span_eq(r[1].key.model, "a");
	assert_span_eq(r[1].key.project, "p");
	assert_span_eq(r[1].key.client, "codex");
	assert_span_eq(r[1].key.provider, "openai");
	assert_int_equal(r[1].sums.v[USAGE_requests], 10);
	assert_int_equal(r[1].sums.v[USAGE_saved_cost], -10);
	assert_span_eq(r[2].key.project, "q");
	r = read_rows(USAGE_DAY, 2, 100, 3);
	assert_int_equal(r[0].at, 2);
	assert_int_equal(r[0].sums.v[USAGE_requests], 10);
	/* The newest, in order. */
	r = read_rows(USAGE_HOUR, 0, 2, 2);
	assert_span_eq(r[0].key.project, "q");
	assert_span_eq(r[1].key.model, "b");
}

static void
all_time_survives_a_restart(void **state)
{
	(void)state;
	const struct usage_row rows[] = { row(1, "a", "p", 1), row(2, "b", "p", 2), row(2, "b", "", 4) };
	struct usage_session s;

	assert_int_equal(store_usage_session(reader, &s), OK);
	assert_int_equal(s.started_ms, 0);
	record(rows, 3, 7000, 9000, "x");
	stop();
	start(0);
	const struct usage_row *const r = read_rows(USAGE_EVER, 0, 100, 2);
	assert_span_eq(r[0].key.project, "");
	assert_span_eq(r[0].key.model, "");
	assert_int_equal(r[0].sums.v[USAGE_requests], 4);
	assert_int_equal(r[1].sums.v[USAGE_requests], 3);
	assert_int_equal(store_usage_session(reader, &s), OK);
	assert_int_equal(s.started_ms, 7000);
	assert_int_equal(s.last_ms, 9000);
}

static void
a_pause_begins_a_new_session(void **state)
{
	(void)state;
	const struct usage_row one = row(1, "a", "p", 1);
	struct usage_session s;

	record(&one, 1, 1000, 2000, "x");
	record(&one, 1, 2000 + HOUR_MS, 3000 + HOUR_MS, "x");
	assert_int_equal(read_rows(USAGE_SESSION, 0, 9, 1)->sums.v[USAGE_requests], 2);
	/* A clock that was set back is no pause and moves nothing back. */
	record(&one, 1, 500, 600, "x");
	assert_int_equal(store_usage_session(reader, &s), OK);
	assert_int_equal(s.started_ms, 1000);
	assert_int_equal(s.last_ms, 3000 + HOUR_MS);
	record(&one, 1, 3001 + 2 * HOUR_MS, 3002 + 2 * HOUR_MS, "x");
	assert_int_equal(read_rows(USAGE_SESSION, 0, 9, 1)->sums.v[USAGE_requests], 1);
	assert_int_equal(read_rows(USAGE_EVER, 0, 9, 1)->sums.v[USAGE_requests], 4);
	assert_int_equal(store_usage_session(reader, &s), OK);
	assert_int_equal(s.started_ms, 3001 + 2 * HOUR_MS);
}

static void
events_are_kept_for_their_days(void **state)
{
	(void)state;
	const struct usage_row one = row(1, "a", "p", 1);
	const int64_t now_ms = fake_clock() * 1000;
	struct span events;
	int64_t id;

	record(&one, 1, now_ms, now_ms, "old");
	record(&one, 1, now_ms + 1000, now_ms + 10 * HOUR_MS, "new");
	assert_int_equal(store_usage_events(reader, INT64_MAX, &arena, &events, &id), OK);
	assert_span_eq(events, "new");
	assert_int_equal(store_usage_events(reader, id, &arena, &events, &id), OK);
	assert_span_eq(events, "old");
	assert_int_equal(store_usage_events(reader, id, &arena, &events, &id), OK);
	assert_int_equal(id, 0);
	atomic_fetch_add(&fake_now, 90 * DAY + 3600);
	store_tidy(store);
	assert_int_equal(store_usage_events(reader, INT64_MAX, &arena, &events, &id), OK);
	assert_span_eq(events, "new");
	assert_int_equal(store_usage_events(reader, id, &arena, &events, &id), OK);
	assert_int_equal(id, 0);
	assert_int_equal(read_rows(USAGE_EVER, 0, 9, 1)->sums.v[USAGE_requests], 2);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(sums_grow_by_hour_and_day),
		T(all_time_survives_a_restart),
		T(a_pause_begins_a_new_session),
		T(events_are_kept_for_their_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
