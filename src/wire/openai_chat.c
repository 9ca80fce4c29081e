/* The OpenAI chat completions format: calls are members of assistant messages,
 * each result is a message of its own. */
#include "json/walk.h"
#include "wire/view_build.h"

/* {"id", "type": "function", "function": {"name", "arguments"}}, or of type
 * "custom" with {"name", "input"}, whose input is no JSON. */
static enum err
read_call(struct view_build *b, uint32_t call)
{
	const bool custom = json_is(b->d, view_member(b, call, SPAN("type")), SPAN("custom"));
	const uint32_t what = view_member(b, call, custom ? SPAN("custom") : SPAN("function"));
	struct call c = { .input = view_member(b, what, SPAN("arguments")) };

	TRY(view_text_member(b, call, SPAN("id"), &c.id));
	TRY(view_text_member(b, what, SPAN("name"), &c.name));
	return view_add_call(b, &c);
}

static enum err
read_assistant(struct view_build *b, uint32_t message)
{
	const uint32_t calls = view_member(b, message, SPAN("tool_calls"));

	b->after_assistant = b->message + 1;
	if (calls == JSON_NONE || json_type(b->d, calls) != JSON_ARRAY)
		return OK;
	for (JSON_EACH(b->d, calls, call))
		TRY(read_call(b, call));
	return OK;
}

enum err
openai_chat_message(struct view_build *b, uint32_t message)
{
	const uint32_t role = view_member(b, message, SPAN("role"));
	struct span id;

	if (json_is(b->d, role, SPAN("assistant")))
		return read_assistant(b, message);
	if (json_is(b->d, role, SPAN("user")))
		view_note_user(b, view_member(b, message, SPAN("content")));
	if (!json_is(b->d, role, SPAN("tool")))
		return OK;
	TRY(view_text_member(b, message, SPAN("tool_call_id"), &id));
	return view_add_result(b, view_member(b, message, SPAN("content")), id, false);
}
