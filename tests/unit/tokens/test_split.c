#include "unit.h"

#include "base/buf.h"
#include "tokens/split.h"

/* The pieces of `text`, each after a '|'. */
static void
assert_pieces(enum tokens_encoding e, const char *text, const char *want)
{
	const uint8_t *p = (const uint8_t *)text;
	const uint8_t *const end = p + strlen(text);
	struct buf b;

	buf_init(&b, 10000);
	while (p < end) {
		const uint8_t *const q = e == TOKENS_O200K ? split_o200k(p, end) : split_cl100k(p, end);
		assert_true(q > p && q <= end);
		buf_add_char(&b, '|');
		buf_add(&b, p, (size_t)(q - p));
		p = q;
	}
	assert_span_eq(buf_span(&b), want);
	buf_free(&b);
}

static void
both(const char *text, const char *want)
{
	assert_pieces(TOKENS_O200K, text, want);
	assert_pieces(TOKENS_CL100K, text, want);
}

static void
words_take_one_character_before_them(void **state)
{
	(void)state;
	both("a b  c(d((e\tf", "|a| b| | c|(d|((|e|\tf");
	both("x\ny\rz", "|x|\n|y|\r|z");
	both("_id \xc2\xa0nb\xe3\x80\x80w", "|_id| |\xc2\xa0nb|\xe3\x80\x80w");
	both("\x80x\xffy", "|\x80x|\xffy");
}

static void
case_cuts_words_of_o200k_only(void **state)
{
	(void)state;
	assert_pieces(TOKENS_CL100K, "parseJSONValue", "|parseJSONValue");
	assert_pieces(TOKENS_O200K, "parseJSONValue", "|parse|JSONValue");
	assert_pieces(TOKENS_O200K, "ABC def GHi", "|ABC| def| GHi");
	assert_pieces(TOKENS_O200K, "aBc1DEF", "|a|Bc|1|DEF");
}

/* What [CAPITAL]* took is given back up to the last that is also [SMALL]. */
static void
capitals_are_given_back(void **state)
{
	(void)state;
	assert_pieces(TOKENS_O200K, "中ABC", "|中|ABC");
	assert_pieces(TOKENS_O200K, "AB中CD", "|AB中|CD");
	assert_pieces(TOKENS_O200K, "AB中CDe", "|AB中CDe");
	assert_pieces(TOKENS_O200K, "(\u0301AB!", "|(\u0301|AB|!");
	assert_pieces(TOKENS_O200K, "\u0301AB!", "|\u0301|AB|!");
	assert_pieces(TOKENS_O200K, "\u0301ABc", "|\u0301ABc");
	assert_pieces(TOKENS_O200K, "\u0301\u0301A", "|\u0301\u0301|A");
	assert_pieces(TOKENS_CL100K, "a\u0301b!\u0301c", "|a|\u0301b|!\u0301|c");
}

static void
contractions(void **state)
{
	(void)state;
	assert_pieces(TOKENS_CL100K, "it's I'LL they'veX 'sample", "|it|'s| I|'LL| they|'ve|X| '|sample");
	assert_pieces(TOKENS_O200K, "it's I'LL they'veX 'sample", "|it's| I'LL| they've|X| '|sample");
	assert_pieces(TOKENS_CL100K, "'sa 'l 're'm", "|'s|a| '|l| '|re|'m");
	assert_pieces(TOKENS_O200K, "'sa x'l're'm", "|'sa| x|'l're|'m");
	assert_pieces(TOKENS_O200K, "it'\xc5\xbfx", "|it'\xc5\xbf|x");
	assert_pieces(TOKENS_CL100K, "it'\xc5\xbfx", "|it|'\xc5\xbf|x");
	both("1's", "|1|'s");
}

static void
numbers_go_in_threes(void **state)
{
	(void)state;
	both("1234567 12", "|123|456|7| |12");
	both("1\xc2\xbd\xd9\xa3\xd9\xa4", "|1\xc2\xbd\xd9\xa3|\xd9\xa4");
}

static void
symbols_take_line_ends(void **state)
{
	(void)state;
	assert_pieces(TOKENS_CL100K, "};\r\n\n//x", "|};\r\n\n|//|x");
	assert_pieces(TOKENS_O200K, "};\r\n\n//x", "|};\r\n\n//|x");
	assert_pieces(TOKENS_O200K, "*\n/\n.", "|*\n/\n|.");
	both(" == !", "| ==| !");
	both("  !", "| | !");
}

static void
white_space(void **state)
{
	(void)state;
	both("a   b", "|a|  | b");
	both("a \n \n  b", "|a| \n \n| | b");
	both("a\n\t\tb", "|a|\n|\t|\tb");
	both("   1", "|  | |1");
	both("a   ", "|a|   ");
	assert_pieces(TOKENS_CL100K, "a\n  ", "|a|\n  ");
	assert_pieces(TOKENS_O200K, "a\n  ", "|a|\n|  ");
	both("a \xe3\x80\x80 \xc2\x85x", "|a| \xe3\x80\x80 |\xc2\x85x");
	both("\xef\xbb\xbf{", "|\xef\xbb\xbf{");
}

static unsigned
fast(enum tokens_encoding e, uint64_t word, unsigned way)
{
	return way == 0 ? split_word(e, word) : way == 1 ? split_digits(word) :
	       way == 2 ? split_spaces(word) : split_symbols(e, word);
}

/* All texts of six characters from an alphabet that has each class, at all places in
 * eight: what the fast ways cut is what the matcher cuts that looks at one
 * character at a time. */
static void
the_fast_ways_cut_the_same_pieces(void **state)
{
	(void)state;
	static const char alphabet[] = { 'a', 'Z', '\'', ' ', '\n', '\t', '1', '-', '/', '\xc3', '\0' };
	const unsigned letters = sizeof alphabet;
	unsigned found[4] = { 0 };

	for (unsigned n = 0; n < letters * letters * letters * letters * letters * letters; n++) {
		uint8_t p[8] = "{{{{{{{{";
		uint64_t word;
		for (unsigned i = 0, left = n; i < 6; i++, left /= letters)
			p[(i + n % 3) % 8] = (uint8_t)alphabet[left % letters];
		memcpy(&word, p, sizeof word);
		for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
			const uint8_t *const q = e == TOKENS_O200K ? split_o200k(p, p + 8) : split_cl100k(p, p + 8);
			for (unsigned way = 0; way < 4; way++) {
				const unsigned got = fast(e, word, way);
				found[way] += got != 0;
				if (got && (got != (size_t)(q - p) || p[got - 1] == 0))
					fail_msg("way %u: %016llx: %u and %zu", way, (unsigned long long)word, got, (size_t)(q - p));
			}
		}
	}
	for (unsigned way = 0; way < 4; way++)
		assert_true(found[way] > 50000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_take_one_character_before_them),
		cmocka_unit_test(case_cuts_words_of_o200k_only),
		cmocka_unit_test(capitals_are_given_back),
		cmocka_unit_test(contractions),
		cmocka_unit_test(numbers_go_in_threes),
		cmocka_unit_test(symbols_take_line_ends),
		cmocka_unit_test(white_space),
		cmocka_unit_test(the_fast_ways_cut_the_same_pieces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
