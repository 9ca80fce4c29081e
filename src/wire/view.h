/* A request body seen as a conversation: where the blocks of text are that a
 * tool produced and a model will read. One implementation per wire format. */
#ifndef HR_WIRE_VIEW_H
#define HR_WIRE_VIEW_H

#include "base/arena.h"
#include "base/err.h"
#include "json/scan.h"

enum wire_format {
	WIRE_ANTHROPIC_MESSAGES,
	WIRE_OPENAI_CHAT,
	WIRE_FORMATS,		/* how many */
};

/* One piece of tool output: the string content of a result, or one text part of
 * array content. Results with a part that is not text (an image, a document)
 * have no blocks. */
struct wire_block {
	uint32_t node;		/* the JSON string that holds its text */
	uint32_t message;	/* index of its message, from 0 */
	uint32_t tool_input;	/* node of the call's arguments (an object, or a string
				 * of JSON for OpenAI; as the client has it, so perhaps
				 * neither), or JSON_NONE */
	uint32_t user;		/* node of the content of the newest message of a user's with
				 * text, up to the block's own message, or JSON_NONE */
	struct span call_id;	/* unescaped; SPAN_NONE when absent or empty */
	struct span tool_name;	/* unescaped; SPAN_NONE when no call with that id stands
				 * earlier; of several the nearest counts */
	bool is_error;		/* is_error: true */
	bool fresh;		/* stands after the last assistant message, or there is none */
};

struct wire_view {
	enum wire_format format;
	struct wire_block *blocks;	/* in the order of the body */
	uint32_t block_count;
	uint32_t message_count;
	struct span model;		/* unescaped; SPAN_NONE when absent */
	bool stream;			/* "stream": true */
};

/* ERR_SYNTAX: valid JSON, but not a request of this format as far as we must
 * read it (no messages array, a member that decides something stands twice,
 * a lone surrogate in an id or name): the caller relays it untouched.
 * Unknown roles, parts and members are passed over. ERR_NOMEM. Spans point into
 * the document or the arena. */
enum err wire_view(enum wire_format f, const struct json_doc *d, struct arena *a,
		   struct wire_view *out) MUST_CHECK;

/* The text of a message's content: a string, or the text parts of an array, a line
 * break between them. SPAN_NONE when there is none. ERR_UNSUPPORTED for a lone surrogate,
 * ERR_NOMEM. */
enum err wire_text(const struct json_doc *d, uint32_t content, struct arena *a,
		   struct span *out) MUST_CHECK;

#endif
