#include "unit.h"

#include <stdio.h>

#include "stats/book.h"

#define HOUR_MS USAGE_HOUR_MS

static uint16_t
name(struct book *b, const char *text)
{
	return names_number(b->names, span_str(text));
}

static void
enter(struct book *b, const char *model, int64_t at_ms, uint64_t prompt)
{
	struct usage_event e = { .provider = name(b, "openai"), .model = name(b, model), .at_ms = at_ms,
				 .status = 200, .uncached = prompt, .total_us = 20000 };

	book_add(b, &e);
}

static void
figures_are_kept_by_name(void **state)
{
	(void)state;
	struct book *b = book_make(1);
	struct book_sums by[4];
	struct usage_sums total;

	enter(b, "small", 10, 5);
	enter(b, "large", 20, 500);
	enter(b, "small", 30, 7);
	sums_total(&b->since, &total);
	assert_int_equal(total.v[USAGE_requests], 3);
	assert_int_equal(total.v[USAGE_prompt_tokens], 512);
	assert_int_equal(book_by(b, BOOK_MODEL, by, 4), 2);
	assert_span_eq(names_text(b->names, by[0].name), "large");
	assert_int_equal(by[1].sums.v[USAGE_requests], 2);
	assert_int_equal(book_by(b, BOOK_PROVIDER, by, 4), 1);
	assert_int_equal(by[0].sums.v[USAGE_prompt_tokens], 512);
	assert_int_equal(book_by(b, BOOK_MODEL, by, 1), 1);
	assert_int_equal(b->recent[(b->events - 1) % BOOK_RECENT].at_ms, 30);
	assert_int_equal(b->recent[(b->events - 1) % BOOK_RECENT].id, 3);
	assert_int_equal(b->histograms[BOOK_TOTAL_US].n, 3);
	assert_int_equal(b->histograms[BOOK_TOTAL_US].counts[2], 3);
	book_reset(b, 99);
	sums_total(&b->since, &total);
	assert_int_equal(total.v[USAGE_requests], 0);
	assert_int_equal(b->since_ms, 99);
	assert_int_equal(b->due.count, 2);
	book_free(&b);
	assert_null(b);
}

static void
what_is_due_is_taken_once(void **state)
{
	(void)state;
	struct book *b = book_make(1);
	struct usage_event *events;
	uint32_t n;

	assert_null(book_take(b));
	enter(b, "m", 2 * HOUR_MS + 5, 10);
	enter(b, "m", 3 * HOUR_MS - 1, 20);
	enter(b, "m", 3 * HOUR_MS, 40);
	struct book_batch *batch = book_take(b);
	assert_non_null(batch);
	assert_int_equal(batch->usage.row_count, 2);
	assert_int_equal(batch->usage.rows[0].at, 2);
	assert_int_equal(batch->usage.rows[0].sums.v[USAGE_prompt_tokens], 30);
	assert_int_equal(batch->usage.rows[1].at, 3);
	assert_int_equal(batch->usage.first_ms, 2 * HOUR_MS + 5);
	assert_int_equal(batch->usage.last_ms, 3 * HOUR_MS);
	assert_int_equal(batch->usage.event_count, 3);
	assert_int_equal(events_unpack(batch->usage.events, b->names, &events, &n), OK);
	assert_int_equal(n, 3);
	assert_int_equal(events[1].uncached, 20);
	free(events);
	/* One batch at a time, so that an earlier one is never recorded after a later. */
	enter(b, "m", 4 * HOUR_MS, 1);
	assert_null(book_take(b));
	book_written(b, batch, OK);
	batch = book_take(b);
	assert_int_equal(batch->usage.row_count, 1);
	book_written(b, batch, OK);
	assert_null(book_take(b));
	book_free(&b);
}

static void
sums_that_were_not_written_are_due_again(void **state)
{
	(void)state;
	struct book *b = book_make(1);

	enter(b, "m", HOUR_MS, 10);
	enter(b, "n", HOUR_MS + 1, 20);
	struct book_batch *batch = book_take(b);
	enter(b, "m", HOUR_MS + 2, 5);
	book_written(b, batch, ERR_IO);
	assert_int_equal(b->failures, 1);
	assert_int_equal(b->lost, 2);
	batch = book_take(b);
	assert_int_equal(batch->usage.row_count, 2);
	assert_int_equal(batch->usage.rows[0].sums.v[USAGE_prompt_tokens], 15);
	assert_int_equal(batch->usage.rows[1].sums.v[USAGE_prompt_tokens], 20);
	assert_int_equal(batch->usage.event_count, 1);
	assert_int_equal(batch->usage.first_ms, HOUR_MS);
	assert_int_equal(batch->usage.last_ms, HOUR_MS + 2);
	book_written(b, batch, OK);
	book_free(&b);
}

static void
too_many_keys_are_added_up_as_others(void **state)
{
	(void)state;
	struct book *b = book_make(1);
	struct book_sums by[SUMS_ROWS];
	struct usage_sums total;
	char text[24];

	for (int i = 0; i < 2 * SUMS_ROWS; i++) {
		snprintf(text, sizeof text, "model %d", i);
		enter(b, text, 5, 1);
	}
	sums_total(&b->since, &total);
	assert_int_equal(total.v[USAGE_requests], 2 * SUMS_ROWS);
	assert_true(b->since.count < SUMS_ROWS);
	const uint32_t n = book_by(b, BOOK_MODEL, by, SUMS_ROWS);
	assert_span_eq(names_text(b->names, by[0].name), "(other)");
	assert_int_equal(by[0].sums.v[USAGE_requests], 2 * SUMS_ROWS - (int64_t)(n - 1));
	assert_int_equal(book_by(b, BOOK_PROVIDER, by, 9), 1);
	assert_int_equal(b->lost, 0);
	book_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_kept_by_name),
		cmocka_unit_test(what_is_due_is_taken_once),
		cmocka_unit_test(sums_that_were_not_written_are_due_again),
		cmocka_unit_test(too_many_keys_are_added_up_as_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
