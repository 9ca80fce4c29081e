#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "store/slice.h"

/* The options as "name=value" strings, NULL after the last. */
static struct slice_query
query_of(const char *const *options)
{
	struct slice_query q = { 0 };

	for (; *options; options++) {
		const struct span all = span_str(*options);
		const size_t end = span_find(all, '=');
		enum slice_option o;

		assert_true(slice_option_find(span_head(all, end), &o));
		q.value[o] = span_from(all, end + 1);
	}
	return q;
}

static struct slice_result result;
static char why[SLICE_WHY];

/* What the options make of the text, or the failure. */
static enum err
take(struct span text, const char *const *options, struct buf *out)
{
	const struct slice_query q = query_of(options);
	struct fuel fuel = { slice_fuel_for(text.n) };
	struct slice *s = NULL;
	struct arena a;

	buf_init(out, 1 << 20);
	arena_init(&a, 1 << 24);
	enum err e = slice_parse(&q, &s, why);
	if (e == OK)
		e = slice_take(s, text, &a, &fuel, out, &result, why);
	slice_free(&s);
	arena_free(&a);
	return e;
}

#define GIVES(text_, want_, ...)                                                                   \
	do {                                                                                       \
		struct buf out_;                                                                   \
		const enum err e_ = take(text_, (const char *const[]){ __VA_ARGS__, NULL }, &out_); \
		if (e_ != OK)                                                                      \
			fail_msg("line %d: %s: %s", __LINE__, err_name(e_), why);                  \
		assert_span_eq(buf_span(&out_), want_);                                            \
		buf_free(&out_);                                                                   \
	} while (0)

#define FAILS(text_, err_, says_, ...)                                                             \
	do {                                                                                       \
		struct buf out_;                                                                   \
		const enum err e_ = take(text_, (const char *const[]){ __VA_ARGS__, NULL }, &out_); \
		buf_free(&out_);                                                                   \
		if (e_ != (err_) || !strstr(why, says_))                                           \
			fail_msg("line %d: %s: %s", __LINE__, err_name(e_), why);                  \
		assert_int_equal(why[strlen(why) - 1], '.');                                       \
	} while (0)

static void
assert_counts(const char *unit, uint64_t total, uint64_t matched, uint64_t given)
{
	assert_string_equal(result.unit, unit);
	assert_int_equal(result.total, total);
	assert_int_equal(result.matched, matched);
	assert_int_equal(result.given, given);
}

/* ---- lines ---- */

static const struct span five = { "one\ntwo\r\nthree\n\nfive", 20 };

static void
lines_are_exact_bytes(void **state)
{
	(void)state;
	GIVES(five, "two\r\nthree\n", "lines=2-3");
	assert_counts("lines", 5, 2, 2);
	GIVES(five, "five", "lines=5");
	GIVES(five, "\nfive", "lines=4-");
	GIVES(five, "\nfive", "lines=4-900");
	GIVES(five, "one\ntwo\r\n", "head=2");
	assert_counts("lines", 5, 5, 2);
	GIVES(five, "\nfive", "tail=2");
	GIVES(five, "one\ntwo\r\nthree\n\nfive", "tail=6");
	GIVES(five, "three\n", "lines=2-3", "tail=1");
	GIVES(five, "two\r\n", "lines=2-", "head=1");
	GIVES(SPAN(""), "", "head=3");
	assert_counts("lines", 0, 0, 0);
	GIVES(SPAN("\n"), "\n", "lines=1");
}

static void
ranges_that_are_none_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "lines=", "lines=0", "lines=0-3", "lines=-3", "lines=5-2", "lines=a-b",
					   "lines=1-2-3", "lines=1,2", "lines= 1", "lines=1.5", "lines=1234567890123" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAILS(five, ERR_SYNTAX, "lines takes a range", bad[i]);
	FAILS(five, ERR_SYNTAX, "head takes a number", "head=0");
	FAILS(five, ERR_SYNTAX, "head takes a number", "head=ten");
	FAILS(five, ERR_SYNTAX, "tail takes a number", "tail=-1");
	FAILS(five, ERR_SYNTAX, "tail takes a number", "tail=");
	FAILS(five, ERR_NOT_FOUND, "has 5 lines; there is no line 6", "lines=6-9");
	FAILS(SPAN(""), ERR_NOT_FOUND, "has 0 lines", "lines=1");
}

static void
what_does_not_go_together_is_refused(void **state)
{
	(void)state;
	FAILS(five, ERR_SYNTAX, "lines and path", "lines=1", "path=$");
	FAILS(five, ERR_SYNTAX, "lines and rows", "lines=1", "rows=1");
	FAILS(five, ERR_SYNTAX, "grep and path", "grep=x", "path=$");
	FAILS(five, ERR_SYNTAX, "grep and rows", "grep=x", "rows=1");
	FAILS(five, ERR_SYNTAX, "head and tail", "head=1", "tail=1");
	FAILS(five, ERR_SYNTAX, "context goes with grep", "context=1", "lines=1");
	FAILS(five, ERR_SYNTAX, "path alone", "path=$", "head=1");
	FAILS(five, ERR_SYNTAX, "path alone", "path=$", "tail=1");
}

/* ---- grep ---- */

static const struct span log_text = { "a 1\nb 2\nc 3\nd 4\na 5\nf 6\ng 7\nh 8\ni 9\na 10", 40 };

static void
matches_have_numbers_and_surroundings(void **state)
{
	(void)state;
	GIVES(log_text, "1:a 1\n--\n5:a 5\n--\n10:a 10\n", "grep=^a", "context=0");
	assert_counts("lines", 10, 3, 3);
	GIVES(log_text, "1:a 1\n2-b 2\n--\n4-d 4\n5:a 5\n6-f 6\n--\n9-i 9\n10:a 10\n", "grep=^a", "context=1");
	GIVES(log_text, "1:a 1\n2-b 2\n3-c 3\n4-d 4\n5:a 5\n6-f 6\n7-g 7\n8-h 8\n9-i 9\n10:a 10\n", "grep=^a");
	GIVES(log_text, "1:a 1\n2-b 2\n3-c 3\n4-d 4\n5:a 5\n6-f 6\n7-g 7\n8-h 8\n9-i 9\n10:a 10\n", "grep=^a", "context=1000");
	GIVES(log_text, "4-d 4\n5:a 5\n6-f 6\n", "grep=^a", "context=5", "lines=4-6");
	GIVES(log_text, "10:a 10\n", "grep=^a", "context=0", "tail=1");
	assert_counts("lines", 10, 3, 1);
	/* Lines around the chosen matches are marked as what they are. */
	GIVES(log_text, "1:a 1\n2-b 2\n3-c 3\n4-d 4\n5:a 5\n", "grep=^a", "context=4", "head=1");
	GIVES(log_text, "", "grep=nothing");
	assert_counts("lines", 10, 0, 0);
	GIVES(SPAN(""), "", "grep=x");
	GIVES(five, "2:two\n--\n4:\n", "grep=^$|o$", "context=0");	/* a carriage return is no part of a line */
}

static void
patterns_that_are_none_are_refused(void **state)
{
	(void)state;
	FAILS(five, ERR_SYNTAX, "grep: ", "grep=(");
	FAILS(five, ERR_SYNTAX, "grep takes", "grep=");
	FAILS(five, ERR_SYNTAX, "context takes", "grep=a", "context=-1");
	FAILS(five, ERR_SYNTAX, "context takes", "grep=a", "context=1001");
	char text[3001];
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = '!';
	FAILS(span_of(text, sizeof text), ERR_FUEL, "too many steps", "grep=(a+)+$");
}

static void
long_lines_are_shown_around_matches(void **state)
{
	(void)state;
	char text[10001], want[64];
	struct buf out;

	memset(text, '.', sizeof text);
	memcpy(text + 10, "needle", 6);
	memcpy(text + 250, "needle", 6);
	memcpy(text + 5000, "\xe2\x82\xacneedle\xe2\x82\xac", 12);
	text[sizeof text - 1] = '\n';
	assert_int_equal(take(span_of(text, sizeof text), (const char *const[]){ "grep=needle", NULL }, &out), OK);
	const struct span got = buf_span(&out);
	assert_true(got.n < 1000);
	snprintf(want, sizeof want, "1:%.*s", 40, text);
	assert_true(span_starts(got, span_str(want)));
	assert_non_null(memmem(got.p, got.n, "... … ...", 11));	/* between excerpts */
	assert_non_null(memmem(got.p, got.n, "\xe2\x82\xacneedle\xe2\x82\xac", 12));
	assert_true(span_ends(got, SPAN(" …\n")));
	uint32_t needles = 0;
	for (size_t i = 0; i + 6 <= got.n; i++)
		needles += memcmp(got.p + i, "needle", 6) == 0;
	assert_int_equal(needles, 3);
	buf_free(&out);
	/* Characters are not cut. */
	for (size_t i = 0; i + 3 < sizeof text; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	for (size_t at = 3000; at < 3003; at++) {
		char copy[sizeof text];

		memcpy(copy, text, sizeof text);
		memmove(copy + at + 6, copy + at, 300);
		memcpy(copy + at, "needle", 6);
		assert_int_equal(take(span_of(copy, sizeof copy), (const char *const[]){ "grep=needle", NULL }, &out), OK);
		assert_int_equal(buf_span(&out).p[2], '\xe2');
		buf_free(&out);
	}
}

/* ---- path ---- */

static const char incident_text[] =
	"{\"id\": 1152921504606846977, \"items\": [{\"error\":null}, {\"error\" : {\"code\":1.50}}, {\"a.b\":\"c\"}],\n"
	" \"odd ]key\": [[1,2],[3]], \"\\u0061\\\"b\": true, \"empty\": []}";

static void
paths_give_the_bytes_of_values(void **state)
{
	(void)state;
	const struct span t = span_str(incident_text);

	GIVES(t, "1152921504606846977", "path=$.id");
	assert_counts("values", 1, 1, 1);
	GIVES(t, "{\"code\":1.50}", "path=$.items[1].error");
	GIVES(t, "1.50", "path=items[-2].error.code");
	GIVES(t, "null", "path=.items[0].error");
	GIVES(t, "\"c\"", "path=$.items[2]['a.b']");
	GIVES(t, "[3]", "path=$[\"odd ]key\"][1]");
	GIVES(t, "true", "path=$['a\"b']");
	GIVES(t, incident_text, "path=$");
	GIVES(t, "[{\"error\":null},\n{\"error\" : {\"code\":1.50}}]", "path=$.items[0:2]");
	GIVES(t, "[{\"a.b\":\"c\"}]", "path=$.items[-1:]");
	GIVES(t, "[{\"error\":null}]", "path=$.items[:-2]");
	GIVES(t, "[1,\n2,\n3]", "path=$['odd ]key'][*][*]");
	assert_counts("values", 3, 3, 3);
	GIVES(t, "[null,\n{\"code\":1.50}]", "path=$.items.*.error");
	GIVES(t, "[]", "path=$.items[*].nothing");
	GIVES(t, "[]", "path=$.items[7:9]");
	GIVES(SPAN("[1,[2,3]]"), "3", "path=[1][1]");
	GIVES(SPAN("{\"a\":1}\n\n{\"a\":[2]}\n"), "[2]", "path=$[1].a");
	GIVES(SPAN("{\"a\":1}\n{\"a\":2}\n"), "1\n2\n", "path=$[*].a");
	GIVES(SPAN("{\"a\":1,\"a\":2}"), "2", "path=$.a");
}

static void
paths_that_lead_nowhere_say_where_they_end(void **state)
{
	(void)state;
	const struct span t = span_str(incident_text);

	FAILS(t, ERR_NOT_FOUND, "there is no .error in $.items[2], which is an object of 1: a.b.", "path=$.items[2].error");
	FAILS(t, ERR_NOT_FOUND, "there is no [3] in $.items, which is an array of 3.", "path=$.items[3]");
	FAILS(t, ERR_NOT_FOUND, "there is no [-4] in", "path=$.items[-4]");
	FAILS(t, ERR_NOT_FOUND, "in $.id, which is a number.", "path=$.id.x");
	FAILS(t, ERR_NOT_FOUND, "in the original", "path=nope.x");
	FAILS(t, ERR_NOT_FOUND, "there is no [0]", "path=$.empty[0]");
	FAILS(SPAN("plain text\n"), ERR_UNSUPPORTED, "neither JSON nor JSON Lines", "path=$.a");
	FAILS(SPAN("{\"a\":1"), ERR_UNSUPPORTED, "neither JSON nor JSON Lines", "path=$.a");
	FAILS(SPAN(""), ERR_UNSUPPORTED, "neither JSON nor JSON Lines", "path=$");
}

static void
paths_that_are_none_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"path=", "path=$.", "path=$..a", "path=$.a.", "path=$a", "path=$.a[", "path=$.a[]", "path=$.a[1", "path=$.a[1:",
		"path=$.a['b]", "path=$.a['b'x]", "path=$.a[?(@.b)]", "path=$.a]", "path=$.a[-]", "path=$.a[1,2]", "path=$.a[b]",
		"path=$.a[1:2:3]",
	};
	char longest[1200] = "path=";

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		FAILS(five, ERR_SYNTAX, "path: ", bad[i]);
	memset(longest + 5, 'a', sizeof longest - 6);
	FAILS(five, ERR_SYNTAX, "longer than", longest);
	longest[5] = '$';
	for (size_t i = 6; i + 2 < 206; i += 3)
		memcpy(longest + i, "[0]", 4);
	FAILS(five, ERR_SYNTAX, "more than", longest);
}

/* ---- rows ---- */

static const char rows_text[] =
	"[{\"level\":\"INFO\",\"ms\":5,\"at\":\"2026-01-01\",\"user\":{\"name\":\"ann\"}},\n"
	"{\"level\":\"ERROR\",\"ms\":250.0,\"at\":\"2026-01-02\",\"msg\":\"time\\u006fut (x)\"},\n"
	"{\"level\":\"ERROR\",\"ms\":9007199254740993,\"at\":\"2026-01-03\",\"msg\":null},\n"
	"{\"level\":\"a \\\"b\\\" it's\",\"ms\":\"250\",\"at\":\"2026-01-04\",\"user\":{\"name\":\"bob\"},\"user.name\":\"eve\"}]";

/* The numbers of the rows that hold, as digits. */
static void
assert_rows(const char *condition, const char *want)
{
	char option[256], got[16] = "";
	const char *p;
	struct buf out;

	snprintf(option, sizeof option, "rows=%s", condition);
	const enum err e = take(span_str(rows_text), (const char *const[]){ option, NULL }, &out);
	if (e != OK)
		fail_msg("%s: %s: %s", condition, err_name(e), why);
	buf_add_char(&out, '\0');
	for (p = out.p; (p = strstr(p, "2026-01-0")); p += 9)
		strncat(got, p + 9, 1);
	if (strcmp(got, want) != 0)
		fail_msg("%s gives %s, want %s", condition, got, want);
	assert_int_equal(result.given, strlen(want));
	buf_free(&out);
}

static void
conditions_choose_rows(void **state)
{
	(void)state;
	assert_rows("where level=ERROR", "23");
	assert_rows("level == 'ERROR'", "23");
	assert_rows("WHERE level != ERROR", "14");
	assert_rows("ms>250", "3");
	assert_rows("ms >= 250", "234");
	assert_rows("ms<=250", "124");
	assert_rows("ms<2.5e2", "1");
	assert_rows("ms=250", "24");
	assert_rows("ms=250.00", "2");
	assert_rows("ms=\"250\"", "4");
	assert_rows("ms=9007199254740993", "3");
	assert_rows("ms=9007199254740992", "");
	assert_rows("at>=2026-01-03", "34");
	assert_rows("msg~timeout", "2");
	assert_rows("msg ~ '^time.*\\(x\\)$'", "2");
	assert_rows("msg~(?i)TIMEOUT and ms>1", "2");
	assert_rows("msg!~timeout", "134");
	assert_rows("msg=null", "3");
	assert_rows("msg='null'", "");
	assert_rows("msg", "2");
	assert_rows("not msg", "134");
	assert_rows("user.name=ann", "1");
	assert_rows("user.name=eve", "4");
	assert_rows("\"user.name\"=bob", "");
	assert_rows("user~bob", "4");
	assert_rows("level='a \"b\" it''s'", "4");
	assert_rows("level=\"a \"\"b\"\" it's\"", "4");
	assert_rows("@~bob", "4");
	assert_rows("@ ~ \"\"\"ms\"\":5,\"", "1");
}

static void
and_or_and_not_bind_as_usual(void **state)
{
	(void)state;
	assert_rows("level=INFO or level=ERROR and ms=250", "12");
	assert_rows("(level=INFO or level=ERROR) and ms=250", "2");
	assert_rows("not level=INFO and not ms=250", "3");
	assert_rows("not (level=INFO or ms=250)", "3");
	assert_rows("not not level=INFO", "1");
	assert_rows("level=INFO AND ms=5 Or at=2026-01-04", "14");
	assert_rows("((ms=5))or(ms=250)", "124");
}

static void
rows_come_as_they_are_spelled(void **state)
{
	(void)state;
	GIVES(SPAN("[ 1.0 , {\"a\": 2} ,3]"), "[1.0,\n3]", "rows=@~^[13]");
	assert_counts("rows", 3, 2, 2);
	GIVES(SPAN("[ 1.0 , {\"a\": 2} ,3]"), "[{\"a\": 2}]", "rows=2");
	GIVES(SPAN("[1,2,3,4]"), "[2,\n3]", "rows=2-3");
	GIVES(SPAN("[1,2,3,4]"), "[4]", "rows=2-9 where @>3");
	GIVES(SPAN("[1,2,3,4]"), "[3,\n4]", "rows=2-", "tail=2");
	assert_counts("rows", 4, 3, 2);
	GIVES(SPAN("[1,2,3,4]"), "[2]", "rows=where @>1", "head=1");
	GIVES(SPAN("[1,2]"), "[]", "rows=@>5");
	GIVES(SPAN("[]"), "[]", "rows=level=ERROR");
	GIVES(SPAN("{\"a\":1}\n {\"a\":2} \n{\"a\":3}"), "{\"a\":2}\n{\"a\":3}\n", "rows=a>1");
	GIVES(SPAN("{\"n\":2,\"items\":[{\"a\":1},{\"a\":2}]}"), "[{\"a\":2}]", "rows=a=2");
	GIVES(SPAN("{\"x\":[1],\"y\":{\"z\":[{\"a\":1},{\"a\":2}]}}"), "[{\"a\":1}]", "path=$.y.z", "rows=a=1");
	GIVES(SPAN("{\"x\":[1],\"y\":{\"z\":[{\"a\":1},{\"a\":2}]}}"), "[{\"a\":1}]", "path=$.y", "rows=1");
	GIVES(SPAN("{\"k\":{\"a\":1},\"l\":{\"a\":2}}"), "[{\"a\":2}]", "path=$.*", "rows=a=2");
}

static void
rows_that_are_not_there_are_said(void **state)
{
	(void)state;
	const struct span t = span_str(rows_text);

	FAILS(t, ERR_NOT_FOUND, "no row has a column levle; there are level, ms, at, user.", "rows=levle=ERROR");
	FAILS(t, ERR_NOT_FOUND, "no row has a column user.age", "rows=user.age>3");
	FAILS(SPAN("[1]"), ERR_NOT_FOUND, "@ is the row itself", "rows=a=1");
	FAILS(t, ERR_NOT_FOUND, "there are 4; there is no row 5", "rows=5-9");
	FAILS(SPAN("{\"x\":[1],\"y\":[2]}"), ERR_UNSUPPORTED, "there are 2 arrays; name one by path: x, y", "rows=1");
	FAILS(SPAN("{\"x\":1}"), ERR_UNSUPPORTED, "without an array", "rows=1");
	FAILS(SPAN("{\"x\":1}"), ERR_UNSUPPORTED, "no array here", "path=$.x", "rows=1");
	FAILS(SPAN("a,b\n1,2\n"), ERR_UNSUPPORTED, "neither JSON nor JSON Lines", "rows=a=1");
}

static void
conditions_that_are_none_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"rows=", "rows=where", "rows=where ", "rows=a=", "rows==1", "rows=a=1 b=2", "rows=a=1 and", "rows=and", "rows=(a=1",
		"rows=a=1)", "rows=a='x", "rows='a", "rows=a!1", "rows=!a", "rows=a~(", "rows=a=1 or or b=2", "rows=not", "rows=0-3",
		"rows=5-2", "rows=1-2-3", "rows=3-x y", "rows=()", "rows=a b",
	};
	char longest[3000] = "rows=a";
	size_t n;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct buf out;
		const enum err e = take(span_str(rows_text), (const char *const[]){ bad[i], NULL }, &out);

		if (e != ERR_SYNTAX || strncmp(why, "rows: ", 6) != 0 || why[strlen(why) - 1] != '.')
			fail_msg("%s: %s %s", bad[i], err_name(e), why);
		buf_free(&out);
	}
	for (n = 6; n < 6 + 40 * 5; n += 5)
		memcpy(longest + n, " or a", 6);
	FAILS(five, ERR_SYNTAX, "more than", longest);
	for (n = 5; n < 5 + 40 * 4; n += 4)
		memcpy(longest + n, "not ", 5);
	memcpy(longest + n, "a", 2);
	FAILS(five, ERR_SYNTAX, "nest deeper", longest);
	memset(longest + 5, 'a', sizeof longest - 6);
	FAILS(five, ERR_SYNTAX, "longer than", longest);
}

/* ---- limits ---- */

static void
little_fuel_and_memory_are_told(void **state)
{
	(void)state;
	static const char *const asked[][3] = {
		{ "lines=1-2", NULL }, { "grep=a|E", NULL }, { "path=$[*].level", NULL }, { "rows=level=ERROR or msg~t", NULL },
	};
	const struct span t = span_str(rows_text);

	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
		const struct slice_query q = query_of(asked[i]);
		bool done = false;

		for (uint64_t steps = 0; !done && steps < 1 << 20; steps = steps * 2 + 1) {
			struct fuel fuel = { steps };
			struct slice *s;
			struct arena a;
			struct buf out;

			arena_init(&a, 1 << 20);
			buf_init(&out, 1 << 20);
			assert_int_equal(slice_parse(&q, &s, why), OK);
			const enum err e = slice_take(s, t, &a, &fuel, &out, &result, why);
			assert_true(e == OK || e == ERR_FUEL);
			assert_int_equal(e == ERR_FUEL, strstr(why, "too many steps") != NULL);
			done = e == OK;
			slice_free(&s);
			arena_free(&a);
			buf_free(&out);
		}
		assert_true(done);
	}
	struct slice *s;
	struct arena a;
	struct buf out;
	struct fuel fuel = { 1 << 20 };
	const struct slice_query q = query_of((const char *const[]){ "rows=level=ERROR", NULL });
	assert_int_equal(slice_parse(&q, &s, why), OK);
	arena_init(&a, 64);
	buf_init(&out, 1 << 20);
	assert_int_equal(slice_take(s, t, &a, &fuel, &out, &result, why), ERR_NOMEM);
	arena_free(&a);
	arena_init(&a, 1 << 20);
	buf_free(&out);
	buf_init(&out, 10);
	assert_int_equal(slice_take(s, t, &a, &fuel, &out, &result, why), ERR_LIMIT);
	arena_free(&a);
	buf_free(&out);
	slice_free(&s);
}

static void
options_have_names(void **state)
{
	(void)state;
	struct slice_query q = { 0 };
	enum slice_option o = SLICE_OPTIONS;

	for (int i = 0; i < SLICE_OPTIONS; i++) {
		assert_true(slice_option_find(span_str(slice_option_name((enum slice_option)i)), &o));
		assert_int_equal(o, i);
	}
	assert_false(slice_option_find(SPAN("line"), &o));
	assert_true(slice_query_is_empty(&q));
	q.value[SLICE_TAIL] = SPAN("");
	assert_false(slice_query_is_empty(&q));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_exact_bytes),
		cmocka_unit_test(ranges_that_are_none_are_refused),
		cmocka_unit_test(what_does_not_go_together_is_refused),
		cmocka_unit_test(matches_have_numbers_and_surroundings),
		cmocka_unit_test(patterns_that_are_none_are_refused),
		cmocka_unit_test(long_lines_are_shown_around_matches),
		cmocka_unit_test(paths_give_the_bytes_of_values),
		cmocka_unit_test(paths_that_lead_nowhere_say_where_they_end),
		cmocka_unit_test(paths_that_are_none_are_refused),
		cmocka_unit_test(conditions_choose_rows),
		cmocka_unit_test(and_or_and_not_bind_as_usual),
		cmocka_unit_test(rows_come_as_they_are_spelled),
		cmocka_unit_test(rows_that_are_not_there_are_said),
		cmocka_unit_test(conditions_that_are_none_are_refused),
		cmocka_unit_test(little_fuel_and_memory_are_told),
		cmocka_unit_test(options_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
