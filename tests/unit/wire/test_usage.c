#include "unit.h"

#include <stdio.h>
#include <zlib.h>

#include "wire/usage.h"

#define SSE SPAN("text/event-stream; charset=utf-8")
#define JSON SPAN("application/json")
#define A WIRE_ANTHROPIC_MESSAGES
#define O WIRE_OPENAI_CHAT

/* "input/read/created(5m+1h)/output stop error" with - for what is unknown. */
static void
describe(const struct usage *u, char out[300])
{
	char n[6][24];
	const int64_t values[6] = { u->input_tokens, u->cache_read_tokens, u->cache_creation_tokens,
				    u->cache_creation_5m_tokens, u->cache_creation_1h_tokens,
				    u->output_tokens };

	for (int i = 0; i < 6; i++)
		snprintf(n[i], sizeof(n[i]), "%lld", (long long)values[i]);
	for (int i = 0; i < 6; i++) {
		if (values[i] == USAGE_UNKNOWN)
			snprintf(n[i], sizeof(n[i]), "-");
	}
	snprintf(out, 300, "%s/%s/%s(%s+%s)/%s %s|%s%s%s", n[0], n[1], n[2], n[3], n[4], n[5],
		 u->stop_reason, u->error_type, u->ended ? " ended" : "", u->unread ? " unread" : "");
}

struct response {
	enum wire_format format;
	struct span type, encoding;
	size_t limit;
	bool cut;	/* the framing says that bytes are missing */
};

static void
check_steps(const struct response *r, struct span body, size_t step, const char *want)
{
	struct usage_observer o;
	char got[300];

	usage_init(&o, r->format, r->type, r->encoding, r->limit);
	for (size_t at = 0; at < body.n; at += step)
		usage_feed(&o, span_head(span_from(body, at), step));
	usage_finish(&o, !r->cut);
	describe(&o.seen, got);
	if (strcmp(got, want) != 0)
		fail_msg("%.*s in steps of %zu:\n got %s\nwant %s", SPAN_ARG(body), step, got, want);
	usage_free(&o);
}

static void
check_response(struct response r, struct span body, const char *want)
{
	for (size_t step = 1; step < body.n; step += 1 + step / 4)
		check_steps(&r, body, step, want);
	check_steps(&r, body, body.n ? body.n : 1, want);
}

static void
check(enum wire_format f, struct span type, const char *body, const char *want)
{
	check_response((struct response){ f, type, SPAN_NONE, 4000, false }, span_str(body), want);
}

#define START \
	"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\"," \
	"\"role\":\"assistant\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":12," \
	"\"cache_creation_input_tokens\":300,\"cache_read_input_tokens\":4000,\"cache_creation\":" \
	"{\"ephemeral_5m_input_tokens\":100,\"ephemeral_1h_input_tokens\":200},\"output_tokens\":1}}}\n\n"
#define TEXT \
	"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0}\n\n" \
	"event: ping\ndata: {\"type\": \"ping\"}\n\n" \
	"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":" \
	"\"text_delta\",\"text\":\"\\\"usage\\\":{\\\"output_tokens\\\":9999}\"}}\n\n"
#define DELTA \
	"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"," \
	"\"stop_sequence\":null},\"usage\":{\"output_tokens\":77}}\n\n"
#define STOP "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"

static void
anthropic_streams(void **state)
{
	(void)state;
	check(A, SSE, START TEXT DELTA STOP, "12/4000/300(100+200)/77 tool_use| ended");
	/* cut before its end, at two places */
	check(A, SSE, START TEXT DELTA, "12/4000/300(100+200)/77 tool_use|");
	check(A, SSE, START TEXT, "12/4000/300(100+200)/1 |");
	check(A, SSE, "", "-/-/-(-+-)/- |");
	/* figures of the last event complete or exceed the first ones */
	check(A, SSE, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
		      "{\"input_tokens\":0,\"output_tokens\":0}}}\n\nevent: message_delta\ndata: {\"type\":"
		      "\"message_delta\",\"usage\":{\"input_tokens\":50,\"output_tokens\":6,"
		      "\"cache_read_input_tokens\":0}}\n\n" STOP,
	      "50/0/-(-+-)/6 | ended");
	/* events that are not named, and CRLF */
	check(A, SSE, "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":"
		      "{\"output_tokens\":3}}\r\n\r\ndata: {\"type\":\"message_stop\"}\r\n\r\n",
	      "-/-/-(-+-)/3 end_turn| ended");
	check(A, SSE, START "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
			    "\"message\":\"Overloaded\"}}\n\n",
	      "12/4000/300(100+200)/1 |overloaded_error");
	/* an event that is no JSON costs that event alone */
	check(A, SSE, "event: message_start\ndata: {\"type\":\n\n" DELTA STOP,
	      "-/-/-(-+-)/77 tool_use| ended unread");
}

static void
openai_streams(void **state)
{
	(void)state;
#define CHUNK "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":" \
	      "{\"content\":\"hi\"},\"finish_reason\":null}],\"usage\":null}\n\n"
#define FINISH "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n"
#define USAGE "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"total_tokens\":120," \
	      "\"prompt_tokens_details\":{\"cached_tokens\":64}}}\n\n"
	check(O, SSE, CHUNK CHUNK FINISH USAGE "data: [DONE]\n\n", "36/64/-(-+-)/20 length| ended");
	check(O, SSE, CHUNK FINISH, "-/-/-(-+-)/- length| ended");
	check(O, SSE, CHUNK "data: [DONE]\n\n", "-/-/-(-+-)/- | ended");
	check(O, SSE, CHUNK CHUNK, "-/-/-(-+-)/- |");
	check(O, SSE, CHUNK "data: {\"error\":{\"message\":\"no\",\"type\":\"server_error\",\"code\":null}}\n\n",
	      "-/-/-(-+-)/- |server_error");
	check(O, SSE, "data: {\"error\":{\"type\":null,\"code\":\"rate_limit_exceeded\"}}\n\n",
	      "-/-/-(-+-)/- |rate_limit_exceeded");
	check(O, SSE, "data: {\"error\":{}}\n\n", "-/-/-(-+-)/- |other");
}

static void
whole_bodies(void **state)
{
	(void)state;
	check(A, JSON, "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],\"stop_reason\":"
		       "\"end_turn\",\"usage\":{\"input_tokens\":5,\"output_tokens\":6,"
		       "\"cache_read_input_tokens\":7,\"cache_creation_input_tokens\":8}}",
	      "5/7/8(-+-)/6 end_turn| ended");
	check(A, JSON, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"x\"}}",
	      "-/-/-(-+-)/- |invalid_request_error ended");
	check(O, SPAN("Application/JSON"), "{\"choices\":[{\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":"
		       "5,\"completion_tokens\":6}}", "5/-/-(-+-)/6 stop| ended");
	check(O, JSON, "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"x\"}}",
	      "-/-/-(-+-)/- |invalid_request_error ended");
	check(O, JSON, "{\"error\":\"text\",\"usage\":5,\"choices\":{}}", "-/-/-(-+-)/- | ended");
	check(A, JSON, "[1]", "-/-/-(-+-)/- | ended");
	/* not JSON, though complete; cut by the framing; cut, and it shows */
	check(A, JSON, "{\"type\":\"message\"", "-/-/-(-+-)/- | unread");
	check_response((struct response){ A, JSON, SPAN_NONE, 4000, true },
		       SPAN("{\"type\":\"message\",\"usage\":{\"output_tokens\":1}}"), "-/-/-(-+-)/1 |");
	check_response((struct response){ A, JSON, SPAN_NONE, 4000, true }, SPAN("{\"type\":"), "-/-/-(-+-)/- |");
	/* other types are not looked at */
	check(A, SPAN("text/html"), "{\"type\":\"message\",\"usage\":{\"output_tokens\":1}}", "-/-/-(-+-)/- |");
	check(A, SPAN_NONE, STOP, "-/-/-(-+-)/- |");
}

static void
odd_values_are_unknown(void **state)
{
	(void)state;
	check(A, JSON, "{\"type\":\"message\",\"stop_reason\":\"a sentence with private words\",\"usage\":{"
		       "\"input_tokens\":-5,\"output_tokens\":1.0,\"cache_read_input_tokens\":\"7\","
		       "\"cache_creation_input_tokens\":99999999999999999999999}}",
	      "-/-/-(-+-)/- other| ended");
	check(A, JSON, "{\"type\":\"message\",\"stop_reason\":\"\",\"usage\":{\"input_tokens\":1e3,\"output_tokens\":null}}",
	      "-/-/-(-+-)/- other| ended");
	check(A, JSON, "{\"type\":\"message\",\"stop_reason\":\"a23456789012345678901234567890123456789\"}",
	      "-/-/-(-+-)/- a23456789012345678901234567890123456789| ended");
	check(A, JSON, "{\"type\":\"message\",\"stop_reason\":\"a234567890123456789012345678901234567890\"}",
	      "-/-/-(-+-)/- other| ended");
	check(O, JSON, "{\"usage\":{\"prompt_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":6}}}",
	      "0/6/-(-+-)/- | ended");
}

static void
memory_is_bounded(void **state)
{
	(void)state;
	const struct response tight = { A, JSON, SPAN_NONE, 60, false };

	check_response(tight, SPAN("{\"type\":\"message\",\"usage\":{\"output_tokens\":1}           }"),
		       "-/-/-(-+-)/1 | ended");
	check_response(tight, SPAN("{\"type\":\"message\",\"usage\":{\"output_tokens\":1}                  }"),
		       "-/-/-(-+-)/- | unread");
	/* the events that are too large are skipped, the others are read */
	check_response((struct response){ A, SSE, SPAN_NONE, 160, false }, SPAN(START TEXT DELTA STOP),
		       "-/-/-(-+-)/77 tool_use| ended unread");
}

static void
gzip(struct span in, struct buf *out)
{
	z_stream z = { 0 };

	buf_init(out, 1 << 20);
	char *const p = buf_reserve(out, in.n + 1000);

	assert_non_null(p);
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)in.p;
	z.avail_in = (uInt)in.n;
	z.next_out = (Bytef *)p;
	z.avail_out = (uInt)(in.n + 1000);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n = in.n + 1000 - z.avail_out;
	deflateEnd(&z);
}

static void
encoded_responses_are_decoded(void **state)
{
	(void)state;
	const struct span message = SPAN("{\"type\":\"message\",\"usage\":{\"output_tokens\":1}}");
	struct buf coded;

	gzip(SPAN(START TEXT DELTA STOP), &coded);
	const struct response stream = { A, SSE, SPAN("gzip"), 4000, false };

	check_response(stream, buf_span(&coded), "12/4000/300(100+200)/77 tool_use| ended");
	coded.p[0] = 'x';
	check_response(stream, buf_span(&coded), "-/-/-(-+-)/- | unread");
	buf_free(&coded);

	gzip(message, &coded);
	struct response body = { A, JSON, SPAN("gzip"), 4000, false };

	check_response(body, buf_span(&coded), "-/-/-(-+-)/1 | ended");
	buf_truncate(&coded, coded.n - 1);
	check_response(body, buf_span(&coded), "-/-/-(-+-)/1 |");
	body.limit = 20;
	check_response(body, buf_span(&coded), "-/-/-(-+-)/- | unread");
	body.encoding = SPAN("foo");
	check_response(body, buf_span(&coded), "-/-/-(-+-)/- | unread");
	body.encoding = SPAN("identity");
	body.limit = 100;
	check_response(body, message, "-/-/-(-+-)/1 | ended");
	buf_free(&coded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anthropic_streams),
		cmocka_unit_test(openai_streams),
		cmocka_unit_test(whole_bodies),
		cmocka_unit_test(odd_values_are_unknown),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(encoded_responses_are_decoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
