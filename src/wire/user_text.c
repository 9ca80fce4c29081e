#include "wire/user_text.h"

#include "json/walk.h"

struct collecting {
	const struct json_doc *d;
	struct wire_block *blocks;	/* NULL: they are only counted */
	uint32_t count;
	uint32_t message;
};

static void
add_text(struct collecting *c, uint32_t node)
{
	if (node == JSON_NONE || json_type(c->d, node) != JSON_STRING)
		return;
	if (c->blocks)
		c->blocks[c->count] = (struct wire_block){
			.node = node,
			.message = c->message,
			.tool_input = JSON_NONE,
			.user = JSON_NONE,
			.fresh = true,
		};
	c->count++;
}

static void
add_message(struct collecting *c, uint32_t message)
{
	const uint32_t content = json_get(c->d, message, SPAN("content"));

	if (content == JSON_NONE || !json_is(c->d, json_get(c->d, message, SPAN("role")), SPAN("user")))
		return;
	add_text(c, content);
	if (json_type(c->d, content) != JSON_ARRAY)
		return;
	for (JSON_EACH(c->d, content, part))
		if (json_is(c->d, json_get(c->d, part, SPAN("type")), SPAN("text")))
			add_text(c, json_get(c->d, part, SPAN("text")));
}

static void
collect(struct collecting *c, uint32_t messages)
{
	c->count = c->message = 0;
	for (JSON_EACH(c->d, messages, m)) {
		add_message(c, m);
		c->message++;
	}
}

enum err
wire_user_blocks(const struct json_doc *d, uint32_t messages, struct arena *a,
		 struct wire_block **blocks, uint32_t *count)
{
	struct collecting c = { .d = d };

	collect(&c, messages);
	struct wire_block *const room = ARENA_ARRAY(a, struct wire_block, c.count + 1);
	if (!room)
		return ERR_NOMEM;
	c.blocks = room;
	collect(&c, messages);
	*blocks = room;
	*count = c.count;
	return OK;
}
