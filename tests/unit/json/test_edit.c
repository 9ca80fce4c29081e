#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json/edit.h"

static void
splice_is(const char *text, const struct json_edit *edits, size_t n, const char *want)
{
	struct span pieces[16];
	struct buf whole, joined;

	buf_init(&whole, 1000);
	buf_init(&joined, 1000);
	json_splice(span_str(text), edits, n, &whole);
	assert_span_eq(buf_span(&whole), want);
	assert_int_equal(json_edited_size(span_str(text), edits, n), strlen(want));
	const size_t used = json_pieces(span_str(text), edits, n, pieces);
	assert_true(used <= 2 * n + 1);
	for (size_t i = 0; i < used; i++) {
		assert_true(pieces[i].n > 0);
		buf_add_span(&joined, pieces[i]);
	}
	assert_span_eq(buf_span(&joined), want);
	buf_free(&whole);
	buf_free(&joined);
}

static void
replaces_inserts_and_removes(void **state)
{
	(void)state;
	splice_is("abcdef", NULL, 0, "abcdef");
	splice_is("", NULL, 0, "");
	splice_is("abcdef", (struct json_edit[]){ { 2, 2, SPAN("XYZ") } }, 1, "abXYZef");
	splice_is("abcdef", (struct json_edit[]){ { 0, 1, SPAN("X") }, { 5, 1, SPAN("Y") } }, 2, "XbcdeY");
	splice_is("abcdef", (struct json_edit[]){ { 0, 6, SPAN_NONE } }, 1, "");
	splice_is("abcdef", (struct json_edit[]){ { 0, 0, SPAN("<") }, { 6, 0, SPAN(">") } }, 2, "<abcdef>");
	splice_is("abcdef", (struct json_edit[]){ { 1, 2, SPAN_NONE }, { 3, 1, SPAN("D") } }, 2, "aDef");
	splice_is("abcdef", (struct json_edit[]){ { 3, 0, SPAN("1") }, { 3, 0, SPAN("2") }, { 3, 1, SPAN("3") } }, 3,
		  "abc123ef");
	splice_is("", (struct json_edit[]){ { 0, 0, SPAN("new") } }, 1, "new");
}

/* The untouched pieces are the text itself, not copies. */
static void
pieces_point_into_the_text(void **state)
{
	(void)state;
	const struct span text = SPAN("0123456789");
	const struct json_edit edit = { 4, 2, SPAN("x") };
	struct span pieces[3];

	assert_int_equal(json_pieces(text, &edit, 1, pieces), 3);
	assert_ptr_equal(pieces[0].p, text.p);
	assert_ptr_equal(pieces[1].p, edit.with.p);
	assert_ptr_equal(pieces[2].p, text.p + 6);
}

enum { PIECES, SIZE, SPLICE };

/* Does this call abort? Asked in a child, whose complaint is not shown. */
static bool
aborts(int what, const struct json_edit *edits, size_t n)
{
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct span pieces[8];
		struct buf b;

		signal(SIGABRT, SIG_DFL);
		(void)!freopen("/dev/null", "w", stderr);
		buf_init(&b, 100);
		if (what == PIECES)
			(void)json_pieces(SPAN("abcdef"), edits, n, pieces);
		else if (what == SIZE)
			(void)json_edited_size(SPAN("abcdef"), edits, n);
		else
			json_splice(SPAN("abcdef"), edits, n, &b);
		_exit(0);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
a_breach_aborts(void **state)
{
	(void)state;
	const struct json_edit overlap[] = { { 1, 3, SPAN("x") }, { 3, 1, SPAN("y") } };
	const struct json_edit unsorted[] = { { 3, 1, SPAN("x") }, { 1, 1, SPAN("y") } };
	const struct json_edit beyond[] = { { 5, 2, SPAN("x") } };
	const struct json_edit outside[] = { { 7, 0, SPAN("x") } };
	const struct json_edit wraps[] = { { 2, SIZE_MAX, SPAN("x") } };
	const struct json_edit fine[] = { { 1, 2, SPAN("x") }, { 3, 3, SPAN("y") } };

	for (int what = PIECES; what <= SPLICE; what++) {
		assert_true(aborts(what, overlap, 2));
		assert_true(aborts(what, unsorted, 2));
		assert_true(aborts(what, beyond, 1));
		assert_true(aborts(what, outside, 1));
		assert_true(aborts(what, wraps, 1));
		assert_false(aborts(what, fine, 2));
	}
}

static void
a_full_buffer_says_so(void **state)
{
	(void)state;
	const struct json_edit edit = { 0, 1, SPAN("xxxxxxxx") };
	struct buf b;

	buf_init(&b, 6);
	json_splice(SPAN("abc"), &edit, 1, &b);
	assert_int_equal(buf_err(&b), ERR_LIMIT);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_inserts_and_removes),
		cmocka_unit_test(pieces_point_into_the_text),
		cmocka_unit_test(a_breach_aborts),
		cmocka_unit_test(a_full_buffer_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
