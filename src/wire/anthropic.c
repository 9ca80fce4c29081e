/* The Anthropic Messages format: calls and results are blocks of a message's
 * content. */
#include "json/walk.h"
#include "wire/view_build.h"

static enum err
read_tool_use(struct view_build *b, uint32_t block)
{
	struct call c = { .input = view_member(b, block, SPAN("input")) };

	TRY(view_text_member(b, block, SPAN("id"), &c.id));
	TRY(view_text_member(b, block, SPAN("name"), &c.name));
	return view_add_call(b, &c);
}

static enum err
read_tool_result(struct view_build *b, uint32_t block)
{
	const uint32_t content = view_member(b, block, SPAN("content"));
	const uint32_t is_error = view_member(b, block, SPAN("is_error"));
	struct span id;

	TRY(view_text_member(b, block, SPAN("tool_use_id"), &id));
	return view_add_result(b, content, id,
			       is_error != JSON_NONE && json_type(b->d, is_error) == JSON_TRUE);
}

enum err
anthropic_message(struct view_build *b, uint32_t message)
{
	const uint32_t content = view_member(b, message, SPAN("content"));

	const uint32_t role = view_member(b, message, SPAN("role"));

	if (json_is(b->d, role, SPAN("assistant")))
		b->after_assistant = b->message + 1;
	else if (json_is(b->d, role, SPAN("user")))
		view_note_user(b, content);
	if (content == JSON_NONE || json_type(b->d, content) != JSON_ARRAY)
		return OK;
	for (JSON_EACH(b->d, content, block)) {
		const uint32_t type = view_member(b, block, SPAN("type"));

		if (json_is(b->d, type, SPAN("tool_use")))
			TRY(read_tool_use(b, block));
		else if (json_is(b->d, type, SPAN("tool_result")))
			TRY(read_tool_result(b, block));
	}
	return OK;
}
