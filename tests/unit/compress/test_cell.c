#include "unit.h"

#include "compress/cell.h"

static unsigned
flags(const char *s)
{
	return cell_flags(span_str(s));
}

static void
plain_words_are_bare(void **state)
{
	(void)state;
	const char *const words[] = { "a", "INFO", "2024-01-02", "10:00:01", "1.2.3", "e5", "1e", "x=y",
				      "a\"b", "True", "nul", "--", "-x", "\xc3\xa9", "/usr/bin", "a{}b" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		assert_int_equal(flags(words[i]), 0);
}

static void
what_reads_as_something_else_is_not(void **state)
{
	(void)state;
	const char *const typed[] = { "0", "-1", "007", "+5", "1.5", ".5", "5.", "1e400", "-0", "1E+2",
				      "true", "false" };
	const char *const quoted[] = { "", "\"a", "[a", "{}", "\\x", "=1", " a", "a ", "a\nb", "a\rb",
				       "a\tb", "null" };

	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
		assert_int_equal(flags(typed[i]), CELL_TYPED);
		assert_true(cell_needs_quotes(CELL_TYPED, SEPARATOR_COMMA, false));
		assert_false(cell_needs_quotes(CELL_TYPED, SEPARATOR_COMMA, true));
	}
	for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++)
		for (unsigned s = 0; s < SEPARATORS; s++)
			assert_true(cell_needs_quotes(flags(quoted[i]), (enum separator)s, true));
	assert_true(flags("a\x01" "b") & CELL_RAW);
	assert_true(flags("\x7f") & CELL_RAW);
}

static void
separators_matter_in_their_own_table_only(void **state)
{
	(void)state;
	const char *const with[SEPARATORS] = { "a b", "a,b", "a|b" };

	for (unsigned i = 0; i < SEPARATORS; i++)
		for (unsigned s = 0; s < SEPARATORS; s++)
			assert_int_equal(cell_needs_quotes(flags(with[i]), (enum separator)s, false),
					 i == s);
	assert_true(cell_needs_quotes(flags("-"), SEPARATOR_SPACE, true));
	assert_false(cell_needs_quotes(flags("-"), SEPARATOR_BAR, false));
}

/* Everything that is a JSON number must be numeric, or the decoder would read
 * a string that the encoder left bare as a number. */
static void
numeric_covers_json_numbers(void **state)
{
	(void)state;
	const char alphabet[] = "0159.eE+-x";
	const size_t n = sizeof alphabet - 1;
	size_t json = 0;
	char s[6];

	for (size_t code = 0; code < n * n * n * n * n; code++) {
		size_t rest = code, len = 0;

		for (; len < 5; rest /= n)
			s[len++] = alphabet[rest % n];
		for (size_t k = 1; k <= len; k++) {
			const struct span part = { s, k };

			if (cell_is_json_number(part)) {
				json++;
				assert_true(cell_is_numeric(part));
			}
		}
	}
	assert_true(json > 1000);
	assert_true(cell_is_json_number(SPAN("-0.5e-7")));
	assert_false(cell_is_json_number(SPAN("01")));
	assert_false(cell_is_json_number(SPAN("1.")));
	assert_false(cell_is_json_number(SPAN("-")));
	assert_false(cell_is_json_number(SPAN("")));
}

static void
quotes_are_doubled(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 100);
	cell_quote(&b, SPAN("\"say \"\" it\""));
	assert_span_eq(buf_span(&b), "\"\"\"say \"\"\"\" it\"\"\"");
	buf_clear(&b);
	cell_quote(&b, SPAN(""));
	assert_span_eq(buf_span(&b), "\"\"");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_words_are_bare),
		cmocka_unit_test(what_reads_as_something_else_is_not),
		cmocka_unit_test(separators_matter_in_their_own_table_only),
		cmocka_unit_test(numeric_covers_json_numbers),
		cmocka_unit_test(quotes_are_doubled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
