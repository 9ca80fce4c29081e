#include "unit.h"

#include "json/walk.h"
#include "ledger/conversation.h"
#include "each_rig.h"
#include "tokens/tokens.h"
#include "wire/message_tokens.h"

static const struct tokens_model o200k = { .encoding = TOKENS_O200K, .exact = true, .scale = 1 };

/* A tool result of so many rows, the middle one an error. */
static void
add_result(struct buf *b, uint32_t id, uint32_t rows)
{
	buf_addf(b, "%s{\"role\":\"tool\",\"tool_call_id\":\"c%u\",\"content\":\"[", b->n > 20 ? "," : "", id);
	for (uint32_t r = 0; r < rows; r++)
		buf_addf(b, "%s{\\\"id\\\":%u,\\\"level\\\":\\\"%s\\\",\\\"message\\\":\\\"%s %u\\\",\\\"ms\\\":%u}",
			 r ? "," : "", id * 10000 + r, r == rows / 2 ? "ERROR" : "INFO",
			 r == rows / 2 ? "connection refused" : "request served by worker", r % 7, 20 + r * 7 % 40);
	buf_add_str(b, "]\"}");
}

/* A body of results with so many rows each. */
static struct json_doc
body_of(const uint32_t *rows, uint32_t n)
{
	struct json_doc d;
	struct buf b;

	buf_init(&b, 16 << 20);
	buf_add_str(&b, "{\"messages\":[");
	for (uint32_t i = 0; i < n; i++)
		add_result(&b, i, rows[i]);
	buf_add_str(&b, "]}");
	const struct span text = arena_copy(&rig.arena, buf_span(&b));
	buf_free(&b);
	assert_int_equal(json_scan(text, &rig_limits, &rig.arena, &d), OK);
	return d;
}

struct outcome {
	uint64_t tokens;	/* after */
	uint32_t each[8];	/* of each message, after */
	size_t hashes;
};

static struct outcome
shrink(const struct json_doc *d, uint64_t budget, uint32_t target_permille)
{
	const uint32_t messages = json_get(d, 0, SPAN("messages"));
	const struct ledger_policy policy = {
		.profile = PROFILE_BALANCED, .adopt_compress = true, .shrink = true, .redeemable = true,
		.by_profile = true, .variant = budget << 16 | target_permille, .floor_tokens = 100,
		.tenant = SPAN("local"), .token_budget = budget, .target_permille = target_permille,
		.message_tokens = message_tokens(d, messages, &o200k, &rig.arena),
	};
	struct conversation c;
	struct outcome out = { 0 };
	uint64_t before;

	assert_int_equal(conversation_shrink(d, &policy, NULL, rig.store, rig.reader, &rig.arena, &c), OK);
	conversation_count(&c, d, messages, &o200k, &rig.arena, &before, &out.tokens);
	assert_int_equal(before, policy.message_tokens);
	out.hashes = c.hash_count;
	for (size_t i = 0; i < c.edit_count && i < 8; i++)
		out.each[i] = (uint32_t)tokens_count(TOKENS_O200K, c.edits[i].with);
	return out;
}

static void
a_budget_is_a_ceiling_not_an_aim(void **state)
{
	(void)state;
	static const uint32_t rows[] = { 100, 600, 300 };
	const struct json_doc d = body_of(rows, 3);
	const struct outcome usual = shrink(&d, 0, 0);

	assert_int_equal(usual.hashes, 3);
	assert_int_equal(shrink(&d, usual.tokens, 0).tokens, usual.tokens);
	assert_int_equal(shrink(&d, usual.tokens * 10, 0).tokens, usual.tokens);
}

static void
the_longest_are_shortened_first(void **state)
{
	(void)state;
	static const uint32_t rows[] = { 30, 900, 900 };
	const struct json_doc d = body_of(rows, 3);
	const struct outcome usual = shrink(&d, 0, 0);

	for (uint64_t budget = usual.tokens - 50; budget > usual.tokens * 3 / 4; budget -= 60) {
		const struct outcome got = shrink(&d, budget, 0);

		assert_true(got.tokens <= budget);
		assert_int_equal(got.each[0], usual.each[0]);
		assert_true(got.each[1] < usual.each[1] && got.each[2] < usual.each[2]);
	}
	/* What must survive does, whatever the budget. */
	const struct outcome least = shrink(&d, 1, 0);
	assert_true(least.tokens > 1 && least.tokens < usual.tokens);
}

static void
what_was_sent_stays_under_the_same_budget(void **state)
{
	(void)state;
	static const uint32_t rows[] = { 800, 800 };
	const struct json_doc one = body_of(rows, 1);
	const struct json_doc two = body_of(rows, 2);
	const uint64_t budget = shrink(&one, 0, 0).tokens + 100;
	const struct outcome first = shrink(&one, budget, 0);
	const struct outcome second = shrink(&two, budget, 0);

	assert_int_equal(second.each[0], first.each[0]);
	assert_true(second.each[1] < second.each[0]);
	/* Under another it is new. */
	assert_true(shrink(&two, budget + 1, 0).each[0] < first.each[0]);
}

static void
a_ratio_is_each_blocks_own(void **state)
{
	(void)state;
	static const uint32_t rows[] = { 400, 800 };
	const struct json_doc d = body_of(rows, 2);
	const uint64_t before = message_tokens(&d, json_get(&d, 0, SPAN("messages")), &o200k, &rig.arena);
	const struct outcome usual = shrink(&d, 0, 0);
	const struct outcome tenth = shrink(&d, 0, 100);
	const struct outcome all = shrink(&d, 0, 1000);

	assert_true(usual.tokens < tenth.tokens && tenth.tokens < before * 11 / 100);
	assert_int_equal(all.hashes, 0);
	assert_true(all.tokens > tenth.tokens);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_budget_is_a_ceiling_not_an_aim, setup, teardown),
		cmocka_unit_test_setup_teardown(the_longest_are_shortened_first, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_sent_stays_under_the_same_budget, setup, teardown),
		cmocka_unit_test_setup_teardown(a_ratio_is_each_blocks_own, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
