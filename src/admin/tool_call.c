#include "admin/tool_call.h"

#include "json/text.h"
#include "json/walk.h"
#include "ledger/tools.h"

/* Deep enough for a call; nobody nests arguments of ours. */
static const struct json_limits limits = { .depth = 64, .nodes = 1u << 16 };

struct reading {
	struct arena *arena;
	struct tool_call *out;
	struct refusal *why;
};

static bool
is_object(const struct json_doc *d, uint32_t node)
{
	return node != JSON_NONE && json_type(d, node) == JSON_OBJECT;
}

static int
read_provider(const struct reading *r, const struct json_doc *d, uint32_t node)
{
	r->out->shape = TOOL_CALL_ANTHROPIC;
	if (node == JSON_NONE || json_type(d, node) == JSON_NULL || json_is(d, node, SPAN("anthropic")))
		return 0;
	if (json_type(d, node) != JSON_STRING)
		return refusal_input(r->why, "provider is \"anthropic\", \"openai\", \"google\" or another string.");
	r->out->shape = json_is(d, node, SPAN("openai"))   ? TOOL_CALL_OPENAI
			: json_is(d, node, SPAN("google")) ? TOOL_CALL_GOOGLE
							   : TOOL_CALL_OTHER;
	return 0;
}

static int
read_id(const struct reading *r, const struct json_doc *d, uint32_t node)
{
	if (node == JSON_NONE || json_type(d, node) == JSON_NULL)
		return 0;
	if (json_type(d, node) != JSON_STRING || json_string(d, node, r->arena, &r->out->id) != OK)
		return refusal_input(r->why, "The id of the tool call must be a string.");
	return 0;
}

/* Arguments that OpenAI sends as JSON in a string. */
static int
read_spelled_arguments(const struct reading *r, const struct json_doc *d, uint32_t node)
{
	struct span text;
	struct json_doc inner;

	if (json_string(d, node, r->arena, &text) != OK ||
	    json_scan(text, &limits, r->arena, &inner) != OK || json_type(&inner, 0) != JSON_OBJECT)
		return refusal_input(r->why, "The arguments of the tool call are not a JSON object.");
	return retrieve_ask_members(&inner, 0, r->arena, &r->out->ask, r->why);
}

static int
read_arguments(const struct reading *r, const struct json_doc *d, uint32_t node)
{
	if (node != JSON_NONE && json_type(d, node) == JSON_STRING)
		return read_spelled_arguments(r, d, node);
	if (!is_object(d, node))
		return refusal_input(r->why, "The tool call has no arguments: {\"hash\": …} is missing.");
	return retrieve_ask_members(d, node, r->arena, &r->out->ask, r->why);
}

/* The first of two members that is there; the SDK spells all keys in snake case. */
static uint32_t
either(const struct json_doc *d, uint32_t object, struct span one, struct span other)
{
	const uint32_t node = json_get(d, object, one);

	return node != JSON_NONE ? node : json_get(d, object, other);
}

static int
read_call(const struct reading *r, const struct json_doc *d, uint32_t call)
{
	uint32_t function = call;
	uint32_t arguments;

	if (r->out->shape == TOOL_CALL_OPENAI)
		function = json_get(d, call, SPAN("function"));
	else if (r->out->shape == TOOL_CALL_GOOGLE)
		function = either(d, call, SPAN("functionCall"), SPAN("function_call"));
	if (!json_is(d, json_get(d, function, SPAN("name")), SPAN(RETRIEVE_TOOL)))
		return refusal_input(r->why, "Invalid tool call or not a " RETRIEVE_TOOL
				    " call: its name must be \"" RETRIEVE_TOOL "\", where the provider's shape has it.");
	if (r->out->shape == TOOL_CALL_OPENAI)
		arguments = json_get(d, function, SPAN("arguments"));
	else
		arguments = either(d, function, SPAN("input"), SPAN("args"));
	const int status = read_id(r, d, json_get(d, call, SPAN("id")));
	return status ? status : read_arguments(r, d, arguments);
}

int
tool_call_read(struct span body, struct arena *a, struct tool_call *out, struct refusal *why)
{
	const struct reading r = { a, out, why };
	struct json_doc d;

	*out = (struct tool_call){ .id = SPAN_NONE };
	const enum err e = json_scan(body, &limits, a, &d);
	if (e == ERR_NOMEM)
		return refusal_memory(why);
	if (e != OK || json_type(&d, 0) != JSON_OBJECT)
		return refusal_input(why, "The body must be a JSON object {\"tool_call\": {…}, \"provider\": …}.");
	const uint32_t call = json_get(&d, 0, SPAN("tool_call"));
	if (!is_object(&d, call))
		return refusal_input(why, "tool_call must be an object: the call as the model made it.");
	const int status = read_provider(&r, &d, json_get(&d, 0, SPAN("provider")));
	return status ? status : read_call(&r, &d, call);
}

/* ---- the answer ---- */

static void
write_result(struct json_writer *w, const struct tool_call *call, struct span data)
{
	jw_object(w);
	switch (call->shape) {
	case TOOL_CALL_ANTHROPIC:
		jw_kstring(w, "type", "tool_result");
		jw_kspan(w, "tool_use_id", call->id);
		break;
	case TOOL_CALL_OPENAI:
		jw_kstring(w, "role", "tool");
		jw_kspan(w, "tool_call_id", call->id);
		break;
	case TOOL_CALL_GOOGLE:
		jw_key(w, "functionResponse");
		jw_object(w);
		jw_kstring(w, "name", RETRIEVE_TOOL);
		jw_key(w, "response");
		jw_raw(w, data);
		jw_end_object(w);
		jw_kspan(w, "tool_call_id", call->id);
		break;
	case TOOL_CALL_OTHER:
		jw_kspan(w, "tool_call_id", call->id);
		break;
	}
	jw_kspan(w, "content", data);
	jw_end_object(w);
}

void
tool_call_write(struct json_writer *w, const struct tool_call *call, bool success, struct span data)
{
	jw_object(w);
	jw_key(w, "tool_result");
	write_result(w, call, data);
	jw_kbool(w, "success", success);
	jw_key(w, "data");
	jw_raw(w, data);
	jw_end_object(w);
}
