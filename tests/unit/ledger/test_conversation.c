#include "unit.h"

#include "json/walk.h"
#include "ledger/conversation.h"
#include "each_rig.h"

#define ROW(n) "{\\n  \\\"id\\\": " #n ",\\n  \\\"state\\\": \\\"ready\\\"\\n}"
#define ROWS "[" ROW(1) ", " ROW(2) ", " ROW(3) ", " ROW(4) ", " ROW(5) ", " ROW(6) ", " ROW(7) ", " ROW(8) "]"

/* One result of each provider's shape. */
static const char body[] =
	"{\"model\" : \"gpt-4o\", \"messages\": [\n"
	" {\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"a\",\"content\":\"" ROWS "\"}]},\n"
	" {\"role\":\"tool\",\"tool_call_id\":\"b\",\"content\":\"" ROWS "\"}]}";

static const struct ledger_policy policy = {
	.profile = PROFILE_LOSSLESS, .adopt_compress = true, .shrink = true, .floor_tokens = 20,
	.tenant = { "local", 5 },
};

static struct conversation
shrink(const struct json_doc *d, bool memory)
{
	struct conversation c;

	assert_int_equal(conversation_shrink(d, &policy, NULL, memory ? rig.store : NULL,
					     memory ? rig.reader : NULL, &rig.arena, &c), OK);
	return c;
}

static struct json_doc
scan(const char *text)
{
	struct json_doc d;

	assert_int_equal(json_scan(span_str(text), &rig_limits, &rig.arena, &d), OK);
	return d;
}

static void
both_shapes_are_replaced_with_and_without_memory(void **state)
{
	(void)state;
	const struct json_doc d = scan(body);
	const struct conversation with = shrink(&d, true), without = shrink(&d, false);

	assert_int_equal(with.edit_count, 2);
	assert_int_equal(without.edit_count, 2);
	assert_true(with.edits[0].off < with.edits[1].off);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(with.edits[i].off, without.edits[i].off);
		assert_true(span_eq(with.edits[i].with, without.edits[i].with));
	}
	assert_int_equal(without.counts.compressed, 2);
}

static void
only_memory_replays(void **state)
{
	(void)state;
	const struct json_doc d = scan(body);

	shrink(&d, false);
	assert_int_equal(shrink(&d, true).counts.replayed, 0);
	assert_int_equal(shrink(&d, true).counts.replayed, 2);
	assert_int_equal(shrink(&d, false).counts.replayed, 0);
}

static void
counts_are_those_of_the_body_with_its_edits(void **state)
{
	(void)state;
	const struct tokens_model model = tokens_for_model(SPAN("gpt-4o"));
	const struct json_doc d = scan(body);
	const struct conversation c = shrink(&d, false), none = { .edit_count = 0 };
	uint64_t before, after, edited, same;
	struct buf b;

	buf_init(&b, 1 << 20);
	json_splice(d.text, c.edits, c.edit_count, &b);
	buf_add_char(&b, '\0');
	const struct json_doc smaller = scan(b.p);
	conversation_count(&c, &d, json_get(&d, 0, SPAN("messages")), &model, &rig.arena, &before, &after);
	conversation_count(&none, &smaller, json_get(&smaller, 0, SPAN("messages")), &model, &rig.arena,
			   &edited, &same);
	assert_true(after < before);
	assert_int_equal(after, edited);
	assert_int_equal(edited, same);
	buf_free(&b);
}

static void
what_is_no_conversation_is_refused(void **state)
{
	(void)state;
	const struct json_doc d = scan("{\"messages\":{}}");
	struct conversation c;

	assert_int_equal(conversation_shrink(&d, &policy, NULL, NULL, NULL, &rig.arena, &c), ERR_SYNTAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_shapes_are_replaced_with_and_without_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(only_memory_replays, setup, teardown),
		cmocka_unit_test_setup_teardown(counts_are_those_of_the_body_with_its_edits, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_conversation_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
