#include "unit.h"

#include "each_arena.h"
#include "admin/tool_call.h"

#define HASH "\"hash\":\"0123456789abcdef01234567\""

static struct tool_call call;
static struct refusal why;

static int
read_call(const char *body)
{
	return tool_call_read(span_str(body), &arena, &call, &why);
}

static void
calls_are_read_in_each_shape(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		enum tool_call_shape shape;
		const char *id;
	} cases[] = {
		{ "{\"tool_call\":{\"id\":\"a\",\"name\":\"headroom_retrieve\",\"input\":{" HASH ",\"head\":3}}}",
		  TOOL_CALL_ANTHROPIC, "a" },
		{ "{\"provider\":null,\"tool_call\":{\"name\":\"headroom_retrieve\",\"input\":{" HASH ",\"head\":\"3\"}}}",
		  TOOL_CALL_ANTHROPIC, NULL },
		{ "{\"provider\":\"openai\",\"tool_call\":{\"id\":\"b\",\"function\":{\"name\":\"headroom_retrieve\","
		  "\"arguments\":\"{\\\"hash\\\":\\\"0123456789abcdef01234567\\\",\\\"head\\\":3}\"}}}",
		  TOOL_CALL_OPENAI, "b" },
		{ "{\"provider\":\"google\",\"tool_call\":{\"functionCall\":{\"name\":\"headroom_retrieve\",\"args\":{" HASH
		  ",\"head\":3}}}}", TOOL_CALL_GOOGLE, NULL },
		{ "{\"provider\":\"x\",\"tool_call\":{\"id\":\"c\",\"name\":\"headroom_retrieve\",\"args\":{" HASH ",\"head\":3}}}",
		  TOOL_CALL_OTHER, "c" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (read_call(cases[i].body) != 0)
			fail_msg("%s: %s", cases[i].body, why.text);
		assert_int_equal(call.shape, cases[i].shape);
		assert_true(span_eq(call.id, span_str(cases[i].id)));
		assert_span_eq(call.ask.hash, "0123456789abcdef01234567");
		assert_span_eq(call.ask.part.value[SLICE_HEAD], "3");
	}
}

static void
calls_that_are_none_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "{", "[]", "{}", "{\"tool_call\":[]}", "{\"tool_call\":{}}", "{\"tool_call\":{\"name\":5}}",
		"{\"tool_call\":{\"name\":\"headroom_retrieve\"}}",
		"{\"tool_call\":{\"name\":\"headroom_retrieve\",\"input\":[]}}",
		"{\"tool_call\":{\"name\":\"headroom_retrieve\",\"input\":\"{\"}}",
		"{\"tool_call\":{\"name\":\"headroom_retrieve\",\"input\":\"\\ud800\"}}",
		"{\"tool_call\":{\"name\":\"headroom_retrieve\",\"input\":{}}}",
		"{\"tool_call\":{\"id\":{},\"name\":\"headroom_retrieve\",\"input\":{" HASH "}}}",
		"{\"tool_call\":{\"name\":\"headroom_retrieve\",\"input\":{" HASH "}},\"provider\":{}}",
		"{\"tool_call\":{\"name\":\"headroom_retrieve\",\"input\":{" HASH "}},\"provider\":\"google\"}",
		"{\"tool_call\":{\"function\":[],\"name\":\"headroom_retrieve\"},\"provider\":\"openai\"}",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (read_call(bad[i]) != 400 || why.text[0] == '\0')
			fail_msg("%s is taken", bad[i]);
		assert_string_equal(why.type, "invalid_request");
	}
}

static void
little_memory_is_503(void **state)
{
	(void)state;
	struct arena none;

	arena_init(&none, 0);
	assert_int_equal(tool_call_read(SPAN("{\"tool_call\":{}}"), &none, &call, &why), 503);
	arena_free(&none);
}

static void
results_have_the_shape_of_the_call(void **state)
{
	(void)state;
	static const char *const want[] = {
		[TOOL_CALL_ANTHROPIC] = "{\"tool_result\":{\"type\":\"tool_result\",\"tool_use_id\":\"i\",\"content\":\"{\\\"a\\\":1}\"}",
		[TOOL_CALL_OPENAI] = "{\"tool_result\":{\"role\":\"tool\",\"tool_call_id\":\"i\",\"content\":\"{\\\"a\\\":1}\"}",
		[TOOL_CALL_GOOGLE] = "{\"tool_result\":{\"functionResponse\":{\"name\":\"headroom_retrieve\",\"response\":{\"a\":1}},"
				     "\"tool_call_id\":\"i\",\"content\":\"{\\\"a\\\":1}\"}",
		[TOOL_CALL_OTHER] = "{\"tool_result\":{\"tool_call_id\":\"i\",\"content\":\"{\\\"a\\\":1}\"}",
	};

	for (int i = 0; i < 4; i++) {
		const struct tool_call one = { .shape = (enum tool_call_shape)i, .id = SPAN("i") };
		struct json_writer w;
		struct buf out;

		buf_init(&out, 1 << 12);
		jw_init(&w, &out);
		tool_call_write(&w, &one, i % 2, SPAN("{\"a\":1}"));
		assert_true(span_starts(buf_span(&out), span_str(want[i])));
		assert_true(span_ends(buf_span(&out), i % 2 ? SPAN(",\"success\":true,\"data\":{\"a\":1}}")
							    : SPAN(",\"success\":false,\"data\":{\"a\":1}}")));
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls_are_read_in_each_shape, setup, teardown),
		cmocka_unit_test_setup_teardown(calls_that_are_none_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(little_memory_is_503, setup, teardown),
		cmocka_unit_test_setup_teardown(results_have_the_shape_of_the_call, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
