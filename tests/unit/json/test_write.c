#include "unit.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json/write.h"

static void
an_answer(void **state)
{
	(void)state;
	struct buf b;
	struct json_writer w;

	buf_init(&b, 10000);
	jw_init(&w, &b);
	jw_object(&w);
	jw_kstring(&w, "s", "a\"b\n");
	jw_kstring(&w, "none", NULL);
	jw_kspan(&w, "sp", SPAN("x\0y"));
	jw_kspan(&w, "absent", SPAN_NONE);
	jw_kspan(&w, "empty", SPAN(""));
	jw_ku64(&w, "u", UINT64_MAX);
	jw_ki64(&w, "i", INT64_MIN);
	jw_kbool(&w, "yes", true);
	jw_kbool(&w, "no", false);
	jw_knumber(&w, "d", 0.125, 2);
	jw_key(&w, "list");
	jw_array(&w);
	jw_array(&w);
	jw_end_array(&w);
	jw_object(&w);
	jw_end_object(&w);
	jw_null(&w);
	jw_raw(&w, SPAN("{\"raw\":1.0}"));
	jw_string(&w, "");
	jw_bool(&w, false);
	jw_u64(&w, 0);
	jw_i64(&w, -1);
	jw_end_array(&w);
	jw_key_span(&w, SPAN("k\"\xc3\xa9"));
	jw_object(&w);
	jw_ku64(&w, "deep", 1);
	jw_end_object(&w);
	jw_end_object(&w);
	assert_span_eq(buf_span(&b),
		"{\"s\":\"a\\\"b\\n\",\"none\":null,\"sp\":\"x\\u0000y\",\"absent\":null,\"empty\":\"\","
		"\"u\":18446744073709551615,\"i\":-9223372036854775808,\"yes\":true,\"no\":false,\"d\":0.12,"
		"\"list\":[[],{},null,{\"raw\":1.0},\"\",false,0,-1],\"k\\\"\xc3\xa9\":{\"deep\":1}}");
	assert_int_equal(buf_err(&b), OK);
	buf_free(&b);
}

static void
number_is(double v, int decimals, const char *want)
{
	struct buf b;
	struct json_writer w;

	buf_init(&b, 1000);
	jw_init(&w, &b);
	jw_number(&w, v, decimals);
	assert_span_eq(buf_span(&b), want);
	buf_free(&b);
}

static void
numbers(void **state)
{
	(void)state;
	number_is(0, 6, "0");
	number_is(1.5, 6, "1.5");
	number_is(-1.5, 1, "-1.5");
	number_is(100, 2, "100");
	number_is(100, 0, "100");
	number_is(1.0 / 3, 6, "0.333333");
	number_is(2.0 / 3, 3, "0.667");
	number_is(0.999, 2, "1");
	number_is(-0.0, 3, "0");
	number_is(-0.0001, 3, "0");
	number_is(-0.0001, 0, "0");
	number_is(0.000001, 6, "0.000001");
	number_is(1e15, 2, "1000000000000000");
	number_is(NAN, 2, "null");
	number_is(INFINITY, 2, "null");
	number_is(-INFINITY, 0, "null");
	/* The longest there is fits. */
	struct buf b;
	struct json_writer w;

	buf_init(&b, 1000);
	jw_init(&w, &b);
	jw_number(&w, -1.7976931348623157e308, 6);
	assert_int_equal(b.n, 310);
	assert_true(span_starts(buf_span(&b), SPAN("-17976931348623157")));
	buf_free(&b);
}

static void
string_is(struct span s, const char *want)
{
	struct buf b;
	struct json_writer w;

	buf_init(&b, 1000);
	jw_init(&w, &b);
	jw_span(&w, s);
	assert_span_eq(buf_span(&b), want);
	buf_free(&b);
}

#define FFFD "\xef\xbf\xbd"

/* Compared with what TextDecoder makes of the same bytes. */
static void
bytes_that_are_not_utf8(void **state)
{
	(void)state;
	string_is(SPAN("\xff"), "\"" FFFD "\"");
	string_is(SPAN("a\xffz"), "\"a" FFFD "z\"");
	string_is(SPAN("\xc3"), "\"" FFFD "\"");
	string_is(SPAN("\xed\xa0\x80"), "\"" FFFD FFFD FFFD "\"");
	string_is(SPAN("\xf0\x9f\x98\n"), "\"" FFFD "\\n\"");
	string_is(SPAN("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf" "A"), "\"" FFFD FFFD FFFD FFFD "A\"");
	string_is(SPAN("\xc3\xa9 \"\xc3\xa9\" \xc0\xaf and enough plain text to be past one vector"),
		  "\"\xc3\xa9 \\\"\xc3\xa9\\\" " FFFD FFFD " and enough plain text to be past one vector\"");
}

static void
levels(struct json_writer *w, int n)
{
	for (int i = 0; i < n; i++)
		jw_array(w);
	for (int i = 0; i < n; i++)
		jw_end_array(w);
}

static void
sixty_four_levels(void **state)
{
	(void)state;
	struct buf b;
	struct json_writer w;

	buf_init(&b, 1000);
	jw_init(&w, &b);
	jw_array(&w);
	levels(&w, 63);
	levels(&w, 1);
	jw_u64(&w, 5);
	jw_end_array(&w);
	assert_int_equal(b.n, 2 * 64 + 5);
	assert_true(span_ends(buf_span(&b), SPAN("],[],5]")));
	buf_free(&b);
}

static void
misuse(struct json_writer *w, int how)
{
	switch (how) {
	case 0:
		levels(w, 65);
		break;
	case 1:		/* a value without a key */
		jw_object(w);
		jw_null(w);
		break;
	case 2:		/* a key in an array */
		jw_array(w);
		jw_key(w, "k");
		break;
	case 3:		/* a key at the top */
		jw_key(w, "k");
		break;
	case 4:		/* two keys */
		jw_object(w);
		jw_key(w, "k");
		jw_key(w, "l");
		break;
	case 5:		/* a key without a value */
		jw_object(w);
		jw_key(w, "k");
		jw_end_object(w);
		break;
	case 6:		/* the wrong bracket */
		jw_object(w);
		jw_end_array(w);
		break;
	case 7:		/* nothing is open */
		jw_end_array(w);
		break;
	case 8:
		jw_number(w, 1, 7);
		break;
	case 9:		/* fine */
		levels(w, 64);
		break;
	}
}

static void
misuse_aborts(void **state)
{
	(void)state;
	for (int how = 0; how <= 9; how++) {
		int status = 0;
		const pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			struct buf b;
			struct json_writer w;

			signal(SIGABRT, SIG_DFL);
			(void)!freopen("/dev/null", "w", stderr);
			buf_init(&b, 1000);
			jw_init(&w, &b);
			misuse(&w, how);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		if ((WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) != (how != 9))
			fail_msg("misuse %d ended with status %d", how, status);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer),
		cmocka_unit_test(numbers),
		cmocka_unit_test(bytes_that_are_not_utf8),
		cmocka_unit_test(sixty_four_levels),
		cmocka_unit_test(misuse_aborts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
