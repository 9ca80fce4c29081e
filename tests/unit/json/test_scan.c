#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "json/scan.h"

static const struct json_limits wide = { 1024, 1u << 26 };

static enum err
scan_span(struct span text)
{
	struct arena a;
	struct json_doc d;

	arena_init(&a, (size_t)1 << 30);
	const enum err e = json_scan(text, &wide, &a, &d);
	arena_free(&a);
	return e;
}

static void
expect_all(const char *const *cases, size_t n, enum err want)
{
	for (size_t i = 0; i < n; i++) {
		/* A copy without a byte to spare, so that AddressSanitizer sees an overrun. */
		const size_t size = strlen(cases[i]);
		char *const text = malloc(size ? size : 1);
		memcpy(text, cases[i], size);
		const enum err got = scan_span(span_of(text, size));
		free(text);
		if (got != want)
			fail_msg("%s: %s, want %s", cases[i], err_name(got), err_name(want));
	}
}
#define EXPECT_ALL(cases, want) expect_all((cases), sizeof(cases) / sizeof(*(cases)), (want))

static void
takes_what_is_json(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"null", "true", "false", "0", "-0", "-1", "10", "1.0", "1e5", "1E+5", "1e-5", "1e400",
		"-0.0e-0", "0e0", "1152921504606846976", "0.1234567890123456789012345678901234567890",
		"\"\"", "\"a\"", "[]", "{}", "[ ]", "{ }", " \t\r\n1\n", "[1,2]", "[[],[[]],{}]",
		"{\"a\":1}", "{\"a\":1,\"a\":2}", "{\"\":\"\"}", " { \"a\" : [ 1 , null ] } ",
		"\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\x7f\"", "\"\xc3\xa9\"",
		"\"\xf4\x8f\xbf\xbf\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "\"\xe2\x80\xa8\"",
	};
	EXPECT_ALL(cases, OK);
}

static void
refuses_what_is_not(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"", " ", "\n", "nul", "nulll", "tru", "True", "NULL", "nan", "NaN", "Infinity", "-Infinity",
		"undefined", "'a'", "a", "//c\n1", "/**/1", "1 // c", "#", "\x01", "1\x0b", "\xc2\xa0" "1",
		/* numbers */
		"+1", "-", "--1", "-a", "01", "-01", "00", "0x10", "1.", ".5", "-.5", "1.e5", "1e", "1e+",
		"1e-", "1E", "1e1.5", "1.2.3", "1_000", "1,", "1f", "0b1", "1 2", "- 1", "1. 5", "1e 5",
		"\xef\xbc\x91",
		/* strings */
		"\"", "\"a", "\"\\\"", "\"\\", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\t\"",
		"\"\\'\"", "\"\\0\"", "\"a\"b", "\"a\"\"b\"", "\"\\U0041\"",
		/* containers */
		"[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1}", "{]",
		"[]]", "{}}", "[[]", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\"}", "{\"a\" 1}", "{\"a\":1,}",
		"{,}", "{\"a\":1,,\"b\":2}", "{a:1}", "{1:1}", "{'a':1}", "{\"a\":1:2}", "{\"a\":1]", "{\"a\",1}",
		"{null:1}", "{[]:1}", "{\"a\":1 \"b\":2}", "[\"a\":1]", "[] []", "[]{}", "null null",
		/* not UTF-8, in a string and outside */
		"\"\x80\"", "\"\xc0\xaf\"", "\"\xc1\xbf\"", "\"\xe0\x9f\xbf\"", "\"\xed\xa0\x80\"",
		"\"\xed\xbf\xbf\"", "\"\xf0\x8f\xbf\xbf\"", "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"",
		"\"\xff\"", "\"\xfe\"", "\"\xc3\"", "\"\xe2\x82\"", "\"\xf0\x9f\x98\"", "\"\xc3\\u00a9\"",
		"\xc3\xa9", "[\xff]", "\"\xe2\x82\\n\xac\"",
		/* a byte order mark is no white space */
		"\xef\xbb\xbf" "1", "\xef\xbb\xbf{}", "{}\xef\xbb\xbf", "[\xef\xbb\xbf]",
	};
	EXPECT_ALL(cases, ERR_SYNTAX);
}

static void
refuses_nul_bytes(void **state)
{
	(void)state;
	assert_int_equal(scan_span(SPAN("1\0")), ERR_SYNTAX);
	assert_int_equal(scan_span(SPAN("\0" "1")), ERR_SYNTAX);
	assert_int_equal(scan_span(SPAN("\"a\0b\"")), ERR_SYNTAX);
	assert_int_equal(scan_span(SPAN("[1,\0" "2]")), ERR_SYNTAX);
	assert_int_equal(scan_span(SPAN("{}\0")), ERR_SYNTAX);
}

/* Each control character, bare in a string and between tokens. */
static void
control_characters(void **state)
{
	(void)state;
	for (int c = 0; c < 0x20; c++) {
		char in_string[] = "[\"0123456789_0123456789_0123456789\"]";
		char between[] = "[1, 2]";
		const bool space = c == '\t' || c == '\n' || c == '\r';

		for (size_t at = 2; at < sizeof(in_string) - 3; at++) {
			const char kept = in_string[at];

			in_string[at] = (char)c;
			assert_int_equal(scan_span(span_of(in_string, sizeof(in_string) - 1)), ERR_SYNTAX);
			in_string[at] = kept;
		}
		between[3] = (char)c;
		assert_int_equal(scan_span(span_of(between, sizeof(between) - 1)), space ? OK : ERR_SYNTAX);
	}
}

static const char sample[] =
	"{ \"model\":\"m\" , \"n\": [ -0, 1e400, 1152921504606846976, 1E+5, 1.0 ],\n\t\"e\":\"a\\n\\u00e9\","
	"\"\":{}, \"dup\":1,\"dup\":[true,false,null,[]],\"long\":"
	"\"caf\xc3\xa9 and quite a bit more text than one vector holds, to be sure\" }";

static void
a_sample_cut_anywhere_is_refused(void **state)
{
	(void)state;
	const size_t whole = sizeof(sample) - 1;

	for (size_t n = 0; n < whole; n++) {
		char *const cut = malloc(n ? n : 1);
		memcpy(cut, sample, n);
		assert_int_equal(scan_span(span_of(cut, n)), ERR_SYNTAX);
		free(cut);
	}
	assert_int_equal(scan_span(span_of(sample, whole)), OK);
}

struct want {
	enum json_type type;
	const char *raw;
	uint32_t next, count;
	bool escaped, ascii;
};

static void
the_tape_of_a_sample(void **state)
{
	(void)state;
	static const struct want want[] = {
		{ JSON_OBJECT, sample, 28, 7 },
		{ JSON_STRING, "\"model\"", 2, 0, false, true },
		{ JSON_STRING, "\"m\"", 3, 0, false, true },
		{ JSON_STRING, "\"n\"", 4, 0, false, true },
		{ JSON_ARRAY, "[ -0, 1e400, 1152921504606846976, 1E+5, 1.0 ]", 10, 5 },
		{ JSON_NUMBER, "-0", 6, 0 },
		{ JSON_NUMBER, "1e400", 7, 0 },
		{ JSON_NUMBER, "1152921504606846976", 8, 0 },
		{ JSON_NUMBER, "1E+5", 9, 0 },
		{ JSON_NUMBER, "1.0", 10, 0 },
		{ JSON_STRING, "\"e\"", 11, 0, false, true },
		{ JSON_STRING, "\"a\\n\\u00e9\"", 12, 0, true, true },
		{ JSON_STRING, "\"\"", 13, 0, false, true },
		{ JSON_OBJECT, "{}", 14, 0 },
		{ JSON_STRING, "\"dup\"", 15, 0, false, true },
		{ JSON_NUMBER, "1", 16, 0 },
		{ JSON_STRING, "\"dup\"", 17, 0, false, true },
		{ JSON_ARRAY, "[true,false,null,[]]", 22, 4 },
		{ JSON_TRUE, "true", 19, 0 },
		{ JSON_FALSE, "false", 20, 0 },
		{ JSON_NULL, "null", 21, 0 },
		{ JSON_ARRAY, "[]", 22, 0 },
		{ JSON_STRING, "\"long\"", 23, 0, false, true },
		{ JSON_STRING, "\"caf\xc3\xa9 and quite a bit more text than one vector holds, to be sure\"", 24, 0,
		  false, false },
	};
	const size_t n = sizeof(want) / sizeof(*want);
	struct arena a;
	struct json_doc d;

	arena_init(&a, 1 << 20);
	assert_int_equal(json_scan(span_of(sample, sizeof(sample) - 1), &wide, &a, &d), OK);
	assert_int_equal(d.count, n);
	for (uint32_t i = 0; i < n; i++) {
		const struct json_node *const node = &d.nodes[i];

		assert_int_equal(json_type(&d, i), want[i].type);
		assert_span_eq(json_raw(&d, i), want[i].raw);
		assert_int_equal(node->next, i ? want[i].next : n);
		assert_int_equal(node->count, want[i].count);
		assert_int_equal(node->escaped, want[i].escaped);
		assert_int_equal(node->ascii, want[i].ascii);
	}
	assert_span_eq(json_inner(&d, 11), "a\\n\\u00e9");
	arena_free(&a);
}

static enum err
scan_nested(size_t depth, const struct json_limits *lim, bool objects)
{
	struct buf b;
	struct arena a;
	struct json_doc d;

	buf_init(&b, 1 << 24);
	for (size_t i = 0; i < depth; i++)
		buf_add_str(&b, objects ? "{\"k\":" : "[");
	buf_add_str(&b, objects ? "0" : "");
	for (size_t i = 0; i < depth; i++)
		buf_add_str(&b, objects ? "}" : "]");
	arena_init(&a, 1 << 28);
	const enum err e = json_scan(buf_span(&b), lim, &a, &d);
	if (e == OK)
		assert_int_equal(d.count, objects ? 2 * depth + 1 : depth);
	arena_free(&a);
	buf_free(&b);
	return e;
}

static void
depth_ends_at_its_limit(void **state)
{
	(void)state;
	const struct json_limits few = { 3, 1000 };
	const struct json_limits beyond = { 1000000, 10000000 };
	const struct json_limits none = { 0, 1000 };

	for (int objects = 0; objects < 2; objects++) {
		assert_int_equal(scan_nested(1024, &wide, objects), OK);
		assert_int_equal(scan_nested(1025, &wide, objects), ERR_LIMIT);
		assert_int_equal(scan_nested(1025, &beyond, objects), ERR_LIMIT);
		assert_int_equal(scan_nested(1000000, &beyond, objects), ERR_LIMIT);
		assert_int_equal(scan_nested(3, &few, objects), OK);
		assert_int_equal(scan_nested(4, &few, objects), ERR_LIMIT);
		assert_int_equal(scan_nested(1, &none, objects), ERR_LIMIT);
	}
	/* Siblings do not add up. */
	struct arena a;
	struct json_doc d;

	arena_init(&a, 1 << 20);
	assert_int_equal(json_scan(SPAN("[[[]],[[]],[[],[]]]"), &few, &a, &d), OK);
	assert_int_equal(json_scan(SPAN("7"), &none, &a, &d), OK);
	arena_free(&a);
}

static void
nodes_end_at_their_limit(void **state)
{
	(void)state;
	const struct span text = SPAN("[1,{\"a\":\"b\"},[]]");
	struct arena a;
	struct json_doc d = { .count = 77 };

	arena_init(&a, 1 << 20);
	for (uint32_t nodes = 0; nodes < 6; nodes++) {
		const struct json_limits lim = { 10, nodes };

		assert_int_equal(json_scan(text, &lim, &a, &d), ERR_LIMIT);
		assert_int_equal(d.count, 77);
	}
	const struct json_limits enough = { 10, 6 };
	assert_int_equal(json_scan(text, &enough, &a, &d), OK);
	assert_int_equal(d.count, 6);
	arena_free(&a);
}

/* A failure keeps no tape: these would be 1.7 MB. */
static void
failures_give_their_memory_back(void **state)
{
	(void)state;
	struct arena a;
	struct json_doc d;

	arena_init(&a, 1 << 20);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(json_scan(SPAN("[1,2,3,4,5,6,7,8,9] x"), &wide, &a, &d), ERR_SYNTAX);
		assert_int_equal(json_scan(SPAN("[1,2,3,4,5,6,7,8,9,"), &wide, &a, &d), ERR_SYNTAX);
	}
	arena_free(&a);
}

static void
memory_runs_out_cleanly(void **state)
{
	(void)state;
	struct buf b;
	struct json_doc d = { .count = 77 };

	buf_init(&b, 1 << 20);
	buf_add_char(&b, '[');
	for (int i = 0; i < 10000; i++)
		buf_add_str(&b, "1,");
	buf_add_str(&b, "1]");
	for (size_t limit = 0; limit < 10001 * sizeof(struct json_node); limit += 1009) {
		struct arena a;

		arena_init(&a, limit);
		assert_int_equal(json_scan(buf_span(&b), &wide, &a, &d), ERR_NOMEM);
		assert_int_equal(d.count, 77);
		arena_free(&a);
	}
	buf_free(&b);
}

static void
a_huge_array(void **state)
{
	(void)state;
	enum { N = 1000000 };
	struct buf b;
	struct arena a;
	struct json_doc d;

	buf_init(&b, 1 << 24);
	buf_add_char(&b, '[');
	for (int i = 0; i < N; i++)
		buf_add_str(&b, i ? ",0" : "0");
	buf_add_char(&b, ']');
	arena_init(&a, (size_t)1 << 28);
	assert_int_equal(json_scan(buf_span(&b), &wide, &a, &d), OK);
	assert_int_equal(d.count, N + 1);
	assert_int_equal(d.nodes[0].count, N);
	assert_int_equal(d.nodes[0].next, N + 1);
	for (uint32_t i = 1; i <= N; i++) {
		assert_int_equal(d.nodes[i].off, 2 * i - 1);
		assert_int_equal(d.nodes[i].next, i + 1);
	}
	/* Little more than the tape itself. */
	assert_true(a.used < (N + 1) * sizeof(struct json_node) * 5 / 4);
	arena_free(&a);
	buf_free(&b);
}

/* A body of long strings costs a few hundredths of its size. */
static void
long_strings_cost_little_memory(void **state)
{
	(void)state;
	struct buf b;
	struct arena a;
	struct json_doc d;

	buf_init(&b, 1 << 24);
	buf_add_str(&b, "[\"\"");
	for (int i = 0; i < 500; i++) {
		buf_add_str(&b, ",\"");
		for (int k = 0; k < 35; k++)
			buf_add_str(&b, "a line of text\\n    ");
		buf_add_str(&b, "\"");
	}
	buf_add_char(&b, ']');
	arena_init(&a, (size_t)1 << 28);
	assert_int_equal(json_scan(buf_span(&b), &wide, &a, &d), OK);
	assert_int_equal(d.count, 502);
	assert_true(a.used < b.n / 12);
	arena_free(&a);
	buf_free(&b);
}

static void
a_prefix_ends_with_its_value(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum err err;
		size_t used;
	} cases[] = {
		{ "{\"a\":1}\n{\"b\":2}\n", OK, 7 },
		{ "[1,2] and so on", OK, 5 },
		{ "[1,2]]", OK, 5 },
		{ "{}\xff\xff", OK, 2 },
		{ "12 apples", OK, 2 },
		{ "12apples", OK, 2 },
		{ "\"x\"y", OK, 3 },
		{ "nullish", OK, 4 },
		{ "[]", OK, 2 },
		{ " []", ERR_SYNTAX, 0 },
		{ "", ERR_SYNTAX, 0 },
		{ "[1,2", ERR_SYNTAX, 0 },
		{ "[note] text", ERR_SYNTAX, 0 },
		{ "1.x", ERR_SYNTAX, 0 },
		{ "-x", ERR_SYNTAX, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a;
		struct json_doc d = { .count = 77 };
		size_t used = 99;

		arena_init(&a, 1 << 20);
		assert_int_equal(json_scan_prefix(span_str(cases[i].text), &wide, &a, &d, &used), cases[i].err);
		if (cases[i].err == OK) {
			assert_int_equal(used, cases[i].used);
			assert_int_equal(d.text.n, used);
			assert_int_equal(json_raw(&d, 0).n, used);
		} else {
			assert_int_equal(used, 99);
			assert_int_equal(d.count, 77);
		}
		arena_free(&a);
	}
}

static void
json_lines_one_after_another(void **state)
{
	(void)state;
	struct buf b;
	struct arena a;
	size_t lines = 0;

	buf_init(&b, 1 << 24);
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "{\"line\":%d,\"text\":\"same\"}\n", i);
	arena_init(&a, 1 << 23);
	for (struct span rest = buf_span(&b); rest.n;) {
		struct json_doc d;
		size_t used = 0;

		assert_int_equal(json_scan_prefix(rest, &wide, &a, &d, &used), OK);
		assert_int_equal(d.count, 5);
		assert_int_equal(rest.p[used], '\n');
		rest = span_from(rest, used + 1);
		lines++;
	}
	assert_int_equal(lines, 20000);
	arena_free(&a);
	buf_free(&b);
}

static void
text_beyond_32_bits_is_over_the_limit(void **state)
{
	(void)state;
	struct arena a;
	struct json_doc d;
	size_t used;
	const struct span text = { "[]", (size_t)UINT32_MAX + 1 };	/* never read so far */

	arena_init(&a, 1 << 20);
	assert_int_equal(json_scan(text, &wide, &a, &d), ERR_LIMIT);
	assert_int_equal(json_scan_prefix(text, &wide, &a, &d, &used), ERR_LIMIT);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_json),
		cmocka_unit_test(refuses_what_is_not),
		cmocka_unit_test(refuses_nul_bytes),
		cmocka_unit_test(control_characters),
		cmocka_unit_test(a_sample_cut_anywhere_is_refused),
		cmocka_unit_test(the_tape_of_a_sample),
		cmocka_unit_test(depth_ends_at_its_limit),
		cmocka_unit_test(nodes_end_at_their_limit),
		cmocka_unit_test(failures_give_their_memory_back),
		cmocka_unit_test(memory_runs_out_cleanly),
		cmocka_unit_test(a_huge_array),
		cmocka_unit_test(long_strings_cost_little_memory),
		cmocka_unit_test(a_prefix_ends_with_its_value),
		cmocka_unit_test(json_lines_one_after_another),
		cmocka_unit_test(text_beyond_32_bits_is_over_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
