#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "tokens/tokens.h"

static size_t
count(enum tokens_encoding e, struct span text)
{
	return tokens_count(e, text);
}

static int
hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Appends what a vector's text stands for: \n \r \t \\ \xNN, else itself. */
static void
add_unescaped(struct buf *b, const char *s)
{
	for (; *s; s++) {
		if (*s != '\\') {
			buf_add_char(b, *s);
			continue;
		}
		s++;
		if (*s == 'x') {
			buf_add_char(b, (char)(hex_digit(s[1]) << 4 | hex_digit(s[2])));
			s += 2;
		} else {
			buf_add_char(b, *s == 'n' ? '\n' : *s == 'r' ? '\r' : *s == 't' ? '\t' : *s);
		}
	}
}

/* A line is: o200k's count, cl100k's, how often the text is repeated, the text. */
static void
vectors_of_the_reference(void **state)
{
	(void)state;
	FILE *const f = fopen(TEST_DATA "/tokens/vectors.tsv", "r");
	char line[1000];
	int lines = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		size_t o200k, cl100k, times;
		int at = 0;
		struct buf b;
		line[strcspn(line, "\n")] = '\0';
		assert_int_equal(sscanf(line, "%zu\t%zu\t%zu%n", &o200k, &cl100k, &times, &at), 3);
		buf_init(&b, 10000000);
		for (size_t i = 0; i < times; i++)
			add_unescaped(&b, line + at + 1);
		assert_int_equal(buf_err(&b), OK);
		const size_t got_o200k = count(TOKENS_O200K, buf_span(&b));
		const size_t got_cl100k = count(TOKENS_CL100K, buf_span(&b));
		if (got_o200k != o200k || got_cl100k != cl100k)
			fail_msg("counted %zu and %zu: %s", got_o200k, got_cl100k, line);
		buf_free(&b);
		lines++;
	}
	fclose(f);
	assert_true(lines > 60);
}

static void
floors_agree_with_counts(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"", "a", "hello, world", "     ", "x\n\n\ny", "敏捷的棕色狐狸",
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct span text = span_str(texts[i]);
		for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
			const size_t n = count(e, text);
			for (size_t floor = 0; floor < n + 70; floor++)
				assert_int_equal(tokens_at_least(e, text, floor), floor <= n);
		}
	}
}

/* The bytes beyond what must be read are not there. */
static void
floors_read_no_more_than_they_must(void **state)
{
	(void)state;
	const size_t claimed = (size_t)1 << 40;
	char *const one = malloc(1);

	*one = 'a';
	assert_true(tokens_at_least(TOKENS_O200K, span_of(one, claimed), 1000));
	assert_true(tokens_at_least(TOKENS_O200K, span_of(one, claimed), 0));
	assert_false(tokens_at_least(TOKENS_O200K, span_of(one, claimed), claimed + 1));
	free(one);
}

static void
invalid_bytes_are_symbols_of_their_own(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"\x80", "\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xc3", "\xe4\xb8", "\xf0\x9f\x98", "\xfe\xff",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[40];
		const int n = snprintf(text, sizeof text, "word 12%sword", bad[i]);
		for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
			const size_t got = count(e, span_of(text, (size_t)n));
			/* "word", " ", "12", one to a byte at most, "word" */
			assert_true(got >= 5 && got <= 4 + strlen(bad[i]));
		}
	}
}

/* Every text that ends inside a character, in memory that ends there. */
static void
no_byte_after_the_end_is_read(void **state)
{
	(void)state;
	static const char text[] = "é中😀 it's 'll\u0301 ABC\u3000\u3000x \r\n//😀😀abcdefghijklmnopqrstu";

	for (size_t from = 0; from < sizeof text; from++) {
		for (size_t n = 0; from + n < sizeof text; n++) {
			char *const copy = malloc(n + 1);
			memcpy(copy, text + from, n);
			char *const exact = realloc(copy, n ? n : 1);
			for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++)
				assert_true(count(e, span_of(exact, n)) <= n);
			free(exact);
		}
	}
	assert_int_equal(count(TOKENS_O200K, SPAN_NONE), 0);
}

/* What was counted before, words that begin alike, NULs and long words never change
 * a count. */
static void
what_is_remembered_changes_no_count(void **state)
{
	(void)state;
	static const char nuls[] = "ab\0\0\0\0\0\0\0\0\0\0\0\0cd";
	static const char *const texts[] = {
		"\"key\": 1,\"key\": 12,\"keys\": 123,\"key\":null", "qqzzx qqzzxy qqzzx", "0x9f0c013016e8656bc256f948",
		"敏捷的棕色狐狸跳过了懒狗敏捷的棕色狐狸跳过了懒狗敏捷的棕色狐狸跳过了懒狗", "敏捷的棕色狐狸跳过了懒狗", "        x       x      x",
		"xqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkwxqzjvkw",
	};
	struct arena a;

	arena_init(&a, (size_t)1 << 20);
	for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
		struct tokens_memo *const m = tokens_memo_new(e, &a);
		assert_non_null(m);
		for (int round = 0; round < 3; round++) {
			for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
				for (size_t n = strlen(texts[i]); n; n--)
					assert_int_equal(tokens_memo_count(m, span_of(texts[i], n)),
							 count(e, span_of(texts[i], n)));
			for (size_t n = 0; n < sizeof nuls; n++)
				assert_int_equal(tokens_memo_count(m, span_of(nuls, n)), count(e, span_of(nuls, n)));
		}
	}
	arena_free(&a);
	arena_init(&a, 1000);
	assert_null(tokens_memo_new(TOKENS_O200K, &a));
	arena_free(&a);
}

/* Text whose second half is denser, so that any one part would mislead. */
static void
estimates_are_near(void **state)
{
	(void)state;
	enum { LONG = 200000 };
	char *const text = malloc(LONG);
	size_t n = 0;

	for (unsigned i = 0; n + 64 < LONG; i++)
		n += (size_t)snprintf(text + n, 64, n > LONG / 2 ? "%x," : "the %u-th record of it, ",
				      i * 2654435761u);
	const double exact = (double)count(TOKENS_O200K, span_of(text, n));
	const double near = (double)tokens_estimate(TOKENS_O200K, span_of(text, n));
	assert_true(near > exact * 0.95 && near < exact * 1.05);
	assert_int_equal(tokens_estimate(TOKENS_O200K, span_of(text, 9000)),
			 count(TOKENS_O200K, span_of(text, 9000)));

	/* Nothing but ends of characters: none begins where a part could. */
	memset(text, 0x80, LONG);
	assert_true(tokens_estimate(TOKENS_O200K, span_of(text, LONG)) > 0);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_the_reference),
		cmocka_unit_test(floors_agree_with_counts),
		cmocka_unit_test(floors_read_no_more_than_they_must),
		cmocka_unit_test(invalid_bytes_are_symbols_of_their_own),
		cmocka_unit_test(no_byte_after_the_end_is_read),
		cmocka_unit_test(what_is_remembered_changes_no_count),
		cmocka_unit_test(estimates_are_near),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
