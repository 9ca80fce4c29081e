#include "unit.h"

#include "wire/sse.h"

/* Events written down as "name=data;" with \n shown as |. */
struct seen {
	struct buf text;
};

static void
note(void *arg, const struct sse_event *e)
{
	struct seen *const s = arg;

	buf_add_span(&s->text, e->event);
	buf_add_char(&s->text, '=');
	for (size_t i = 0; i < e->data.n; i++)
		buf_add_char(&s->text, e->data.p[i] == '\n' ? '|' : e->data.p[i]);
	buf_add_char(&s->text, ';');
}

/* Feeds `text` in two pieces cut at `cut`, or in pieces of `step`. */
static void
check(struct span text, size_t limit, size_t cut, size_t step, const char *want)
{
	struct seen seen;
	struct sse s;

	buf_init(&seen.text, 1 << 20);
	sse_init(&s, limit);
	for (size_t at = 0; at < text.n;) {
		const size_t n = step ? step : at < cut ? cut : text.n - at;
		const struct span part = span_head(span_from(text, at), n);
		char *const block = malloc(part.n);

		memcpy(block, part.p, part.n);
		sse_feed(&s, span_of(block, part.n), note, &seen);
		sse_feed(&s, SPAN_NONE, note, &seen);
		free(block);
		at += part.n;
	}
	if (!span_eq(buf_span(&seen.text), span_str(want)))
		fail_msg("%.*s limit %zu cut %zu step %zu: got %.*s, want %s", SPAN_ARG(text), limit, cut,
			 step, SPAN_ARG(buf_span(&seen.text)), want);
	sse_free(&s);
	buf_free(&seen.text);
}

static void
check_all(struct span text, size_t limit, const char *want)
{
	for (size_t cut = 0; cut <= text.n; cut++)
		check(text, limit, cut, 0, want);
	for (size_t step = 1; step <= 5; step++)
		check(text, limit, 0, step, want);
}

static void
streams_are_read_as_the_standard_says(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "data: a\n\n", "message=a;" },
		{ "data:a\n\ndata:  b \n\n", "message=a;message= b ;" },
		{ "event: x\ndata: 1\ndata: 2\n\n", "x=1|2;" },
		{ "event: x\nevent: y\ndata: 1\n\ndata: 2\n\n", "y=1;message=2;" },
		{ "event: x\nevent\ndata: 1\n\n", "message=1;" },
		{ "event: x\n\ndata: 1\n\n", "message=1;" },
		{ "data\n\n", "message=;" },
		{ "data\ndata\n\n", "message=|;" },
		{ "data:\n\n\n\n", "message=;" },
		{ ": hello\n\n:\n\n", "" },
		{ ": c\ndata: a\n:d\ndata: b\n\n", "message=a|b;" },
		{ "id: 1\nretry: 5\nfoo: bar\ndata: a\n\n", "message=a;" },
		{ "Data: a\n data: b\ndatas: c\n\n", "" },
		{ "data : a\n\n", "" },
		{ "data: a:b: c\n\n", "message=a:b: c;" },
		{ "data: a\r\n\r\n", "message=a;" },
		{ "data: a\r\r", "message=a;" },
		{ "data: a\r\n\r\rdata: b\n\r", "message=a;message=b;" },
		{ "data: a\rdata: b\r\ndata: c\n\n", "message=a|b|c;" },
		{ "\r\n\n\rdata: a\n\n", "message=a;" },
		{ "\xef\xbb\xbf" "data: a\n\n", "message=a;" },
		{ "\xef\xbb\xbf\n\xef\xbb\xbf" "data: a\n\ndata: b\n\n", "message=b;" },
		{ "\xef\xbb\xbf\xef\xbb\xbf" "data: a\n\n", "" },
		{ "data: a\n", "" },
		{ "data: a\n\ndata: b", "message=a;" },
		{ "data: \xff\x01\n\n", "message=\xff\x01;" },
		{ "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
		  "message_stop={\"type\":\"message_stop\"};" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_all(span_str(cases[i][0]), 1000, cases[i][1]);
}

static void
a_nul_is_data(void **state)
{
	(void)state;
	struct seen seen;
	struct sse s;

	buf_init(&seen.text, 100);
	sse_init(&s, 100);
	sse_feed(&s, SPAN("data: a\0b\n\n"), note, &seen);
	assert_true(span_eq(buf_span(&seen.text), SPAN("message=a\0b;")));
	sse_free(&s);
	buf_free(&seen.text);
}

static void
large_events_are_passed_over(void **state)
{
	(void)state;
	/* data: 8 bytes and its \n fit into 14 together with a name of 5 */
	check_all(SPAN("event:12345\ndata:12345678\n\n"), 14, "12345=12345678;");
	check_all(SPAN("event:123456\ndata:12345678\n\ndata:x\n\n"), 14, "message=x;");
	check_all(SPAN("data:123456789\n\n"), 14, "message=123456789;");
	check_all(SPAN("data:1234567890\ndata:y\n\ndata:x\n\n"), 14, "message=x;");
	check_all(SPAN("data:1234567890\r\n\r\ndata:x\r\n\r\n"), 14, "message=x;");
	check_all(SPAN("data:12\ndata:34\ndata:56\ndata:78\n\ndata:x\n\n"), 14, "message=12|34|56|78;message=x;");
	check_all(SPAN("data:12\ndata:34\ndata:56\ndata:78\ndata:90\n\ndata:x\n\n"), 14, "message=x;");
	check_all(SPAN("data:a\n:a comment that is long\ndata:b\n\ndata:x\n\n"), 14, "message=x;");
	check_all(SPAN("\xef\xbb\xbf" "data:1234567890\n\ndata:x\n\n"), 14, "message=x;");
	check_all(SPAN("data:1234567890\n\xef\xbb\xbf\n\ndata:x\n\n"), 14, "message=x;");
}

/* A large event leaves nothing behind. */
static void
memory_is_given_back(void **state)
{
	(void)state;
	struct seen seen;
	struct sse s;
	static char big[400000];

	buf_init(&seen.text, 1 << 20);
	sse_init(&s, 1 << 20);
	assert_null(s.line.p);
	memset(big, 'x', sizeof(big));
	memcpy(big, "data:", 5);
	sse_feed(&s, span_of(big, 100), note, &seen);
	sse_feed(&s, span_of(big + 100, sizeof(big) - 100), note, &seen);
	assert_true(s.line.cap >= sizeof(big));
	sse_feed(&s, SPAN("\n\n"), note, &seen);
	assert_int_equal(seen.text.n, sizeof(big) - 5 + sizeof("message=;") - 1);
	assert_true(s.line.cap + s.data.cap + s.name.cap < 65536);
	sse_free(&s);
	buf_free(&seen.text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_are_read_as_the_standard_says),
		cmocka_unit_test(a_nul_is_data),
		cmocka_unit_test(large_events_are_passed_over),
		cmocka_unit_test(memory_is_given_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
