#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stats/prices.h"

#define TODAY 1790000000	/* September 2026 */

static const struct price_list *
list(const char *provider, const char *model, int64_t when)
{
	static struct prices *p;
	char why[PRICES_WHY];

	if (!p)
		assert_int_equal(prices_open(NULL, &p, why), OK);
	return prices_find(p, span_str(provider), span_str(model), when);
}

static void
known_models_have_the_published_rates(void **state)
{
	(void)state;
	const struct price_list *l = list("anthropic", "claude-opus-4-5-20251101", TODAY);

	assert_non_null(l);
	assert_string_equal(l->id, "claude-opus-4-5");
	assert_int_equal(l->base.input, 5 * PRICE_MILLION);
	assert_int_equal(l->base.cache_read, PRICE_MILLION / 2);
	assert_int_equal(l->base.cache_write, 6.25 * PRICE_MILLION);
	assert_int_equal(l->base.cache_write_1h, 10 * PRICE_MILLION);
	assert_int_equal(l->base.output, 25 * PRICE_MILLION);
	l = list("openai", "gpt-5", TODAY);
	assert_non_null(l);
	assert_int_equal(l->base.input, 1.25 * PRICE_MILLION);
	assert_int_equal(l->base.cache_read, 0.125 * PRICE_MILLION);
	/* No price for writing: written tokens cost what input costs. */
	assert_int_equal(l->base.cache_write, l->base.input);
}

static void
names_are_found_as_clients_spell_them(void **state)
{
	(void)state;
	assert_ptr_equal(list("anthropic", "anthropic/claude-opus-4-5", TODAY),
			 list("anthropic", "claude-opus-4-5", TODAY));
	assert_ptr_equal(list("", "Claude-Opus-4-5", TODAY),
			 list("anthropic", "claude-opus-4-5", TODAY));
	/* Another provider's model behind this one's route. */
	assert_non_null(list("openai", "claude-opus-4-5", TODAY));
	assert_non_null(list("google", "gemini-2.5-pro", TODAY));
	assert_string_equal(list("google", "gemini-2.5-pro", TODAY)->id, "gemini-2.5-pro");
}

static void
unknown_models_have_no_price(void **state)
{
	(void)state;
	char longest[300];

	memset(longest, 'g', sizeof longest);
	assert_null(list("openai", "my-own-model", TODAY));
	assert_null(list("openai", "", TODAY));
	assert_null(list("openai", "vendor/", TODAY));
	assert_null(prices_find(NULL, SPAN("openai"), span_of(longest, sizeof longest), TODAY));
	assert_null(list("openai", "gpt-5-of-somebody-else", TODAY));
}

static void
a_price_holds_from_its_date(void **state)
{
	(void)state;
	/* o3 was made cheaper on 2025-06-10. */
	assert_int_equal(list("openai", "o3", 1749513599)->base.input, 10 * PRICE_MILLION);
	assert_int_equal(list("openai", "o3", 1749513600)->base.input, 2 * PRICE_MILLION);
}

static void
large_prompts_pay_the_higher_rate(void **state)
{
	(void)state;
	const struct price_list *const l = list("google", "gemini-2.5-pro", TODAY);
	struct price_tokens t = { .input = 100000, .cache_read = 60000, .cache_write = 40000,
				  .output = 10 };

	assert_int_equal(l->above, 200000);
	assert_ptr_equal(price_for(l, &t), &l->base);
	t.cache_write_1h = 1;
	assert_ptr_equal(price_for(l, &t), &l->high);
	assert_int_equal(l->high.input, 2 * l->base.input);
}

static void
sums_are_exact_and_saturate(void **state)
{
	(void)state;
	const struct price p = { 3000000, 300000, 3750000, 6000000, 15000000 };
	const struct price_tokens t = { 1, 10, 100, 1000, 10000 };
	const struct price_tokens huge = { .input = UINT64_MAX / 2, .output = 1 };
	const struct price_tokens million = { .input = 1000000 };

	assert_true(price_of(&p, &t) == 3000000ll + 3000000ll + 375000000ll + 6000000000ll + 150000000000ll);
	assert_true(price_of(&p, &huge) == INT64_MAX);
	assert_true(price_of(&p, &million) == 3 * (int64_t)PRICE_DOLLAR);
}

/* ---- a user's file ---- */

static enum err
open_text(const char *text, struct prices **p, char why[PRICES_WHY])
{
	char path[] = "/tmp/prices-XXXXXX";
	const int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	const enum err e = prices_open(path, p, why);
	unlink(path);
	return e;
}

static void
a_file_comes_before_the_table(void **state)
{
	(void)state;
	char why[PRICES_WHY];
	struct prices *p;

	assert_int_equal(open_text("; ours\n[my-*]\ninput = 0.25\noutput = 1\n\n"
				   "[gpt-5]\ninput = 1\noutput = 2\ncache-read = 0.1\n"
				   "cache-write = 0\n", &p, why), OK);
	const struct price_list *l = prices_find(p, SPAN("openai"), SPAN("my-own-model"), TODAY);
	assert_non_null(l);
	assert_string_equal(l->id, "my-*");
	assert_int_equal(l->base.input, 250000);
	assert_int_equal(l->base.cache_read, 250000);
	assert_int_equal(l->base.cache_write_1h, 250000);
	l = prices_find(p, SPAN("openai"), SPAN("gpt-5"), TODAY);
	assert_int_equal(l->base.input, 1000000);
	assert_int_equal(l->base.cache_read, 100000);
	assert_int_equal(l->base.cache_write, 0);
	assert_int_equal(l->base.cache_write_1h, 0);
	assert_int_equal(l->above, 0);
	assert_non_null(prices_find(p, SPAN("openai"), SPAN("gpt-5-mini"), TODAY));
	prices_close(&p);
	assert_null(p);
}

static void
faults_of_a_file_are_named(void **state)
{
	(void)state;
	static const struct { const char *text, *word; } bad[] = {
		{ "input = 1\n", "before the first [model]" },
		{ "[m]\ninput = 1\n", "lacks input or output under [m]" },
		{ "[m]\ninput = x\noutput = 1\n", "input = \"x\" under [m]" },
		{ "[m]\ninput = -1\noutput = 1\n", "input = \"-1\"" },
		{ "[m]\ninput = nan\noutput = 1\n", "input = \"nan\"" },
		{ "[m]\ninput = 1\noutput = 1e7\n", "output = \"1e7\"" },
		{ "[m]\nprompt = 1\n", "rates are input, output" },
		{ "[m\n", "line 1" },
	};
	struct prices *p = NULL;
	char why[PRICES_WHY];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(open_text(bad[i].text, &p, why), ERR_SYNTAX);
		assert_non_null(strstr(why, "/tmp/prices-"));
		if (!strstr(why, bad[i].word))
			fail_msg("%s", why);
	}
	assert_int_equal(prices_open("/nowhere/prices.ini", &p, why), ERR_IO);
	assert_non_null(strstr(why, "/nowhere/prices.ini can not be read"));
}

static void
look_ups_are_remembered_apart(void **state)
{
	(void)state;
	char why[PRICES_WHY], name[32];
	struct prices *p;

	assert_int_equal(prices_open(NULL, &p, why), OK);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 100; i++) {
			snprintf(name, sizeof name, "gpt-none-%d", i);
			assert_null(prices_find(p, SPAN("openai"), span_str(name), TODAY));
			assert_non_null(prices_find(p, SPAN("openai"), SPAN("o3"), TODAY));
		}
	assert_int_equal(prices_find(p, SPAN("openai"), SPAN("o3"), 0)->base.input, 10 * PRICE_MILLION);
	prices_close(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_models_have_the_published_rates),
		cmocka_unit_test(names_are_found_as_clients_spell_them),
		cmocka_unit_test(unknown_models_have_no_price),
		cmocka_unit_test(a_price_holds_from_its_date),
		cmocka_unit_test(large_prompts_pay_the_higher_rate),
		cmocka_unit_test(sums_are_exact_and_saturate),
		cmocka_unit_test(a_file_comes_before_the_table),
		cmocka_unit_test(faults_of_a_file_are_named),
		cmocka_unit_test(look_ups_are_remembered_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
