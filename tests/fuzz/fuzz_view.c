/* Views of arbitrary JSON: blocks are strings of the body in its order, each has
 * the call that a plain search finds, lack of memory gives that error or the
 * same view. The first byte chooses the format and the memory. */
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "json/text.h"
#include "json/walk.h"
#include "wire/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct json_limits lim = { 100, 20000 };

/* Is the member an unescaped string equal to `want`? */
static bool
member_is(const struct json_doc *d, uint32_t object, struct span key, struct span want)
{
	return json_is(d, json_get(d, object, key), want);
}

/* The name node of the nearest call with that id before node `before`, by looking
 * at every object of the body that could be one; JSON_NONE when there is none. */
static uint32_t
plain_search(const struct json_doc *d, uint32_t before, struct span id)
{
	const uint32_t messages = json_get(d, 0, SPAN("messages"));
	uint32_t found = JSON_NONE;

	for (JSON_EACH(d, messages, m)) {
		const uint32_t content = json_get(d, m, SPAN("content"));

		if (m > before)
			break;
		if (content == JSON_NONE || json_type(d, content) != JSON_ARRAY)
			continue;
		for (JSON_EACH(d, content, block)) {
			if (block < before && member_is(d, block, SPAN("type"), SPAN("tool_use")) &&
			    member_is(d, block, SPAN("id"), id))
				found = json_get(d, block, SPAN("name"));
		}
	}
	return found;
}

static void
check_call(const struct json_doc *d, const struct wire_block *b)
{
	uint32_t result = 0;

	if (!b->call_id.p) {
		CHECK(!b->tool_name.p && b->tool_input == JSON_NONE);
		return;
	}
	/* the call stands before the object whose text this is */
	for (uint32_t i = 0; i < b->node; i++) {
		if (json_type(d, i) == JSON_OBJECT && d->nodes[i].next > b->node &&
		    json_get(d, i, SPAN("tool_use_id")) != JSON_NONE)
			result = i;
	}
	const uint32_t name = plain_search(d, result, b->call_id);

	if (name == JSON_NONE || json_type(d, name) != JSON_STRING || d->nodes[name].len == 2)
		CHECK(!b->tool_name.p);
	else
		CHECK(json_is(d, name, b->tool_name));
}

/* What the user said stands in the block's message or before. */
static void
check_user(const struct json_doc *d, const struct wire_block *b)
{
	struct arena a;
	struct span text;

	CHECK(b->user == JSON_NONE || b->user < b->node);
	if (b->user == JSON_NONE)
		return;
	arena_init(&a, 1 << 22);
	if (wire_text(d, b->user, &a, &text) == OK)
		CHECK(text.n > 0);
	arena_free(&a);
}

static void
check_view(const struct json_doc *d, const struct wire_view *v)
{
	uint32_t node = 0, message = 0;
	bool fresh = false;

	for (uint32_t i = 0; i < v->block_count; i++) {
		const struct wire_block *const b = &v->blocks[i];

		CHECK(b->node > node && b->node < d->count);
		CHECK(json_type(d, b->node) == JSON_STRING);
		CHECK(b->message >= message && b->message < v->message_count);
		CHECK(b->fresh || !fresh);
		CHECK(b->tool_input == JSON_NONE || b->tool_input < d->count);
		CHECK(!b->call_id.p || b->call_id.n);
		if (v->format == WIRE_ANTHROPIC_MESSAGES && v->block_count < 50)
			check_call(d, b);
		check_user(d, b);
		node = b->node;
		message = b->message;
		fresh = b->fresh;
	}
}

static void
check_same(const struct wire_view *a, const struct wire_view *b)
{
	CHECK(a->block_count == b->block_count && a->message_count == b->message_count);
	CHECK(span_eq(a->model, b->model) && a->stream == b->stream);
	for (uint32_t i = 0; i < a->block_count; i++) {
		CHECK(a->blocks[i].node == b->blocks[i].node);
		CHECK(span_eq(a->blocks[i].tool_name, b->blocks[i].tool_name));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	const size_t n = size - 1;
	char *const p = malloc(n ? n : 1);
	const enum wire_format f = data[0] & 1 ? WIRE_OPENAI_CHAT : WIRE_ANTHROPIC_MESSAGES;
	struct arena a, small;
	struct json_doc d;

	memcpy(p, data + 1, n);
	arena_init(&a, 1 << 28);
	arena_init(&small, 512u * (data[0] >> 1));
	if (json_scan(span_of(p, n), &lim, &a, &d) == OK) {
		struct wire_view v, w;
		const enum err e = wire_view(f, &d, &a, &v);
		const enum err limited = wire_view(f, &d, &small, &w);

		CHECK(e == OK || e == ERR_SYNTAX);
		CHECK(limited == e || limited == ERR_NOMEM);
		if (e == OK)
			check_view(&d, &v);
		if (limited == OK)
			check_same(&v, &w);
	}
	arena_free(&a);
	arena_free(&small);
	free(p);
	return 0;
}
