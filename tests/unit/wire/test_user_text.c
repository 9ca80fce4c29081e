#include "unit.h"

#include <stdio.h>

#include "json/walk.h"
#include "wire/user_text.h"

static const struct json_limits limits = { 64, 1000 };

/* The blocks' JSON as "message:text" between blanks. */
static struct span
texts_of(const char *body)
{
	static char out[512];
	struct wire_block *blocks;
	struct json_doc d;
	struct arena a;
	uint32_t count;
	size_t n = 0;

	arena_init(&a, 1 << 16);
	assert_int_equal(json_scan(span_str(body), &limits, &a, &d), OK);
	assert_int_equal(wire_user_blocks(&d, 0, &a, &blocks, &count), OK);
	for (uint32_t i = 0; i < count; i++) {
		assert_true(blocks[i].fresh && !blocks[i].call_id.p && !blocks[i].tool_name.p);
		n += (size_t)snprintf(out + n, sizeof out - n, "%u:%.*s ", blocks[i].message,
				      SPAN_ARG(json_raw(&d, blocks[i].node)));
	}
	arena_free(&a);
	return span_of(out, n);
}

static void
texts_of_users_are_blocks(void **state)
{
	(void)state;
	assert_span_eq(texts_of("[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\"},"
				"{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"c\"},"
				"{\"type\":\"tool_result\",\"content\":\"d\"},{\"type\":\"image\"},{\"type\":\"text\",\"text\":\"e\"}]}]"),
		       "0:\"a\" 2:\"c\" 2:\"e\" ");
}

static void
what_is_no_text_of_a_user_is_passed_over(void **state)
{
	(void)state;
	assert_span_eq(texts_of("[]"), "");
	assert_span_eq(texts_of("[1,null,[],{},{\"role\":\"user\"},{\"role\":1,\"content\":\"x\"},"
				"{\"role\":\"user\",\"content\":5},{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"x\"}},"
				"{\"role\":\"user\",\"content\":[\"x\",{\"type\":\"text\"},{\"type\":\"text\",\"text\":[]}]},"
				"{\"role\":\"system\",\"content\":\"x\"},{\"role\":\"tool\",\"content\":\"x\"}]"),
		       "");
}

static void
little_memory_is_told(void **state)
{
	(void)state;
	struct json_node none = { .len = 2, .next = 1, .type = JSON_ARRAY };
	const struct json_doc d = { SPAN("[]"), &none, 1 };
	struct wire_block *blocks;
	struct arena a;
	uint32_t count;

	arena_init(&a, 0);
	assert_int_equal(wire_user_blocks(&d, 0, &a, &blocks, &count), ERR_NOMEM);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_of_users_are_blocks),
		cmocka_unit_test(what_is_no_text_of_a_user_is_passed_over),
		cmocka_unit_test(little_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
