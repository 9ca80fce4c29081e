/* Bodies through the public header, without a store. */
#include "public.h"

/* A body of two tool results, one of each provider's shape, to be freed. */
static char *
body_of(const char *tool)
{
	char *const rows = public_rows(50, "\\\"", "\\n");
	char *text;
	const int n = asprintf(&text,
		"{\"model\" : \"gpt-4o\", \"stream\":true, \"messages\":[\n"
		"{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"%s\",\"arguments\":\"{}\"}}]},\n"
		"{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"%s\"},\n"
		"{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"d\",\"content\":\"%s\"}]}\n"
		"], \"x\" : 1.0}", tool, rows, rows);

	assert_true(n > 0);
	free(rows);
	return text;
}

static hr_result *
compress(const hr_options *o, const char *body)
{
	hr_result *r = NULL;

	assert_int_equal(hr_compress_body(o, NULL, body, strlen(body), &r), HR_OK);
	return r;
}

static void
only_the_texts_of_results_change(void **state)
{
	(void)state;
	char *const body = body_of("list");
	hr_result *const r = compress(NULL, body);
	const char *const text = hr_result_text(r, NULL);
	const size_t head = (size_t)(strstr(body, "\"content\":\"[") - body) + 11;

	assert_int_equal(hr_result_replaced(r), 2);
	assert_memory_equal(text, body, head);
	assert_memory_equal(text + head, "[JSON as tables v", 17);
	assert_non_null(strstr(text, "\"},\n{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"d\""));
	assert_string_equal(strstr(text, "\"}]}\n]"), "\"}]}\n], \"x\" : 1.0}");
	assert_true(hr_result_tokens_after(r) < hr_result_tokens_before(r) / 2);
	hr_result_free(r);
	free(body);
}

static void
forms_are_those_of_the_texts_alone(void **state)
{
	(void)state;
	char *const rows = public_rows(50, "\"", "\n"), *const body = body_of("list");
	hr_result *const of_body = compress(NULL, body);
	hr_result *of_text = NULL;

	assert_int_equal(hr_compress_text(NULL, NULL, rows, strlen(rows), &of_text), HR_OK);
	/* The last line of the form is a row without anything to escape. */
	const char *const last = strrchr(hr_result_text(of_text, NULL), '\n') + 1;
	assert_non_null(strstr(hr_result_text(of_body, NULL), last));
	hr_result_free(of_text);
	hr_result_free(of_body);
	free(rows);
	free(body);
}

static void
options_leave_texts_alone(void **state)
{
	(void)state;
	hr_options *const o = hr_options_new();
	char *const body = body_of("list_orders");
	hr_result *r;

	assert_int_equal(hr_options_exclude_tools(o, "x,LIST_*"), HR_OK);
	r = compress(o, body);
	assert_int_equal(hr_result_replaced(r), 1);
	hr_result_free(r);
	assert_int_equal(hr_options_exclude_tools(o, NULL), HR_OK);
	assert_int_equal(hr_options_profile(o, HR_PROFILE_OFF), HR_OK);
	r = compress(o, body);
	assert_int_equal(hr_result_replaced(r), 0);
	assert_string_equal(hr_result_text(r, NULL), body);
	assert_int_equal(hr_result_tokens_before(r), hr_result_tokens_after(r));
	hr_result_free(r);
	hr_options_free(o);
	free(body);
}

static void
what_is_no_conversation_is_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "[]", "{", "{\"messages\":1}", "{\"messages\":[],\"messages\":[]}", "{}", "\xff",
	};
	hr_options *const o = hr_options_new();
	hr_result *r = NULL;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(hr_compress_body(NULL, NULL, bad[i], strlen(bad[i]), &r), HR_BAD_INPUT);
	assert_int_equal(hr_compress_body(NULL, NULL, "{}", HR_TEXT_LIMIT + 1, &r), HR_TOO_LARGE);
	assert_int_equal(hr_options_memory(o, 10), HR_OK);
	assert_int_equal(hr_compress_body(o, NULL, "{\"messages\":[]}", 15, &r), HR_NO_MEMORY);
	assert_null(r);
	hr_options_free(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_texts_of_results_change),
		cmocka_unit_test(forms_are_those_of_the_texts_alone),
		cmocka_unit_test(options_leave_texts_alone),
		cmocka_unit_test(what_is_no_conversation_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
