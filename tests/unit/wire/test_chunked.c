#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "wire/chunked.h"

struct result {
	enum err err;
	bool end;
	size_t used;
	char data[400];
	size_t n;
};

/* Reads `text` in pieces of `step` bytes, each in a block of its own. */
static struct result
read_in_steps(const char *text, size_t len, size_t step)
{
	struct chunked c = { 0 };
	struct result r = { 0 };

	for (size_t at = 0; at < len && r.err == OK && !r.end; at += step) {
		const size_t n = len - at < step ? len - at : step;
		char *const block = malloc(n);
		struct span in = span_of(block, n);

		memcpy(block, text + at, n);
		while (r.err == OK && in.n && !r.end) {
			struct span data = SPAN_NONE;

			r.err = chunked_read(&c, &in, &data, &r.end);
			assert_true(r.n + data.n <= sizeof(r.data));
			if (data.n)
				memcpy(r.data + r.n, data.p, data.n);
			r.n += data.n;
		}
		r.used = at + n - in.n;
		free(block);
	}
	assert_int_equal(chunked_ended(&c), r.end);
	return r;
}

static const struct {
	const char *text;
	enum err want;
	bool end;
	const char *data;
	size_t left;	/* bytes after the body */
} cases[] = {
	{ "0\r\n\r\n", OK, true, "", 0 },
	{ "0\r\n\r\nGET /", OK, true, "", 5 },
	{ "5\r\nhello\r\n0\r\n\r\n", OK, true, "hello", 0 },
	{ "1\r\na\r\n00a\r\n0123456789\r\n0\r\n\r\n", OK, true, "a0123456789", 0 },
	{ "A\r\n\r\n0\r\n\r\n\r\n\n\r\n0\r\n\r\n", OK, true, "\r\n0\r\n\r\n\r\n\n", 0 },
	{ "3;a=b;c=\"d e\"\r\nxyz\r\n0;last\r\n\r\n", OK, true, "xyz", 0 },
	{ "3 \t;a\r\nxyz\r\n0\r\n\r\n", OK, true, "xyz", 0 },
	{ "3;\r\nxyz\r\n0\r\n\r\n", OK, true, "xyz", 0 },
	{ "0\r\nX-Sum: 1 \t\xff\r\ny:\r\n\r\nrest", OK, true, "", 4 },
	/* cut */
	{ "", OK, false, "", 0 },
	{ "5\r\nhel", OK, false, "hel", 0 },
	{ "5\r\nhello\r\n", OK, false, "hello", 0 },
	{ "0\r\n", OK, false, "", 0 },
	{ "0\r\n\r", OK, false, "", 0 },
	/* sizes */
	{ "\r\n", ERR_SYNTAX, false, "", 0 },
	{ ";a\r\n", ERR_SYNTAX, false, "", 0 },
	{ "g\r\n", ERR_SYNTAX, false, "", 0 },
	{ "+5\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ "-5\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0x5\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ " 5\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5 \r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5 5\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5,5\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ "7fffffffffffffff\r\na", OK, false, "a", 0 },
	{ "8000000000000000\r\na", ERR_SYNTAX, false, "", 0 },
	{ "ffffffffffffffff\r\na", ERR_SYNTAX, false, "", 0 },
	{ "10000000000000005\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0000000000000005\r\nhello\r\n", OK, false, "hello", 0 },
	{ "00000000000000005\r\nhello\r\n", ERR_SYNTAX, false, "", 0 },
	/* line breaks */
	{ "5\nhello\r\n0\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5\rhello\r\n0\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5\r\r\nhello\r\n0\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5\r\nhello\n0\r\n\r\n", ERR_SYNTAX, false, "hello", 0 },
	{ "5\r\nhello0\r\n\r\n", ERR_SYNTAX, false, "hello", 0 },
	{ "5\r\nhelloX\n0\r\n\r\n", ERR_SYNTAX, false, "hello", 0 },
	{ "5\r\nhello\rX0\r\n\r\n", ERR_SYNTAX, false, "hello", 0 },
	{ "5\r\nhello\r\n\r\n0\r\n\r\n", ERR_SYNTAX, false, "hello", 0 },
	{ "5;a\nhello\r\n0\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5;a\rb\r\nhello\r\n0\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "5;\x01\r\nhello\r\n0\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\n\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\n\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\n\rX", ERR_SYNTAX, false, "", 0 },
	/* trailers */
	{ "0\r\nX\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\n: y\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\nX : y\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\nX: y\r\n z\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\nX: y\nZ: a\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\nX: y\rZ: a\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\nX: \x07\r\n\r\n", ERR_SYNTAX, false, "", 0 },
	{ "0\r\nGET / HTTP/1.1\r\n\r\n", ERR_SYNTAX, false, "", 0 },
};

static void
coding_is_read_strictly_however_it_is_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t len = strlen(cases[i].text);

		for (size_t step = 1; step <= len + 1; step++) {
			const struct result r = read_in_steps(cases[i].text, len, step);

			if (r.err != cases[i].want || r.end != cases[i].end)
				fail_msg("%s in steps of %zu: %d %d", cases[i].text, step, r.err, r.end);
			assert_int_equal(r.n, strlen(cases[i].data));
			assert_memory_equal(r.data, cases[i].data, r.n);
			if (r.end)
				assert_int_equal(len - r.used, cases[i].left);
		}
	}
}

static void
a_nul_is_data_and_nothing_else(void **state)
{
	(void)state;
	const char text[] = "2\r\n\0\0\r\n0\r\nX: y\r\n\r\n";

	assert_int_equal(read_in_steps(text, sizeof(text) - 1, 3).n, 2);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char with[sizeof(text) - 1];

		memcpy(with, text, sizeof(with));
		with[i] = '\0';
		if (text[i] != '\0')
			assert_int_equal(read_in_steps(with, sizeof(with), 1).err, ERR_SYNTAX);
	}
}

static void
lines_and_trailers_are_bounded(void **state)
{
	(void)state;
	static char text[CHUNKED_MAX_TRAILERS + 100];

	memset(text, 'a', sizeof(text));
	memcpy(text, "1;", 2);
	memcpy(text + CHUNKED_MAX_LINE - 2, "\r\n", 2);
	assert_int_equal(read_in_steps(text, CHUNKED_MAX_LINE + 1, 7).n, 1);
	memset(text + CHUNKED_MAX_LINE - 2, 'a', 2);
	memcpy(text + CHUNKED_MAX_LINE - 1, "\r\n", 2);
	assert_int_equal(read_in_steps(text, CHUNKED_MAX_LINE + 1, 7).err, ERR_LIMIT);

	/* the limit is on each line, not on all */
	for (size_t i = 0; i < 600; i++)
		memcpy(text + 6 * i, "1\r\nx\r\n", 6);
	const struct result r = read_in_steps(text, 6 * 380, 100);

	assert_int_equal(r.err, OK);
	assert_int_equal(r.n, 380);

	memset(text, 'a', sizeof(text));
	memcpy(text, "0\r\nX:", 5);
	memcpy(text + 3 + CHUNKED_MAX_TRAILERS - 2, "\r\n\r\n", 4);
	assert_true(read_in_steps(text, CHUNKED_MAX_TRAILERS + 5, 1000).end);
	memcpy(text + 3 + CHUNKED_MAX_TRAILERS - 2, "a\r\n\r\n", 5);
	assert_int_equal(read_in_steps(text, CHUNKED_MAX_TRAILERS + 6, 1000).err, ERR_LIMIT);
}

static void
a_failure_and_an_end_stay(void **state)
{
	(void)state;
	struct chunked c = { 0 };
	struct span in = SPAN("x\r\n"), data;
	bool end;

	assert_int_equal(chunked_read(&c, &in, &data, &end), ERR_SYNTAX);
	in = SPAN("0\r\n\r\n");
	assert_int_equal(chunked_read(&c, &in, &data, &end), ERR_SYNTAX);
	assert_false(chunked_ended(&c));

	c = (struct chunked){ 0 };
	in = SPAN("0\r\n\r\n5\r\n");
	assert_int_equal(chunked_read(&c, &in, &data, &end), OK);
	assert_int_equal(chunked_read(&c, &in, &data, &end), OK);
	assert_true(end);
	assert_span_eq(in, "5\r\n");
}

static void
sizes_are_written_in_hex(void **state)
{
	(void)state;
	char out[CHUNKED_HEAD_MAX];

	assert_span_eq(span_of(out, chunked_head(1, out)), "1\r\n");
	assert_span_eq(span_of(out, chunked_head(16, out)), "10\r\n");
	assert_span_eq(span_of(out, chunked_head(0xabcdef, out)), "abcdef\r\n");
	assert_span_eq(span_of(out, chunked_head(UINT64_MAX, out)), "ffffffffffffffff\r\n");
}

static unsigned seed = 7;

static size_t
random_below(size_t n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

/* What is written with chunked_head is read back, under any split of either. */
static void
what_is_written_is_read_back(void **state)
{
	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct buf coded, plain, got;

		buf_init(&coded, 1 << 20);
		buf_init(&plain, 1 << 20);
		buf_init(&got, 1 << 20);
		for (size_t chunks = random_below(8); chunks; chunks--) {
			const size_t n = 1 + random_below(random_below(2) ? 10 : 600);
			char line[CHUNKED_HEAD_MAX];

			buf_add(&coded, line, chunked_head(n, line));
			for (size_t i = 0; i < n; i++) {
				const char c = "\r\n0;a"[random_below(5)];

				buf_add_char(&coded, c);
				buf_add_char(&plain, c);
			}
			buf_add_str(&coded, "\r\n");
		}
		buf_add_str(&coded, CHUNKED_LAST);
		const size_t size = coded.n;

		buf_add_str(&coded, "next");
		struct chunked c = { 0 };
		bool end = false;
		size_t used = 0;

		while (!end) {
			struct span in = span_head(span_from(buf_span(&coded), used), 1 + random_below(40));
			const size_t before = in.n;
			struct span data;

			assert_int_equal(chunked_read(&c, &in, &data, &end), OK);
			buf_add_span(&got, data);
			used += before - in.n;
		}
		assert_int_equal(used, size);
		assert_true(span_eq(buf_span(&got), buf_span(&plain)));
		buf_free(&coded);
		buf_free(&plain);
		buf_free(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(coding_is_read_strictly_however_it_is_split),
		cmocka_unit_test(a_nul_is_data_and_nothing_else),
		cmocka_unit_test(lines_and_trailers_are_bounded),
		cmocka_unit_test(a_failure_and_an_end_stay),
		cmocka_unit_test(sizes_are_written_in_hex),
		cmocka_unit_test(what_is_written_is_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
