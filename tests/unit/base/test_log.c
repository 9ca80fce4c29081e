#include "unit.h"

#include <unistd.h>

#include "base/log.h"

static int ends[2];
static char got[8192];

static int
with_pipe(void **state)
{
	(void)state;
	assert_int_equal(pipe(ends), 0);
	memset(got, 0, sizeof got);
	return 0;
}

static int
close_pipe(void **state)
{
	(void)state;
	log_buffered(false);
	log_setup(STDERR_FILENO, false, LOG_INFO);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void
read_log(void)
{
	const ssize_t n = read(ends[0], got, sizeof got - 1);

	assert_true(n > 0);
	got[n] = '\0';
}

static void
write_sample(void)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "request");
	log_str(&l, "path", "/v1/messages");
	log_span(&l, "model", SPAN("a \"b\"\n"));
	log_u64(&l, "status", 200);
	log_milli(&l, "ms", 1205);
	log_bool(&l, "stream", true);
	log_str(&l, "absent", NULL);
	log_end(&l);
}

static void
text_quotes_what_is_not_bare(void **state)
{
	(void)state;
	log_setup(ends[1], false, LOG_INFO);
	write_sample();
	read_log();
	assert_string_equal(got + 24, " info request path=/v1/messages model=\"a \\\"b\\\"\\u000a\" "
				      "status=200 ms=1.205 stream=true\n");
}

static void
json_is_one_object_a_line(void **state)
{
	(void)state;
	log_setup(ends[1], true, LOG_INFO);
	write_sample();
	read_log();
	assert_string_equal(got + 34, ",\"level\":\"info\",\"event\":\"request\",\"path\":\"/v1/messages\","
				      "\"model\":\"a \\\"b\\\"\\u000a\",\"status\":200,\"ms\":1.205,"
				      "\"stream\":true}\n");
}

static void
lines_below_the_level_are_not_written(void **state)
{
	(void)state;
	log_setup(ends[1], false, LOG_WARN);
	write_sample();
	log_note(LOG_WARN, "seen");
	read_log();
	assert_string_equal(got + 24, " warn note text=seen\n");
}

static void
buffered_lines_wait_for_the_flush(void **state)
{
	(void)state;
	log_setup(ends[1], false, LOG_INFO);
	log_buffered(true);
	log_note(LOG_INFO, "one");
	log_note(LOG_INFO, "two");
	log_flush();
	read_log();
	assert_non_null(strstr(got, "text=one\n"));
	assert_non_null(strstr(got, "text=two\n"));
}

static void
a_huge_field_is_left_out_and_the_line_stays_whole(void **state)
{
	(void)state;
	static char big[10000];
	struct log_line l;

	memset(big, 'x', sizeof big - 1);
	log_setup(ends[1], true, LOG_INFO);
	log_begin(&l, LOG_INFO, "e");
	log_str(&l, "big", big);
	log_u64(&l, "after", 1);
	log_end(&l);
	read_log();
	assert_string_equal(got + 34, ",\"level\":\"info\",\"event\":\"e\",\"after\":1}\n");
}

/* A parent may keep our stderr in a pipe and never look. */
static void
a_pipe_that_nobody_reads_stops_nobody(void **state)
{
	(void)state;
	static char all[1 << 20];
	size_t n = 0;

	log_setup(ends[1], false, LOG_INFO);
	log_buffered(true);
	alarm(20);	/* what blocks dies here */
	for (int i = 0; i < 20000; i++)
		log_note(i % 100 ? LOG_INFO : LOG_WARN, "line %d of many", i);
	log_flush();
	alarm(0);
	close(ends[1]);
	for (ssize_t got_now; (got_now = read(ends[0], all + n, sizeof all - n)) > 0;)
		n += (size_t)got_now;
	ends[1] = dup(ends[0]);
	assert_true(n > 4096 && n < sizeof all);
	assert_int_equal(all[n - 1], '\n');
	for (const char *at = all; at < all + n; at = strchr(at, '\n') + 1)
		assert_string_equal(span_starts(span_str(at + 24), SPAN(" info note text=\"line ")) ||
					    span_starts(span_str(at + 24), SPAN(" warn note text=\"line "))
					    ? "whole" : at, "whole");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(text_quotes_what_is_not_bare, with_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(json_is_one_object_a_line, with_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(lines_below_the_level_are_not_written, with_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(buffered_lines_wait_for_the_flush, with_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(a_pipe_that_nobody_reads_stops_nobody, with_pipe,
						close_pipe),
		cmocka_unit_test_setup_teardown(a_huge_field_is_left_out_and_the_line_stays_whole, with_pipe,
						close_pipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
