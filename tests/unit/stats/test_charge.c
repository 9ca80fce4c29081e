#include "unit.h"

#include "stats/charge.h"

static const struct price_list list = {
	.id = "m",
	.base = { .input = 1000, .cache_read = 100, .cache_write = 1250, .cache_write_1h = 2000,
		  .output = 5000 },
	.high = { .input = 2000, .cache_read = 200, .cache_write = 2500, .cache_write_1h = 4000,
		  .output = 9000 },
	.above = 100000,
};

static void
tokens_cost_their_rate(void **state)
{
	(void)state;
	const struct charge_saved none = { { 0 } };
	struct usage_event e = { .uncached = 1, .cache_read = 10, .cache_write_5m = 100,
				 .cache_write_1h = 1000, .output = 3, .hidden_prompt = 5,
				 .hidden_output = 7 };

	charge_event(&e, &list, &none);
	assert_int_equal(e.prompt_cost, 1000 + 1000 + 125000 + 2000000);
	assert_int_equal(e.hidden_cost, 5 * 1000 + 7 * 5000);
	assert_int_equal(e.cost, e.prompt_cost + 15000 + e.hidden_cost);
	assert_int_equal(e.cache_saved_cost, 10 * 900);
	assert_int_equal(e.cache_extra_cost, 100 * 250 + 1000 * 1000);
	assert_int_equal(e.saved_cost, 0);
}

static void
saved_tokens_are_worth_their_place(void **state)
{
	(void)state;
	/* Half the prompt was read, a quarter written, a quarter is new. */
	struct usage_event e = { .cache_read = 3200, .cache_write_5m = 1600, .uncached = 1600 };
	struct charge_saved saved = { { 0 } };

	saved.part[0] = saved.part[15] = 10;
	charge_event(&e, &list, &saved);
	assert_int_equal(e.saved_cost, 20 * 100);
	saved.part[16] = saved.part[23] = 10;
	charge_event(&e, &list, &saved);
	assert_int_equal(e.saved_cost, 20 * 100 + 20 * 1250);
	saved.part[24] = saved.part[31] = 10;
	charge_event(&e, &list, &saved);
	assert_int_equal(e.saved_cost, 20 * 100 + 20 * 1250 + 20 * 1000);
	/* What we add costs at the place of tool definitions: here it is cached. */
	e.tokens_added = 1000;
	charge_event(&e, &list, &saved);
	assert_int_equal(e.saved_cost, 20 * 100 + 20 * 1250 + 20 * 1000 - 1000 * 100);
}

static void
a_large_prompt_raises_all_rates(void **state)
{
	(void)state;
	struct usage_event e = { .uncached = 100001, .output = 1 };
	struct charge_saved saved = { { [7] = 1 } };

	charge_event(&e, &list, &saved);
	assert_int_equal(e.cost, 100001ll * 2000 + 9000);
	assert_int_equal(e.saved_cost, 2000);
}

static void
a_request_without_prompt_is_charged_nothing(void **state)
{
	(void)state;
	struct usage_event e = { .outcome = EVENT_FAILED };
	struct charge_saved saved = { { [0] = 5 } };

	charge_event(&e, &list, &saved);
	assert_int_equal(e.cost, 0);
	assert_int_equal(e.saved_cost, 5 * 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_cost_their_rate),
		cmocka_unit_test(saved_tokens_are_worth_their_place),
		cmocka_unit_test(a_large_prompt_raises_all_rates),
		cmocka_unit_test(a_request_without_prompt_is_charged_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
