#include "unit.h"

#include "base/buf.h"
#include "proxy/framing.h"

static void
collect(void *arg, struct span data)
{
	buf_add_span(arg, data);
}

/* Feeds `wire` in two parts split at every byte; what is passed must be the
 * message's bytes, its content `content`, and the rest left alone. */
static void
passes_at_every_split(const struct framing *start, const char *wire, size_t message,
		      const char *content)
{
	const struct span all = span_str(wire);

	for (size_t cut = 0; cut <= all.n; cut++) {
		struct framing f = *start;
		struct span in = span_head(all, cut), raw;
		struct buf passed, data;

		buf_init(&passed, 1000);
		buf_init(&data, 1000);
		assert_int_equal(framing_pass(&f, &in, &raw, collect, &data), OK);
		buf_add_span(&passed, raw);
		assert_true(f.ended == (cut >= message && start->kind != HEAD_BODY_CLOSE));
		/* What was not taken comes again with the rest. */
		in = span_from(all, cut - in.n);
		assert_int_equal(framing_pass(&f, &in, &raw, collect, &data), OK);
		buf_add_span(&passed, raw);
		assert_true(span_eq(buf_span(&passed), span_head(all, message)));
		assert_span_eq(buf_span(&data), content);
		assert_int_equal(in.n, all.n - message);
		buf_free(&passed);
		buf_free(&data);
	}
}

static void
a_length_ends_after_so_many_bytes(void **state)
{
	(void)state;
	const struct framing f = { .kind = HEAD_BODY_LENGTH, .left = 5 };

	passes_at_every_split(&f, "helloNEXT", 5, "hello");
}

static void
chunks_end_after_their_trailers(void **state)
{
	(void)state;
	const struct framing f = { .kind = HEAD_BODY_CHUNKED };
	static const char wire[] = "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nt: v\r\n\r\nNEXT";

	passes_at_every_split(&f, wire, sizeof wire - 5, "abc0123456789");
}

static void
a_connection_ends_when_it_ends(void **state)
{
	(void)state;
	struct framing f = { .kind = HEAD_BODY_CLOSE };

	passes_at_every_split(&f, "all of it", 9, "all of it");
	assert_true(framing_complete_at_eof(&f));
	f = (struct framing){ .kind = HEAD_BODY_LENGTH, .left = 1 };
	assert_false(framing_complete_at_eof(&f));
	f = (struct framing){ .kind = HEAD_BODY_CHUNKED };
	assert_false(framing_complete_at_eof(&f));
}

/* What was good before the error still passes: the client sees as much as the
 * upstream said. */
static void
broken_chunks_pass_what_was_good(void **state)
{
	(void)state;
	struct framing f = { .kind = HEAD_BODY_CHUNKED };
	struct span in = SPAN("3\r\nabc\r\nZZ\r\nxx"), raw;

	assert_int_not_equal(framing_pass(&f, &in, &raw, NULL, NULL), OK);
	assert_true(span_starts(raw, SPAN("3\r\nabc\r\n")));
	assert_false(f.ended);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_length_ends_after_so_many_bytes),
		cmocka_unit_test(chunks_end_after_their_trailers),
		cmocka_unit_test(a_connection_ends_when_it_ends),
		cmocka_unit_test(broken_chunks_pass_what_was_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
