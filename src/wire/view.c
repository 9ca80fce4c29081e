#include "wire/view.h"

#include "base/buf.h"
#include "json/text.h"
#include "json/walk.h"
#include "wire/view_build.h"

#define FIRST_BLOCKS 32u

uint32_t
view_member(struct view_build *b, uint32_t object, struct span key)
{
	return json_get_once(b->d, object, key, &b->twice);
}

enum err
view_text_member(struct view_build *b, uint32_t object, struct span key, struct span *out)
{
	const uint32_t node = view_member(b, object, key);
	struct span text = SPAN_NONE;

	if (node != JSON_NONE && json_type(b->d, node) == JSON_STRING) {
		const enum err e = json_string(b->d, node, b->a, &text);

		if (e != OK)
			return e == ERR_UNSUPPORTED ? ERR_SYNTAX : e;
	}
	*out = text.n ? text : SPAN_NONE;
	return OK;
}

enum err
view_add_call(struct view_build *b, const struct call *c)
{
	return c->id.p ? calls_put(&b->calls, c, b->a) : OK;
}

/* ---- what a user says ---- */

static bool
is_text_part(const struct json_doc *d, uint32_t part)
{
	const uint32_t text = json_get(d, part, SPAN("text"));

	return json_is(d, json_get(d, part, SPAN("type")), SPAN("text")) && text != JSON_NONE &&
	       json_type(d, text) == JSON_STRING && json_inner(d, text).n > 0;
}

static bool
has_text(const struct json_doc *d, uint32_t content)
{
	if (content == JSON_NONE)
		return false;
	if (json_type(d, content) == JSON_STRING)
		return json_inner(d, content).n > 0;
	if (json_type(d, content) == JSON_ARRAY)
		for (JSON_EACH(d, content, part))
			if (is_text_part(d, part))
				return true;
	return false;
}

void
view_note_user(struct view_build *b, uint32_t content)
{
	if (has_text(b->d, content))
		b->user = content;
}

static enum err
join_parts(const struct json_doc *d, uint32_t parts, struct arena *a, struct buf *out)
{
	struct span text;

	for (JSON_EACH(d, parts, part)) {
		if (!is_text_part(d, part))
			continue;
		TRY(json_string(d, json_get(d, part, SPAN("text")), a, &text));
		if (out->n)
			buf_add_char(out, '\n');
		buf_add_span(out, text);
	}
	return buf_err(out);
}

enum err
wire_text(const struct json_doc *d, uint32_t content, struct arena *a, struct span *out)
{
	struct span text = SPAN_NONE;
	struct buf joined;

	if (!has_text(d, content)) {
		*out = SPAN_NONE;
		return OK;
	}
	if (json_type(d, content) == JSON_STRING)
		return json_string(d, content, a, out);
	buf_init(&joined, json_raw(d, content).n);
	enum err e = join_parts(d, content, a, &joined);
	if (e == OK) {
		text = arena_copy(a, buf_span(&joined));
		e = text.p ? OK : ERR_NOMEM;
	}
	buf_free(&joined);
	if (e == OK)
		*out = text;
	return e;
}

/* ---- blocks ---- */

static enum err
add_block(struct view_build *b, const struct wire_block *block)
{
	struct wire_view *const v = &b->view;

	if (v->block_count == b->capacity) {
		const uint32_t more = b->capacity ? 2 * b->capacity : FIRST_BLOCKS;
		struct wire_block *const p = arena_grow(b->a, v->blocks,
							v->block_count * sizeof(*block),
							more * sizeof(*block));

		if (!p)
			return ERR_NOMEM;
		v->blocks = p;
		b->capacity = more;
	}
	v->blocks[v->block_count++] = *block;
	return OK;
}

/* The string of a text part, or JSON_NONE when it is another kind of part. */
static uint32_t
part_text(struct view_build *b, uint32_t part)
{
	if (!json_is(b->d, view_member(b, part, SPAN("type")), SPAN("text")))
		return JSON_NONE;
	const uint32_t text = view_member(b, part, SPAN("text"));

	return text != JSON_NONE && json_type(b->d, text) == JSON_STRING ? text : JSON_NONE;
}

/* A result with an image, a document or anything else beside its text is left
 * alone as a whole: the parts may speak of each other. */
static bool
all_text(struct view_build *b, uint32_t parts)
{
	for (JSON_EACH(b->d, parts, part)) {
		if (part_text(b, part) == JSON_NONE)
			return false;
	}
	return true;
}

enum err
view_add_result(struct view_build *b, uint32_t content, struct span call_id, bool is_error)
{
	const struct call *const call = call_id.p ? calls_find(&b->calls, call_id) : NULL;
	struct wire_block block = {
		.message = b->message,
		.tool_input = call ? call->input : JSON_NONE,
		.user = b->user,
		.call_id = call_id,
		.tool_name = call ? call->name : SPAN_NONE,
		.is_error = is_error,
	};

	if (content == JSON_NONE)
		return OK;
	if (json_type(b->d, content) == JSON_STRING) {
		block.node = content;
		return add_block(b, &block);
	}
	if (json_type(b->d, content) != JSON_ARRAY || !all_text(b, content))
		return OK;
	for (JSON_EACH(b->d, content, part)) {
		block.node = part_text(b, part);
		TRY(add_block(b, &block));
	}
	return OK;
}

static enum err
read_messages(struct view_build *b, uint32_t messages, view_reader *read)
{
	for (JSON_EACH(b->d, messages, message)) {
		if (json_type(b->d, message) == JSON_OBJECT)
			TRY(read(b, message));
		if (b->twice)
			return ERR_SYNTAX;
		b->message++;
	}
	b->view.message_count = b->message;
	for (uint32_t i = 0; i < b->view.block_count; i++)
		b->view.blocks[i].fresh = b->view.blocks[i].message >= b->after_assistant;
	return OK;
}

enum err
wire_view(enum wire_format f, const struct json_doc *d, struct arena *a, struct wire_view *out)
{
	static view_reader *const readers[WIRE_FORMATS] = {
		[WIRE_ANTHROPIC_MESSAGES] = anthropic_message,
		[WIRE_OPENAI_CHAT] = openai_chat_message,
	};
	struct view_build b = { .d = d, .a = a, .view.format = f, .user = JSON_NONE };
	const uint32_t messages = view_member(&b, 0, SPAN("messages"));
	const uint32_t stream = view_member(&b, 0, SPAN("stream"));

	TRY(view_text_member(&b, 0, SPAN("model"), &b.view.model));
	if (b.twice || messages == JSON_NONE || json_type(d, messages) != JSON_ARRAY)
		return ERR_SYNTAX;
	b.view.stream = stream != JSON_NONE && json_type(d, stream) == JSON_TRUE;
	TRY(read_messages(&b, messages, readers[f]));
	*out = b.view;
	return OK;
}
