#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "admin/compress_request.h"

static struct store *store;
static struct store_reader *reader;
static char folder[] = "/tmp/hr-compress-XXXXXX";
static struct arena arena;
static struct buf out;
static struct refusal why;

static int
open_store(void **state)
{
	(void)state;
	char said[STORE_WHY];
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 7, .busy_ms = 2000, .queue_limit = 16
	};

	assert_non_null(mkdtemp(folder));
	assert_int_equal(store_open(&o, &store, said), OK);
	assert_int_equal(store_reader_open(store, &reader), OK);
	return 0;
}

static int
close_store(void **state)
{
	(void)state;
	static const char *const files[] = { "headroom.db", "headroom.db-wal", "headroom.db-shm" };
	char path[64];

	store_reader_close(&reader);
	store_close(&store);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		unlink(path);
	}
	return rmdir(folder);
}

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)1 << 28);
	buf_init(&out, (size_t)1 << 24);
	memset(&why, 0, sizeof why);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	buf_free(&out);
	return 0;
}

static int
ask(const char *body, bool bypass)
{
	const struct compress_request r = {
		.body = span_str(body),
		.bypass = bypass,
		.profile = PROFILE_BALANCED,
		.floor_tokens = 150,
		.exclude_tools = "",
		.tenant = SPAN("local"),
	};

	buf_clear(&out);
	return compress_request_answer(&r, store, reader, &arena, &out, &why);
}

static void
assert_answer_has(const char *part)
{
	size_t n;
	char *const text = buf_take(&out, &n);

	assert_non_null(text);
	if (!strstr(text, part))
		fail_msg("%s lacks %s", text, part);
	buf_add(&out, text, n);
	free(text);
}

static void
bad_requests_say_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *body, *reason;
	} cases[] = {
		{ "", "Invalid JSON in request body." },
		{ "[]", "Invalid JSON in request body." },
		{ "{\"messages\":[]", "Invalid JSON in request body." },
		{ "{\"model\":\"x\"}", "Missing required field: messages" },
		{ "{\"model\":\"x\",\"messages\":null}", "Missing required field: messages" },
		{ "{\"messages\":[]}", "Missing required field: model" },
		{ "{\"messages\":[],\"model\":null}", "Missing required field: model" },
		{ "{\"messages\":\"abc\",\"model\":\"x\"}", "messages must be an array of messages." },
		{ "{\"messages\":[\"abc\"],\"model\":\"x\"}", "Each of messages must be an object." },
		{ "{\"messages\":[],\"model\":5}", "model must be a string." },
		{ "{\"messages\":[],\"model\":\"x\",\"config\":\"a\"}", "config must be an object." },
		{ "{\"messages\":[],\"model\":\"x\",\"config\":null}", "config must be an object." },
		{ "{\"messages\":[],\"model\":\"x\",\"config\":{\"profile\":\"best\"}}",
		  "config.profile is one of" },
#define OPTION(json) "{\"messages\":[],\"model\":\"x\",\"config\":{" json "}}"
		{ OPTION("\"target_ratio\":0"), "config.target_ratio must be a number above 0" },
		{ OPTION("\"target_ratio\":-0.5"), "config.target_ratio must be" },
		{ OPTION("\"target_ratio\":1.0000000000000000000001"), "config.target_ratio must be" },
		{ OPTION("\"target_ratio\":\"0.5\""), "config.target_ratio must be" },
		{ OPTION("\"protect_recent\":-1"), "config.protect_recent must be a whole number" },
		{ OPTION("\"protect_recent\":1.5"), "config.protect_recent must be" },
		{ OPTION("\"protect_recent\":true"), "config.protect_recent must be" },
		{ OPTION("\"protect_recent\":99999999999"), "config.protect_recent must be" },
		{ OPTION("\"compress_user_messages\":1"), "config.compress_user_messages must be true or false" },
		{ OPTION("\"compress_user_messages\":\"yes\""), "config.compress_user_messages must be" },
		{ OPTION("\"mode\":7"), "config.mode is one of" },
		{ "{\"messages\":[],\"model\":\"x\",\"token_budget\":0}", "token_budget must be a whole number" },
		{ "{\"messages\":[],\"model\":\"x\",\"token_budget\":-5}", "token_budget must be" },
		{ "{\"messages\":[],\"model\":\"x\",\"token_budget\":1e3}", "token_budget must be" },
		{ "{\"messages\":[],\"model\":\"x\",\"token_budget\":\"9\"}", "token_budget must be" },
		{ "{\"messages\":[],\"model\":\"x\",\"token_budget\":123456789012345678901}", "token_budget must be" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(ask(cases[i].body, false), 400);
		assert_string_equal(why.type, "invalid_request");
		if (!strstr(why.text, cases[i].reason))
			fail_msg("%s: got \"%s\"", cases[i].body, why.text);
	}
}

static void
options_of_null_are_as_good_as_absent(void **state)
{
	(void)state;
	assert_int_equal(ask(OPTION("\"target_ratio\":null,\"protect_recent\":null,\"profile\":null,"
				    "\"compress_user_messages\":null"), false), 200);
	assert_int_equal(ask("{\"messages\":[],\"model\":\"x\",\"token_budget\":null}", false), 200);
	assert_int_equal(ask(OPTION("\"target_ratio\":1,\"protect_recent\":0,\"compress_user_messages\":false"), false), 200);
	assert_int_equal(ask(OPTION("\"target_ratio\":1e-9"), false), 200);
}

static void
no_messages_give_a_zero_result(void **state)
{
	(void)state;
	assert_int_equal(ask("{\"messages\":[],\"model\":\"\"}", false), 200);
	assert_answer_has("{\"messages\":[],\"tokens_before\":0,\"tokens_after\":0,\"tokens_saved\":0,"
			  "\"compression_ratio\":1");
	assert_answer_has("\"ccr_hashes\":[]");
}

static void
bypass_echoes_whatever_is_there(void **state)
{
	(void)state;
	assert_int_equal(ask("{\"messages\" : [1.0, {\"a\" : 2}] }", true), 200);
	assert_answer_has("{\"messages\":[1.0, {\"a\" : 2}],\"tokens_before\":0");
	assert_int_equal(ask("{}", true), 200);
	assert_answer_has("{\"messages\":[],\"tokens_before\":0");
	assert_int_equal(ask("nonsense", true), 400);
}

/* A messages array with one tool result: 40 rows of pretty-printed JSON. */
static char *
body_with_rows(const char *before, const char *after)
{
	struct buf b;
	size_t n;

	buf_init(&b, 1 << 20);
	buf_add_str(&b, before);
	buf_add_str(&b, "[\\n");
	for (int i = 0; i < 40; i++)
		buf_addf(&b, "%s  {\\n    \\\"name\\\": \\\"item %d\\\",\\n    \\\"kind\\\": \\\"fruit\\\",\\n    "
			     "\\\"price\\\": %d.50\\n  }",
			 i ? ",\\n" : "", i, i * 7);
	buf_add_str(&b, "\\n]");
	buf_add_str(&b, after);
	return buf_take(&b, &n);
}

static void
tool_results_of_both_shapes_shrink_and_the_rest_stays(void **state)
{
	(void)state;
	static const char *const shapes[][2] = {
		{ "{\"model\":\"gpt-4o\",\"config\":{\"speed\":1,\"profile\":\"lossless\"},\"token_budget\":5,\"messages\":[ {\"role\":\"tool\", "
		  "\"tool_call_id\":\"c1\",\"x\":1.0,\"content\":\"",
		  "\"} ]}" },
		{ "{\"model\":\"claude-sonnet-4-5\",\"config\":{\"speed\":1,\"profile\":\"lossless\"},\"token_budget\":5,\"messages\":[ "
		  "{\"role\":\"user\",\"content\":[ {\"type\":\"tool_result\",\"tool_use_id\":\"c1\",\"x\":1.0,"
		  "\"content\":\"",
		  "\"} ]} ]}" },
	};

	for (size_t i = 0; i < 2; i++) {
		char *const body = body_with_rows(shapes[i][0], shapes[i][1]);

		assert_int_equal(ask(body, false), 200);
		free(body);
		assert_answer_has("\"x\":1.0,");
		assert_answer_has("\"transforms_applied\":[\"json_table\"]");
		assert_answer_has("\"transforms_summary\":{\"json_table\":1}");
		assert_answer_has("\"ignored_options\":[\"speed\",\"token_budget\"]");
		assert_answer_has(i == 0 ? "\"tokens_estimated\":false" : "\"tokens_estimated\":true");
		assert_true(out.n < 2500);
	}
}

static void
profile_off_changes_nothing_now_or_later(void **state)
{
	(void)state;
	static const char *const profiles[] = { "off", "lossless" };
	static const char *const saved[] = { "\"transforms_applied\":[]",
					     "\"transforms_applied\":[\"json_table\"]" };

	for (size_t i = 0; i < 2; i++) {
		char before[200];

		snprintf(before, sizeof before,
			 "{\"model\":\"gpt-4o\",\"config\":{\"profile\":\"%s\"},\"messages\":[{\"role\":"
			 "\"tool\",\"tool_call_id\":\"c3\",\"content\":\"",
			 profiles[i]);
		char *const body = body_with_rows(before, "\"}]}");
		assert_int_equal(ask(body, false), 200);
		free(body);
		assert_answer_has(saved[i]);
	}
}

static void
without_a_store_nothing_changes(void **state)
{
	(void)state;
	struct store *const kept = store;
	char *const body = body_with_rows("{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"tool\","
					  "\"tool_call_id\":\"c2\",\"content\":\"",
					  "\"}]}");

	store = NULL;
	assert_int_equal(ask(body, false), 200);
	store = kept;
	free(body);
	assert_answer_has("\"tokens_saved\":0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bad_requests_say_what_is_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(options_of_null_are_as_good_as_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(no_messages_give_a_zero_result, setup, teardown),
		cmocka_unit_test_setup_teardown(bypass_echoes_whatever_is_there, setup, teardown),
		cmocka_unit_test_setup_teardown(tool_results_of_both_shapes_shrink_and_the_rest_stays, setup,
						teardown),
		cmocka_unit_test_setup_teardown(profile_off_changes_nothing_now_or_later, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_store_nothing_changes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, open_store, close_store);
}
