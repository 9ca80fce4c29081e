/* What the formats share in making a view; for src/wire alone. */
#ifndef HR_WIRE_VIEW_BUILD_H
#define HR_WIRE_VIEW_BUILD_H

#include "wire/calls.h"
#include "wire/view.h"

struct view_build {
	const struct json_doc *d;
	struct arena *a;
	struct wire_view view;
	uint32_t capacity;		/* of view.blocks */
	uint32_t message;		/* index of the message being read */
	uint32_t after_assistant;	/* index after the last assistant message so far */
	uint32_t user;			/* what wire_block says of the message being read */
	struct calls calls;
	bool twice;			/* a member that decides something stands twice */
};

/* Reads one element of the messages array, which is an object: adds its blocks
 * and calls. ERR_SYNTAX, ERR_NOMEM. */
typedef enum err view_reader(struct view_build *b, uint32_t message);

view_reader anthropic_message;
view_reader openai_chat_message;

/* A member of `object` that decides something; notes in b->twice when it stands
 * there twice. JSON_NONE when it is absent. */
uint32_t view_member(struct view_build *b, uint32_t object, struct span key);

/* The text of a string member; SPAN_NONE when it is absent, empty or no string.
 * ERR_SYNTAX for a lone surrogate, ERR_NOMEM. */
enum err view_text_member(struct view_build *b, uint32_t object, struct span key,
			  struct span *out) MUST_CHECK;

/* Remembers the content of a user's message, if it has text, for the blocks that
 * follow. */
void view_note_user(struct view_build *b, uint32_t content);

/* Remembers a call for the results that follow; one without id is passed over.
 * ERR_NOMEM. */
enum err view_add_call(struct view_build *b, const struct call *c) MUST_CHECK;

/* Adds the blocks of one tool result: `content` is a string, or an array of text
 * parts and nothing else; what is neither has no block. Call, name and input
 * come from `call_id`. ERR_NOMEM. */
enum err view_add_result(struct view_build *b, uint32_t content, struct span call_id,
			 bool is_error) MUST_CHECK;

#endif
