/* Texts through the public header: compressed, decoded, counted. */
#include "public.h"

static hr_result *
compress(const hr_options *o, const char *text)
{
	hr_result *r = NULL;

	assert_int_equal(hr_compress_text(o, NULL, text, strlen(text), &r), HR_OK);
	return r;
}

static void
versions_are_those_of_the_header(void **state)
{
	(void)state;
	assert_string_equal(hr_version(), HEADROOM_VERSION);
	assert_int_equal(hr_abi_version(), HR_ABI_VERSION);
	assert_true(hr_engine_version() >= 2);
}

static void
a_form_is_smaller_and_decodes(void **state)
{
	(void)state;
	char *const rows = public_rows(50, "\"", "\n");
	hr_result *const r = compress(NULL, rows);
	hr_result *back = NULL, *again = NULL;
	size_t n, m;
	const char *const form = hr_result_text(r, &n);

	assert_string_equal(hr_result_form(r), "json_table");
	assert_string_equal(hr_result_reason(r), "none");
	assert_int_equal(hr_result_replaced(r), 1);
	assert_int_equal(strlen(form), n);
	assert_int_equal(hr_result_tokens_before(r), hr_count_tokens(NULL, rows, strlen(rows), NULL));
	assert_int_equal(hr_result_tokens_after(r), hr_count_tokens(NULL, form, n, NULL));
	assert_true(hr_result_tokens_after(r) < hr_result_tokens_before(r) / 2);
	assert_int_equal(hr_decode(NULL, form, n, &back), HR_OK);
	/* The same values compress to the same form. */
	const char *const values = hr_result_text(back, &m);
	assert_int_equal(hr_compress_text(NULL, NULL, values, m, &again), HR_OK);
	assert_string_equal(hr_result_text(again, NULL), form);
	hr_result_free(again);
	hr_result_free(back);
	hr_result_free(r);
	free(rows);
}

static void
what_stays_is_the_input_with_a_reason(void **state)
{
	(void)state;
	static const char with_nul[] = "a\0b";
	hr_options *const o = hr_options_new();
	char *const rows = public_rows(50, "\"", "\n");
	hr_result *r;
	size_t n;

	assert_int_equal(hr_compress_text(NULL, NULL, with_nul, 3, &r), HR_OK);
	assert_memory_equal(hr_result_text(r, &n), with_nul, 4);
	assert_int_equal(n, 3);
	assert_string_equal(hr_result_form(r), "verbatim");
	assert_string_equal(hr_result_reason(r), "kind");
	assert_int_equal(hr_result_replaced(r), 0);
	assert_int_equal(hr_result_tokens_before(r), hr_result_tokens_after(r));
	hr_result_free(r);

	assert_int_equal(hr_compress_text(NULL, NULL, NULL, 0, &r), HR_OK);
	assert_string_equal(hr_result_text(r, &n), "");
	assert_int_equal(n, 0);
	hr_result_free(r);

	assert_int_equal(hr_options_floor(o, 100000), HR_OK);
	r = compress(o, rows);
	assert_string_equal(hr_result_text(r, NULL), rows);
	assert_string_equal(hr_result_reason(r), "small");
	hr_result_free(r);

	assert_int_equal(hr_options_floor(o, 0), HR_OK);
	assert_int_equal(hr_options_profile(o, HR_PROFILE_OFF), HR_OK);
	r = compress(o, rows);
	assert_string_equal(hr_result_reason(r), "off");
	hr_result_free(r);

	assert_int_equal(hr_options_profile(o, HR_PROFILE_LOSSLESS), HR_OK);
	assert_int_equal(hr_options_memory(o, 1000), HR_OK);
	r = compress(o, rows);
	assert_string_equal(hr_result_text(r, NULL), rows);
	assert_string_equal(hr_result_reason(r), "limit");
	hr_result_free(r);
	hr_options_free(o);
	free(rows);
}

static void
bad_arguments_change_nothing(void **state)
{
	(void)state;
	hr_options *const o = hr_options_new();
	char *const rows = public_rows(50, "\"", "\n");
	hr_result *r = NULL;

	assert_int_equal(hr_options_profile(o, (hr_profile)77), HR_BAD_ARGUMENT);
	assert_int_equal(hr_options_tenant(o, ""), HR_BAD_ARGUMENT);
	assert_int_equal(hr_options_tenant(o, NULL), HR_BAD_ARGUMENT);
	assert_int_equal(hr_compress_text(o, NULL, rows, HR_TEXT_LIMIT + 1, &r), HR_TOO_LARGE);
	assert_null(r);
	r = compress(o, rows);
	assert_int_equal(hr_result_replaced(r), 1);
	hr_result_free(r);
	hr_result_free(NULL);
	assert_int_equal(hr_options_hash(o, "0123456789abcdef0123456"), HR_BAD_ARGUMENT);
	assert_int_equal(hr_options_hash(o, "0123456789ABCDEF01234567"), HR_BAD_ARGUMENT);
	hr_options_free(o);
	hr_options_free(NULL);
	free(rows);
}

static void
only_what_is_kept_is_left_out(void **state)
{
	(void)state;
	static const char hash[] = "0123456789abcdef01234567";
	hr_options *const o = hr_options_new();
	char *const rows = public_rows(400, "\"", "\n");
	hr_result *r, *back = NULL;
	size_t n;

	assert_int_equal(hr_options_profile(o, HR_PROFILE_BALANCED), HR_OK);
	assert_int_equal(hr_options_hints(o, "list", "{}", "what about 251?"), HR_OK);
	r = compress(o, rows);
	const uint64_t lossless = hr_result_tokens_after(r);
	assert_int_equal(hr_result_hash_count(r), 0);
	assert_null(hr_result_hash(r, 0));
	hr_result_free(r);

	assert_int_equal(hr_options_hash(o, hash), HR_OK);
	r = compress(o, rows);
	assert_true(hr_result_tokens_after(r) < lossless);
	assert_int_equal(hr_result_hash_count(r), 1);
	assert_string_equal(hr_result_hash(r, 0), hash);
	assert_null(hr_result_hash(r, 1));
	const char *const form = hr_result_text(r, &n);
	assert_non_null(strstr(form, hash));
	assert_int_equal(hr_decode(NULL, form, n, &back), HR_ELIDED);
	hr_result_free(r);

	assert_int_equal(hr_options_hash(o, NULL), HR_OK);
	r = compress(o, rows);
	assert_int_equal(hr_result_tokens_after(r), lossless);
	hr_result_free(r);
	hr_options_free(o);
	free(rows);
}

static uint64_t
tokens_left(const hr_options *o, const char *text, const char *part)
{
	hr_result *const r = compress(o, text);
	const uint64_t tokens = hr_result_tokens_after(r);

	if (part && !strstr(hr_result_text(r, NULL), part))
		fail_msg("\"%s\" was left out of %s", part, hr_result_text(r, NULL));
	hr_result_free(r);
	return tokens;
}

static void
targets_and_patterns_steer_what_is_left_out(void **state)
{
	(void)state;
	hr_options *const o = hr_options_new();
	char *const rows = public_rows(400, "\"", "\n");
	char why[200] = "";

	assert_int_equal(hr_options_profile(o, HR_PROFILE_BALANCED), HR_OK);
	assert_int_equal(hr_options_hash(o, "0123456789abcdef01234567"), HR_OK);
	assert_int_equal(hr_options_target(o, 20), HR_OK);
	const uint64_t small = tokens_left(o, rows, NULL);
	assert_int_equal(hr_options_target(o, 200), HR_OK);
	assert_true(tokens_left(o, rows, NULL) > small);
	assert_int_equal(hr_options_target(o, 1001), HR_BAD_ARGUMENT);

	assert_int_equal(hr_options_target(o, 20), HR_OK);
	hr_result *const plain = compress(o, rows);
	assert_null(strstr(hr_result_text(plain, NULL), "\n317,"));
	hr_result_free(plain);
	assert_int_equal(hr_options_must_keep(o, "\"id\":3[12]7\\b", why, sizeof why), HR_OK);
	tokens_left(o, rows, "\n317,");
	tokens_left(o, rows, "\n327,");
	assert_int_equal(hr_options_must_keep(o, "fine;[", why, sizeof why), HR_BAD_ARGUMENT);
	assert_true(strlen(why) > 10);
	assert_int_equal(hr_options_must_keep(o, "[", NULL, 0), HR_BAD_ARGUMENT);
	tokens_left(o, rows, "\n327,");
	assert_int_equal(hr_options_must_keep(o, NULL, NULL, 0), HR_OK);
	assert_int_equal(tokens_left(o, rows, NULL), small);
	hr_options_free(o);
	free(rows);
}

static void
only_forms_are_decoded(void **state)
{
	(void)state;
	static const char damaged[] = "[JSON as tables v2: each row is an object]\ntable 1: 2 rows";
	hr_result *r = NULL;

	assert_int_equal(hr_decode(NULL, "plain prose", 11, &r), HR_NO_FORM);
	assert_int_equal(hr_decode(NULL, damaged, sizeof damaged - 1, &r), HR_BAD_INPUT);
	assert_int_equal(hr_decode(NULL, "", HR_TEXT_LIMIT + 1, &r), HR_TOO_LARGE);
	assert_null(r);
}

static void
counts_say_whether_they_are_exact(void **state)
{
	(void)state;
	bool exact = false;

	assert_int_equal(hr_count_tokens("gpt-4o", "hello world", 11, &exact), 2);
	assert_true(exact);
	assert_true(hr_count_tokens("claude-sonnet-4-5", "hello world", 11, &exact) >= 2);
	assert_false(exact);
	assert_int_equal(hr_count_tokens("gpt-4", "", 0, NULL), 0);
}

static void
every_status_has_words(void **state)
{
	(void)state;
	for (int s = HR_OK; s <= HR_STORE_FAILED; s++)
		assert_true(strlen(hr_status_text((hr_status)s)) > 3);
	assert_string_equal(hr_status_text((hr_status)99), "unknown status");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_those_of_the_header),
		cmocka_unit_test(a_form_is_smaller_and_decodes),
		cmocka_unit_test(what_stays_is_the_input_with_a_reason),
		cmocka_unit_test(bad_arguments_change_nothing),
		cmocka_unit_test(only_what_is_kept_is_left_out),
		cmocka_unit_test(targets_and_patterns_steer_what_is_left_out),
		cmocka_unit_test(only_forms_are_decoded),
		cmocka_unit_test(counts_say_whether_they_are_exact),
		cmocka_unit_test(every_status_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
