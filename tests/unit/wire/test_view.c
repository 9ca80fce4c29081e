#include "unit.h"

#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "json/walk.h"
#include "wire/calls.h"
#include "wire/view.h"

struct viewed {
	struct arena a;
	struct json_doc d;
	struct wire_view v;
	enum err err;
};

static const struct json_limits wide = { 512, 1u << 24 };

static struct viewed
view(enum wire_format f, struct span body)
{
	struct viewed r = { 0 };

	arena_init(&r.a, (size_t)1 << 30);
	assert_int_equal(json_scan(body, &wide, &r.a, &r.d), OK);
	r.err = wire_view(f, &r.d, &r.a, &r.v);
	return r;
}

/* Blocks written as "message:fresh:error:id:name:input:text;". */
static void
describe(const struct viewed *r, struct buf *out)
{
	for (uint32_t i = 0; i < r->v.block_count; i++) {
		const struct wire_block *const b = &r->v.blocks[i];

		buf_addf(out, "%u:%c%c:%.*s:%.*s:", b->message, b->fresh ? 'f' : '-',
			 b->is_error ? 'e' : '-', SPAN_ARG(b->call_id), SPAN_ARG(b->tool_name));
		if (b->tool_input != JSON_NONE)
			buf_add_span(out, json_raw(&r->d, b->tool_input));
		buf_addf(out, ":%.*s;", SPAN_ARG(json_inner(&r->d, b->node)));
	}
}

static void
check(enum wire_format f, const char *body, const char *want)
{
	struct viewed r = view(f, span_str(body));
	struct buf got;

	buf_init(&got, 1 << 20);
	if (r.err != OK)
		fail_msg("%s: %s", body, err_name(r.err));
	describe(&r, &got);
	if (!span_eq(buf_span(&got), span_str(want)))
		fail_msg("%s:\n got %.*s\nwant %s", body, SPAN_ARG(buf_span(&got)), want);
	buf_free(&got);
	arena_free(&r.a);
}

static void
check_refused(enum wire_format f, const char *body)
{
	struct viewed r = view(f, span_str(body));

	if (r.err != ERR_SYNTAX)
		fail_msg("%s: %s", body, err_name(r.err));
	assert_null(r.v.blocks);
	arena_free(&r.a);
}

#define A WIRE_ANTHROPIC_MESSAGES
#define O WIRE_OPENAI_CHAT

/* As Claude Code sends it: messages before system and tools, a moving
 * cache_control mark, a system message among the others, parallel calls. */
static const char claude[] =
	"{\"model\":\"claude-sonnet-4-5\",\"messages\":["
	"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"fix it\"}]},"
	"{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"c2ln\"},"
	"{\"type\":\"text\",\"text\":\"I look.\"},"
	"{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"Bash\",\"input\":{\"command\":\"ls\"}},"
	"{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"mcp__db__query\",\"input\":{}}]},"
	"{\"role\":\"user\",\"content\":["
	"{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_2\",\"content\":[{\"type\":\"text\",\"text\":\"[1]\"},"
	"{\"type\":\"text\",\"text\":\"two\"}]},"
	"{\"tool_use_id\":\"toolu_1\",\"type\":\"tool_result\",\"content\":\"a\\nb\",\"is_error\":false}]},"
	"{\"role\":\"system\",\"content\":\"a reminder\"},"
	"{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"toolu_3\",\"name\":\"Read\","
	"\"input\":{\"file_path\":\"/x\"}}]},"
	"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_3\",\"is_error\":true,"
	"\"content\":\"no such file\",\"cache_control\":{\"type\":\"ephemeral\"}}]},"
	"{\"role\":\"user\",\"content\":\"go on\"}"
	"],\"system\":[{\"type\":\"text\",\"text\":\"x-anthropic-billing-header: a\"}],"
	"\"tools\":[{\"name\":\"Bash\",\"input_schema\":{\"type\":\"object\"}}],"
	"\"metadata\":{\"user_id\":\"u\"},\"max_tokens\":32000,\"stream\":true}";

static void
a_claude_code_body(void **state)
{
	(void)state;
	check(A, claude,
	      "2:--:toolu_2:mcp__db__query:{}:[1];2:--:toolu_2:mcp__db__query:{}:two;"
	      "2:--:toolu_1:Bash:{\"command\":\"ls\"}:a\\nb;"
	      "5:fe:toolu_3:Read:{\"file_path\":\"/x\"}:no such file;");
	struct viewed r = view(A, span_str(claude));

	assert_int_equal(r.v.message_count, 7);
	assert_int_equal(r.v.format, WIRE_ANTHROPIC_MESSAGES);
	assert_span_eq(r.v.model, "claude-sonnet-4-5");
	assert_true(r.v.stream);
	arena_free(&r.a);
}

static const char openai[] =
	"{\"model\":\"gpt-4o\",\"max_tokens\":100,\"messages\":["
	"{\"role\":\"system\",\"content\":\"You help.\"},"
	"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"weather?\"}]},"
	"{\"role\":\"assistant\",\"content\":null,\"tool_calls\":["
	"{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"get\",\"arguments\":\"{\\\"c\\\":1}\"}},"
	"{\"id\":\"call_2\",\"type\":\"custom\",\"custom\":{\"name\":\"free\",\"input\":\"x y\"}}]},"
	"{\"role\":\"tool\",\"tool_call_id\":\"call_2\",\"content\":\"second\"},"
	"{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":[{\"type\":\"text\",\"text\":\"first\"}]},"
	"{\"role\":\"assistant\",\"content\":\"fine\"},"
	"{\"role\":\"developer\",\"content\":\"be brief\"},"
	"{\"role\":\"function\",\"name\":\"old\",\"content\":\"left\"},"
	"{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"late\"}"
	"],\"stream\":false}";

static void
an_openai_body(void **state)
{
	(void)state;
	check(O, openai,
	      "3:--:call_2:free::second;4:--:call_1:get:\"{\\\"c\\\":1}\":first;"
	      "8:f-:call_1:get:\"{\\\"c\\\":1}\":late;");
	struct viewed r = view(O, span_str(openai));

	assert_int_equal(r.v.message_count, 9);
	assert_span_eq(r.v.model, "gpt-4o");
	assert_false(r.v.stream);
	arena_free(&r.a);
}

#define RESULT(content) "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\"," \
			"\"tool_use_id\":\"t\",\"content\":" content "}]}]}"
#define TOOL(content) "{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"t\",\"content\":" content "}]}"
#define TEXT(t) "{\"type\":\"text\",\"text\":" t "}"
#define IMAGE "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"AA\"}}"

/* What is not text alone is left out whole. */
static void
only_text_is_a_block(void **state)
{
	(void)state;
	static const char *const contents[][2] = {
		{ RESULT("\"a\""), TOOL("\"a\"") },
		{ RESULT("[" TEXT("\"a\"") "]"), TOOL("[" TEXT("\"a\"") "]") },
		{ RESULT("[{\"text\":\"a\",\"x\":[{\"type\":\"image\"}],\"type\":\"t\\u0065xt\"}]"),
		  TOOL("[{\"text\":\"a\",\"x\":1,\"type\":\"text\"}]") },
	};
	static const char *const nothing[][2] = {
		{ RESULT("null"), TOOL("null") },
		{ RESULT("[]"), TOOL("[]") },
		{ RESULT("5"), TOOL("5") },
		{ RESULT("{\"type\":\"text\",\"text\":\"a\"}"), TOOL("{\"type\":\"text\",\"text\":\"a\"}") },
		{ RESULT("[" TEXT("\"a\"") "," IMAGE "]"), TOOL("[" TEXT("\"a\"") "," IMAGE "]") },
		{ RESULT("[" IMAGE "," TEXT("\"a\"") "]"), TOOL("[" IMAGE "," TEXT("\"a\"") "]") },
		{ RESULT("[{\"type\":\"document\",\"source\":{}}," TEXT("\"a\"") "]"),
		  TOOL("[{\"type\":\"document\"}," TEXT("\"a\"") "]") },
		{ RESULT("[{\"type\":\"tool_reference\"}," TEXT("\"a\"") "]"),
		  TOOL("[{\"type\":\"new\"}," TEXT("\"a\"") "]") },
		{ RESULT("[" TEXT("\"a\"") "," TEXT("5") "]"), TOOL("[" TEXT("\"a\"") "," TEXT("null") "]") },
		{ RESULT("[" TEXT("\"a\"") ",\"b\"]"), TOOL("[" TEXT("\"a\"") ",null]") },
		{ RESULT("[{\"text\":\"a\"}]"), TOOL("[{\"text\":\"a\"}]") },
		{ RESULT("[{\"type\":\"text\"}]"), TOOL("[{\"type\":\"Text\",\"text\":\"a\"}]") },
		{ "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t\"}]}]}",
		  "{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"t\"}]}" },
		{ "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"}]}]}",
		  "{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"tool_call_id\":\"t\"}]}" },
		{ "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"web_search_tool_result\","
		  "\"tool_use_id\":\"t\",\"content\":[" TEXT("\"a\"") "]},{\"type\":\"mcp_tool_result\","
		  "\"tool_use_id\":\"t\",\"content\":[" TEXT("\"a\"") "]}]}]}",
		  "{\"messages\":[{\"role\":\"Tool\",\"content\":\"a\"}]}" },
		{ "{\"messages\":[1,\"a\",null,[],true,{},{\"role\":5,\"content\":5},{\"role\":\"user\",\"content\":[5,"
		  "null,[],\"a\",{}]}]}",
		  "{\"messages\":[1,\"a\",null,[],{},{\"role\":null},{\"role\":\"assistant\",\"tool_calls\":[5,null,{},"
		  "{\"function\":\"x\"}]}]}" },
		{ "{\"messages\":[]}", "{\"messages\":[]}" },
	};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		check(A, contents[i][0], "0:f-:t:::a;");
		check(O, contents[i][1], "0:f-:t:::a;");
	}
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
		check(A, nothing[i][0], "");
		check(O, nothing[i][1], "");
	}
}

static void
calls_are_found_by_the_nearest_id_before(void **state)
{
	(void)state;
#define USE(id, name) "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":" id ",\"name\":" name "}]}"
#define ANSWER(id) "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":" id ",\"content\":\"r\"}]}"
	check(A, "{\"messages\":[" ANSWER("\"c\"") "," USE("\"c\"", "\"one\"") "," ANSWER("\"c\"") ","
		 USE("\"c\"", "\"two\"") "," ANSWER("\"c\"") "," ANSWER("\"d\"") "]}",
	      "0:--:c:::r;2:--:c:one::r;4:f-:c:two::r;5:f-:d:::r;");
	/* ids and names are compared and given without their escapes */
	check(A, "{\"messages\":[" USE("\"a\\u0062\"", "\"n\\/m\"") "," ANSWER("\"\\u0061b\"") "]}",
	      "1:f-:ab:n/m::r;");
	/* what is no string, or empty, names nothing */
	check(A, "{\"messages\":[" USE("5", "\"n\"") "," ANSWER("5") "," USE("\"\"", "\"n\"") "," ANSWER("\"\"") ","
		 USE("\"x\"", "null") "," ANSWER("\"x\"") "]}",
	      "1:--::::r;3:--::::r;5:f-:x:::r;");
	check(A, "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":\"r\"}]}]}",
	      "0:f-::::r;");
}

/* Ids that are not there are looked for at every filling of the table. */
static void
unknown_ids_are_not_found(void **state)
{
	(void)state;
	struct calls t = { 0 };
	struct arena a;

	arena_init(&a, 1 << 20);
	assert_null(calls_find(&t, SPAN("x")));
	for (uint32_t i = 0; i < 300; i++) {
		char name[16];
		const struct call c = {
			.id = arena_copy(&a, span_of(name, (size_t)snprintf(name, sizeof(name), "%u", i))),
			.input = i,
		};

		assert_int_equal(calls_put(&t, &c, &a), OK);
		assert_int_equal(t.count, i + 1);
		assert_null(calls_find(&t, SPAN("x")));
		assert_int_equal(calls_find(&t, c.id)->input, i);
		assert_int_equal(calls_find(&t, SPAN("0"))->input, 0);
	}
	arena_free(&a);
}

static void
fresh_is_after_the_last_assistant_message(void **state)
{
	(void)state;
	check(A, "{\"messages\":[" ANSWER("\"a\"") "," ANSWER("\"b\"") "]}", "0:f-:a:::r;1:f-:b:::r;");
	check(A, "{\"messages\":[" ANSWER("\"a\"") ",{\"role\":\"assistant\",\"content\":\"{\"}]}", "0:--:a:::r;");
	check(A, "{\"messages\":[{\"role\":\"assistant\"},{\"role\":\"critic\",\"content\":[{\"type\":\"tool_result\","
		 "\"tool_use_id\":\"a\",\"content\":\"r\"}]},{\"content\":[]},[]]}", "1:f-:a:::r;");
	check(A, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_result\",\"content\":\"r\"}]}]}",
	      "0:--::::r;");
}

static void
ambiguous_bodies_are_refused(void **state)
{
	(void)state;
	static const char *const both[] = {
		"[]", "\"messages\"", "5", "null", "{}", "{\"messages\":null}", "{\"messages\":\"hi\"}",
		"{\"messages\":{\"0\":1}}", "{\"Messages\":[]}",
		"{\"messages\":[],\"messages\":[]}", "{\"messages\":[],\"mess\\u0061ges\":[]}",
		"{\"messages\":[],\"model\":\"a\",\"model\":\"a\"}", "{\"messages\":[],\"stream\":true,\"stream\":false}",
		"{\"messages\":[],\"model\":\"\\ud800\"}",
		"{\"messages\":[{\"role\":\"user\",\"role\":\"user\"}]}",
		"{\"messages\":[{\"role\":\"tool\",\"content\":\"a\",\"content\":\"b\"}]}",
	};
	static const char *const anthropic[] = {
		"{\"messages\":[{\"role\":\"x\",\"content\":[{\"type\":\"text\",\"type\":\"tool_result\"}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_result\",\"content\":\"a\",\"content\":\"b\"}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"a\",\"tool_use_id\":\"a\"}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_result\",\"is_error\":true,\"is_error\":true}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"id\":\"a\",\"id\":\"b\"}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"name\":\"a\",\"name\":\"b\"}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"input\":{},\"input\":{}}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"id\":\"\\udc00\"}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_use\",\"name\":\"\\ud800x\"}]}]}",
		"{\"messages\":[{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"\\ud800\"}]}]}",
		RESULT("[{\"type\":\"text\",\"text\":\"a\",\"text\":\"b\"}]"),
		RESULT("[{\"type\":\"text\",\"type\":\"image\",\"text\":\"b\"}]"),
	};
	static const char *const chat[] = {
		"{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"a\",\"tool_call_id\":\"b\"}]}",
		"{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"\\ud800\"}]}",
		"{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[],\"tool_calls\":[]}]}",
		"{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"id\":\"b\"}]}]}",
		"{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"type\":\"custom\",\"type\":\"function\"}]}]}",
		"{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{},\"function\":{}}]}]}",
		"{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"a\",\"name\":\"b\"}}]}]}",
		"{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"arguments\":\"\",\"arguments\":\"\"}}]}]}",
		"{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"\\ud800\"}}]}]}",
		TOOL("[{\"type\":\"text\",\"text\":\"a\",\"text\":\"b\"}]"),
	};

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		check_refused(A, both[i]);
		check_refused(O, both[i]);
	}
	for (size_t i = 0; i < sizeof(anthropic) / sizeof(anthropic[0]); i++)
		check_refused(A, anthropic[i]);
	for (size_t i = 0; i < sizeof(chat) / sizeof(chat[0]); i++)
		check_refused(O, chat[i]);
}

/* Members that decide nothing may stand twice; so may a model be missing. */
static void
other_members_are_passed_over(void **state)
{
	(void)state;
	struct viewed r = view(A, SPAN("{\"x\":1,\"x\":2,\"model\":5,\"stream\":\"yes\",\"messages\":[{\"role\":\"user\","
				       "\"y\":\"\\ud800\",\"y\":1,\"content\":\"\\ud800\"}]}"));

	assert_int_equal(r.err, OK);
	assert_null(r.v.model.p);
	assert_false(r.v.stream);
	assert_int_equal(r.v.message_count, 1);
	arena_free(&r.a);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A conversation of `n` calls, then their results; the time to view it. */
static double
time_of(size_t n, struct buf *body)
{
	buf_init(body, (size_t)1 << 30);
	buf_add_str(body, "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"\"}");
	for (size_t i = 0; i < n; i++)
		buf_addf(body, ",{\"type\":\"tool_use\",\"id\":\"toolu_%zu\",\"name\":\"n%zu\",\"input\":{}}", i, i);
	buf_add_str(body, "]},{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\"}");
	for (size_t i = n; i-- > 0;)
		buf_addf(body, ",{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_%zu\",\"content\":\"r\"}", i);
	buf_add_str(body, "]}]}");
	struct arena a;
	struct json_doc d;
	struct wire_view v;

	arena_init(&a, (size_t)1 << 30);
	assert_int_equal(json_scan(buf_span(body), &wide, &a, &d), OK);
	const double before = seconds();

	assert_int_equal(wire_view(A, &d, &a, &v), OK);
	const double took = seconds() - before;

	assert_int_equal(v.block_count, n);
	for (size_t i = 0; i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%zu", n - 1 - i);
		assert_span_eq(v.blocks[i].tool_name, name);
		assert_true(v.blocks[i].fresh);
	}
	arena_free(&a);
	buf_free(body);
	return took;
}

/* ---- what the user said ---- */

/* What the user said last, for each block: "text;", or "-;" for nothing. */
static void
check_users(enum wire_format f, const char *body, const char *want)
{
	struct viewed r = view(f, span_str(body));
	struct buf got;
	struct span text;

	buf_init(&got, 1 << 20);
	assert_int_equal(r.err, OK);
	for (uint32_t i = 0; i < r.v.block_count; i++) {
		const uint32_t user = r.v.blocks[i].user;

		if (user == JSON_NONE) {
			buf_add_str(&got, "-;");
			continue;
		}
		assert_int_equal(wire_text(&r.d, user, &r.a, &text), OK);
		buf_add_span(&got, text);
		buf_add_char(&got, ';');
	}
	if (!span_eq(buf_span(&got), span_str(want)))
		fail_msg("%s:\n got %.*s\nwant %s", body, SPAN_ARG(buf_span(&got)), want);
	buf_free(&got);
	arena_free(&r.a);
}

#define RESULT_OF_T "{\"type\":\"tool_result\",\"tool_use_id\":\"t\",\"content\":\"x\"}"
#define PART(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define USER(content) "{\"role\":\"user\",\"content\":" content "}"
#define SAYS(role) "{\"role\":\"" role "\",\"content\":\"not a user\"}"
#define TOOL_OF_T "{\"role\":\"tool\",\"tool_call_id\":\"t\",\"content\":\"x\"}"
#define BODY(messages) "{\"messages\":[" messages "]}"

static void
the_users_newest_words_are_found(void **state)
{
	(void)state;
	check_users(A, claude, "fix it;fix it;fix it;fix it;");
	check_users(O, openai, "weather?;weather?;weather?;");
	check_users(A, BODY(USER("[" RESULT_OF_T "]")), "-;");
	check_users(A, BODY(USER("\"\"") "," USER("[" RESULT_OF_T "]")), "-;");
	/* Of one message all the text; results say nothing, nor does what comes later. */
	check_users(A, BODY(USER("[" PART("a\\n\\\"b\\\"") "," PART("") "," PART("c") "]") "," SAYS("assistant") ","
			    USER("[" RESULT_OF_T "]") "," USER("\"later\"")),
		    "a\n\"b\"\nc;");
	/* Said with the results. */
	check_users(A, BODY(USER("\"first\"") "," SAYS("assistant") "," USER("[" RESULT_OF_T "," PART("stop") "]")),
		    "stop;");
	check_users(O, BODY(USER("\"first\"") "," SAYS("developer") "," TOOL_OF_T "," USER("\"second\"") ","
			    SAYS("assistant") "," TOOL_OF_T),
		    "first;second;");
	check_users(O, BODY(USER("7") "," USER("null") "," USER("[{\"type\":\"image_url\"},5]") "," TOOL_OF_T), "-;");
}

static void
half_a_surrogate_is_no_text(void **state)
{
	(void)state;
	struct viewed r = view(O, SPAN(BODY(USER("[" PART("ok") "," PART("\\ud800") "]") "," TOOL_OF_T)));
	struct span text = SPAN("untouched");

	assert_int_equal(r.err, OK);
	assert_int_equal(wire_text(&r.d, r.v.blocks[0].user, &r.a, &text), ERR_UNSUPPORTED);
	assert_span_eq(text, "untouched");
	arena_free(&r.a);
}

/* Ten times the blocks may take many times longer for the caches' sake, but not
 * the hundred times of a quadratic search. */
static void
time_is_linear_in_the_blocks(void **state)
{
	(void)state;
	struct buf body;
	double small = 1;

	for (int i = 0; i < 5; i++) {
		const double t = time_of(10000, &body);

		small = t < small ? t : small;
	}
	assert_true(time_of(100000, &body) < 45 * small + 0.005);
}

/* Memory that runs out anywhere is said, and nothing is written. */
static void
lack_of_memory_is_reported(void **state)
{
	(void)state;
	bool done = false;

	for (size_t limit = 0; !done; limit += 512) {
		struct arena tape, a;
		struct json_doc d;
		struct wire_view v = { .message_count = 77 };

		arena_init(&tape, 1 << 20);
		arena_init(&a, limit);
		assert_int_equal(json_scan(span_str(claude), &wide, &tape, &d), OK);
		const enum err e = wire_view(A, &d, &a, &v);

		done = e == OK;
		assert_true(done || (e == ERR_NOMEM && v.message_count == 77));
		assert_true(limit > 0 || !done);
		arena_free(&a);
		arena_free(&tape);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_claude_code_body),
		cmocka_unit_test(an_openai_body),
		cmocka_unit_test(only_text_is_a_block),
		cmocka_unit_test(calls_are_found_by_the_nearest_id_before),
		cmocka_unit_test(unknown_ids_are_not_found),
		cmocka_unit_test(fresh_is_after_the_last_assistant_message),
		cmocka_unit_test(ambiguous_bodies_are_refused),
		cmocka_unit_test(other_members_are_passed_over),
		cmocka_unit_test(the_users_newest_words_are_found),
		cmocka_unit_test(half_a_surrogate_is_no_text),
		cmocka_unit_test(time_is_linear_in_the_blocks),
		cmocka_unit_test(lack_of_memory_is_reported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
