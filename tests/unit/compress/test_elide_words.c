#include "unit.h"

#include "compress/elide_hints.h"
#include "compress/elide_number.h"
#include "compress/elide_words.h"

static struct reading
read_text(const struct lexicon *x, const char *text)
{
	struct reading r;

	lexicon_read(x, span_str(text), &r);
	return r;
}

static void
words_of_trouble_are_found_unless_denied(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum severity severity;
	} cases[] = {
		{ "request served", SEVERITY_NONE }, { "ERROR", SEVERITY_ERROR },
		{ "Errors: 3", SEVERITY_ERROR }, { "errors: 0", SEVERITY_NONE },
		{ "errors=0.5", SEVERITY_ERROR }, { "no errors found", SEVERITY_NONE },
		{ "0 failed, 12 passed", SEVERITY_NONE }, { "10 failed", SEVERITY_ERROR },
		{ "{\"error\":null}", SEVERITY_NONE }, { "{\"error\": \"\"}", SEVERITY_NONE },
		{ "{\"error\":\"x\"}", SEVERITY_ERROR }, { "NullPointerException", SEVERITY_ERROR },
		{ "connect ECONNREFUSED 127.0.0.1", SEVERITY_ERROR }, { "terror", SEVERITY_NONE },
		{ "deprecated call", SEVERITY_WARNING }, { "warning: disk failure", SEVERITY_ERROR },
		{ "", SEVERITY_NONE },
	};
	static struct lexicon x;

	lexicon_init(&x);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (read_text(&x, cases[i].text).severity != cases[i].severity)
			fail_msg("%s", cases[i].text);
}

static void
shapes_mask_what_has_digits(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same;
	} cases[] = {
		{ "took 12 ms", "took 9000 ms", true }, { "took 12 ms", "needs 12 ms", false },
		{ "id a87ff679", "id deadbeef", true }, { "user-42", "user_42", false },
		{ "src/m1/a.c", "src/m27/a.c", true }, { "a", "b", false }, { "10:20", "10-20", false },
	};
	static struct lexicon x;

	lexicon_init(&x);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if ((read_text(&x, cases[i].a).shape == read_text(&x, cases[i].b).shape) != cases[i].same)
			fail_msg("%s, %s", cases[i].a, cases[i].b);
	assert_true(read_text(&x, "took 12 ms").exact != read_text(&x, "took 13 ms").exact);
}

static void
hints_find_names_phrases_and_words(void **state)
{
	(void)state;
	static const struct {
		const char *user, *text;
		bool found;
	} cases[] = {
		{ "Look at payment-service please", "PaymentService is up", true },
		{ "Look at payment-service please", "payment is up", false },
		{ "why \"connection pool exhausted\"?", "Connection pool exhausted!", true },
		{ "why \"connection pool exhausted\"?", "a swimming lane", false },
		{ "What about src/auth/jwt_handler.py?", "src/auth/jwt_handler.py", true },
		{ "Find the middlewares", "one middleware", true },
		{ "What can you find for me?", "what you find", false },
		{ "code 5", "5", false }, { "code 503", "503", true },
		{ "it doesn't work, isn't it", "t", false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		static struct lexicon x;
		const struct compress_hints h = { .user = span_str(cases[i].user) };
		struct fuel fuel = { 1 << 20 };
		struct arena a;

		arena_init(&a, 1 << 20);
		lexicon_init(&x);
		assert_int_equal(hints_add(&h, &x, &a, &fuel), OK);
		if ((read_text(&x, cases[i].text).phrases != 0) != cases[i].found)
			fail_msg("%s in %s", cases[i].user, cases[i].text);
		arena_free(&a);
	}
}

static void
arguments_count_by_their_values(void **state)
{
	(void)state;
	static struct lexicon x;
	const struct compress_hints h = { .arguments = SPAN("{\"region\":\"zurich\",\"ids\":[4711]}") };
	struct fuel fuel = { 1 << 20 };
	struct arena a;

	arena_init(&a, 1 << 20);
	lexicon_init(&x);
	assert_int_equal(hints_add(&h, &x, &a, &fuel), OK);
	assert_true(read_text(&x, "in Zurich").phrases);
	assert_true(read_text(&x, "no. 4711").phrases);
	assert_false(read_text(&x, "region").phrases);
	fuel.left = 3;
	assert_int_equal(hints_add(&h, &x, &a, &fuel), ERR_FUEL);
	arena_free(&a);
}

static void
numbers_compare_in_every_spelling(void **state)
{
	(void)state;
	static const char *const rising[] = { "-1e3", "-12.5", "-0.001", "0", "1e-7", "0.5", "3", "1.5e1", "1E+2" };
	double last = -1e9, number;

	for (size_t i = 0; i < sizeof rising / sizeof *rising; i++) {
		assert_true(elide_number(span_str(rising[i]), &number));
		assert_true(number > last);
		last = number;
	}
	assert_false(elide_number(SPAN("1e400"), &number));
	assert_false(elide_number(SPAN("12ms"), &number));
	assert_false(elide_number(SPAN(""), &number));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_trouble_are_found_unless_denied),
		cmocka_unit_test(shapes_mask_what_has_digits),
		cmocka_unit_test(hints_find_names_phrases_and_words),
		cmocka_unit_test(arguments_count_by_their_values),
		cmocka_unit_test(numbers_compare_in_every_spelling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
