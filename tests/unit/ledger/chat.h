/* Conversations as an agent holds them, and how they look on the wire. */
#ifndef HR_TESTS_CHAT_H
#define HR_TESTS_CHAT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "json/text.h"
#include "json/write.h"
#include "wire/view.h"

enum { CHAT_CALLS = 3, CHAT_MESSAGES = 80 };

struct chat_call {
	struct span id;
	struct span tool;
	struct span arguments;	/* a JSON object */
	struct span output;
	bool is_error;
};

/* One step: something a person says, or an assistant's answer with its calls and,
 * once it has any, their results. */
struct chat_turn {
	struct span user;	/* absent for an assistant's */
	struct span said;	/* by the assistant; may be absent */
	struct chat_call calls[CHAT_CALLS];
	uint32_t call_count;
};

struct chat {
	struct chat_turn turns[CHAT_MESSAGES];
	uint32_t count;
};

/* How a client spells it this time; none of it changes the conversation. */
struct chat_spelling {
	struct span system;
	bool parts;		/* results as an array of text parts */
	bool marks;		/* cache_control on the newest result or text */
	bool escapes;		/* some characters as \uXXXX */
	bool pretty;		/* white space after commas and colons of ours */
};

static inline struct chat_turn *
chat_user(struct chat *c, struct span text)
{
	CHECK(c->count < CHAT_MESSAGES);
	c->turns[c->count] = (struct chat_turn){ .user = text };
	return &c->turns[c->count++];
}

static inline struct chat_turn *
chat_assistant(struct chat *c, struct span said)
{
	CHECK(c->count < CHAT_MESSAGES);
	c->turns[c->count] = (struct chat_turn){ .said = said };
	return &c->turns[c->count++];
}

static inline struct chat_call *
chat_call(struct chat_turn *t, struct span id, struct span tool, struct span output)
{
	CHECK(t->call_count < CHAT_CALLS);
	t->calls[t->call_count] = (struct chat_call){
		.id = id, .tool = tool, .arguments = SPAN("{}"), .output = output,
	};
	return &t->calls[t->call_count++];
}

/* A string as this client spells it. */
static inline void
chat_string(struct buf *b, struct span s, const struct chat_spelling *how)
{
	buf_add_char(b, '"');
	for (size_t i = 0; how->escapes && i < s.n; i++) {
		const char c = s.p[i];

		if ((c >= 'a' && c <= 'e') || c == '"')
			buf_addf(b, "\\u%04X", (unsigned)c);
		else
			json_escape(b, span_of(s.p + i, 1));
	}
	if (!how->escapes)
		json_escape(b, s);
	buf_add_char(b, '"');
}

static inline void
chat_text_part(struct buf *b, struct span text, bool mark, const struct chat_spelling *how)
{
	buf_add_str(b, "{\"type\":\"text\",\"text\":");
	chat_string(b, text, how);
	if (mark)
		buf_add_str(b, ",\"cache_control\":{\"type\":\"ephemeral\"}");
	buf_add_char(b, '}');
}

static inline void
chat_content(struct buf *b, struct span text, const struct chat_spelling *how)
{
	if (!how->parts) {
		chat_string(b, text, how);
		return;
	}
	buf_add_char(b, '[');
	chat_text_part(b, text, false, how);
	buf_add_char(b, ']');
}

static inline void
chat_anthropic_turn(struct buf *b, const struct chat_turn *t, bool newest,
		    const struct chat_spelling *how)
{
	const bool mark = newest && how->marks;

	if (t->user.p) {
		buf_add_str(b, "{\"role\":\"user\",\"content\":[");
		chat_text_part(b, t->user, mark, how);
		buf_add_str(b, "]}");
		return;
	}
	buf_add_str(b, "{\"role\":\"assistant\",\"content\":[");
	if (t->said.p)
		chat_text_part(b, t->said, false, how);
	for (uint32_t i = 0; i < t->call_count; i++) {
		const struct chat_call *const c = &t->calls[i];

		buf_add_str(b, i || t->said.p ? ",{\"type\":\"tool_use\",\"id\":" :
						"{\"type\":\"tool_use\",\"id\":");
		chat_string(b, c->id, how);
		buf_add_str(b, ",\"name\":");
		chat_string(b, c->tool, how);
		buf_add_str(b, ",\"input\":");
		buf_add_span(b, c->arguments);
		buf_add_char(b, '}');
	}
	buf_add_str(b, "]}");
	for (uint32_t i = 0; i < t->call_count; i++) {
		const struct chat_call *const c = &t->calls[i];

		buf_add_str(b, i ? "," : ",{\"role\":\"user\",\"content\":[");
		buf_add_str(b, "{\"type\":\"tool_result\",\"tool_use_id\":");
		chat_string(b, c->id, how);
		buf_add_str(b, ",\"content\":");
		chat_content(b, c->output, how);
		if (c->is_error)
			buf_add_str(b, ",\"is_error\":true");
		if (mark && i + 1 == t->call_count)
			buf_add_str(b, ",\"cache_control\":{\"type\":\"ephemeral\"}");
		buf_add_char(b, '}');
	}
	if (t->call_count)
		buf_add_str(b, "]}");
}

static inline void
chat_openai_turn(struct buf *b, const struct chat_turn *t, const struct chat_spelling *how)
{
	if (t->user.p) {
		buf_add_str(b, "{\"role\":\"user\",\"content\":");
		chat_content(b, t->user, how);
		buf_add_char(b, '}');
		return;
	}
	buf_add_str(b, "{\"role\":\"assistant\",\"content\":");
	if (t->said.p)
		chat_string(b, t->said, how);
	else
		buf_add_str(b, "null");
	for (uint32_t i = 0; i < t->call_count; i++) {
		const struct chat_call *const c = &t->calls[i];

		buf_add_str(b, i ? ",{\"id\":" : ",\"tool_calls\":[{\"id\":");
		chat_string(b, c->id, how);
		buf_add_str(b, ",\"type\":\"function\",\"function\":{\"name\":");
		chat_string(b, c->tool, how);
		buf_add_str(b, ",\"arguments\":");
		chat_string(b, c->arguments, how);
		buf_add_str(b, "}}");
	}
	buf_add_str(b, t->call_count ? "]}" : "}");
	for (uint32_t i = 0; i < t->call_count; i++) {
		buf_add_str(b, ",{\"role\":\"tool\",\"tool_call_id\":");
		chat_string(b, t->calls[i].id, how);
		buf_add_str(b, ",\"content\":");
		chat_content(b, t->calls[i].output, how);
		buf_add_char(b, '}');
	}
}

/* The request body. */
static inline void
chat_body(struct buf *b, enum wire_format f, const struct chat *c, const struct chat_spelling *how)
{
	const bool openai = f == WIRE_OPENAI_CHAT;

	buf_add_str(b, "{\"model\":\"m\",\"temperature\":1.0,\"messages\":[");
	if (openai && how->system.p) {
		buf_add_str(b, "{\"role\":\"system\",\"content\":");
		chat_string(b, how->system, how);
		buf_add_str(b, "},");
	}
	for (uint32_t i = 0; i < c->count; i++) {
		if (i)
			buf_add_str(b, how->pretty ? " ,\n  " : ",");
		if (openai)
			chat_openai_turn(b, &c->turns[i], how);
		else
			chat_anthropic_turn(b, &c->turns[i], i + 1 == c->count, how);
	}
	buf_add_char(b, ']');
	if (!openai && how->system.p) {
		buf_add_str(b, ",\"system\":[");
		chat_text_part(b, how->system, how->marks, how);
		buf_add_char(b, ']');
	}
	buf_add_str(b, ",\"stream\":true}");
}

#endif
