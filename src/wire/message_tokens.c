#include "wire/message_tokens.h"

#include "json/text.h"
#include "json/walk.h"

/* A tool result holds parts, a part of it holds text: nothing nests deeper. */
#define CONTENT_DEPTH 3

struct counting {
	const struct json_doc *doc;
	const struct tokens_model *model;
	struct arena *arena;
	uint64_t total;
};

static void
count_string(struct counting *c, uint32_t node)
{
	struct span text;

	if (node == JSON_NONE || json_type(c->doc, node) != JSON_STRING)
		return;
	if (json_string(c->doc, node, c->arena, &text) != OK)
		text = json_inner(c->doc, node);
	c->total += tokens_for(c->model, text);
}

static void
count_raw(struct counting *c, uint32_t node)
{
	if (node != JSON_NONE)
		c->total += tokens_for(c->model, json_raw(c->doc, node));
}

static void
count_content(struct counting *c, uint32_t node, int depth)
{
	if (node == JSON_NONE || depth > CONTENT_DEPTH)
		return;
	if (json_type(c->doc, node) == JSON_STRING)
		count_string(c, node);
	if (json_type(c->doc, node) != JSON_ARRAY)
		return;
	for (JSON_EACH(c->doc, node, part)) {
		count_string(c, json_get(c->doc, part, SPAN("text")));
		count_string(c, json_get(c->doc, part, SPAN("thinking")));
		count_string(c, json_get(c->doc, part, SPAN("name")));
		count_raw(c, json_get(c->doc, part, SPAN("input")));
		count_content(c, json_get(c->doc, part, SPAN("content")), depth + 1);
	}
}

static void
count_tool_calls(struct counting *c, uint32_t calls)
{
	if (calls == JSON_NONE || json_type(c->doc, calls) != JSON_ARRAY)
		return;
	for (JSON_EACH(c->doc, calls, call)) {
		const uint32_t function = json_get(c->doc, call, SPAN("function"));

		count_string(c, json_get(c->doc, function, SPAN("name")));
		count_string(c, json_get(c->doc, function, SPAN("arguments")));
	}
}

uint64_t
message_tokens(const struct json_doc *d, uint32_t messages, const struct tokens_model *model,
	       struct arena *a)
{
	struct counting c = { d, model, a, 0 };

	for (JSON_EACH(d, messages, m)) {
		count_content(&c, json_get(d, m, SPAN("content")), 1);
		count_tool_calls(&c, json_get(d, m, SPAN("tool_calls")));
	}
	return c.total;
}
