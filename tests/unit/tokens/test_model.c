#include "unit.h"

#include "tokens/model.h"

static void
assert_model(const char *name, enum tokens_encoding encoding, bool exact)
{
	const struct tokens_model m = tokens_for_model(span_str(name));

	if (m.encoding != encoding || m.exact != exact)
		fail_msg("%s: encoding %d, exact %d", name, m.encoding, m.exact);
	if (exact)
		assert_true(m.scale == 1.0);
}

static void
openai_models_are_exact(void **state)
{
	(void)state;
	static const char *const o200k[] = {
		"gpt-4o", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-2024-08-06", "gpt-4.1-nano",
		"gpt-5", "gpt-5.1-codex", "GPT-5-mini", "o1", "o1-preview", "o3-mini", "o4-mini",
		"chatgpt-4o-latest", "gpt-4.5-preview", "ft:gpt-4o-mini:acme::abc123", "gpt-oss-120b",
	};
	static const char *const cl100k[] = {
		"gpt-4", "gpt-4-turbo-2024-04-09", "gpt-4-0613", "gpt-3.5-turbo", "gpt-35-turbo",
		"text-embedding-3-large", "text-embedding-ada-002", "ft:gpt-3.5-turbo-0613:acme",
		"azure/gpt-4-32k",
	};

	for (size_t i = 0; i < sizeof o200k / sizeof *o200k; i++)
		assert_model(o200k[i], TOKENS_O200K, true);
	for (size_t i = 0; i < sizeof cl100k / sizeof *cl100k; i++)
		assert_model(cl100k[i], TOKENS_CL100K, true);
}

static void
others_are_estimates(void **state)
{
	(void)state;
	static const char *const names[] = {
		"", "claude-sonnet-4-5", "us.anthropic.claude-3-5-sonnet-20241022-v2:0",
		"models/gemini-2.5-pro", "llama-3.1-70b", "o10", "gpt-40", "gpt-4omni",
		"llama-o1-supernova", "mistral-large",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_model(names[i], TOKENS_O200K, false);
	assert_true(tokens_for_model(SPAN("anthropic/claude-opus-4")).scale > 1.0);
	assert_true(tokens_for_model(SPAN("mistral-large")).scale == 1.0);
}

static void
estimates_scale_the_count(void **state)
{
	(void)state;
	const struct span text = SPAN("one two three four five six seven eight nine ten");
	const struct tokens_model claude = tokens_for_model(SPAN("claude-sonnet-4-5"));
	const struct tokens_model gpt = tokens_for_model(SPAN("gpt-4o"));

	assert_int_equal(tokens_for(&gpt, text), 10);
	assert_int_equal(tokens_for(&claude, text), 12);
	assert_int_equal(tokens_for(&claude, SPAN("")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openai_models_are_exact),
		cmocka_unit_test(others_are_estimates),
		cmocka_unit_test(estimates_scale_the_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
