/* A call of headroom_retrieve as models make it, in the shapes of their providers. */
#ifndef HR_ADMIN_TOOL_CALL_H
#define HR_ADMIN_TOOL_CALL_H

#include "admin/retrieve.h"

enum tool_call_shape {
	TOOL_CALL_ANTHROPIC,	/* {id, name, input: {…}} */
	TOOL_CALL_OPENAI,	/* {id, function: {name, arguments: "{…}"}} */
	TOOL_CALL_GOOGLE,	/* {functionCall: {name, args: {…}}} */
	TOOL_CALL_OTHER,	/* {id, name, input or args: {…}} */
};

struct tool_call {
	enum tool_call_shape shape;
	struct span id;		/* SPAN_NONE: it has none */
	struct retrieve_ask ask;
};

/* Reads {"tool_call": {…}, "provider": "anthropic"}. 0, or the status of `why`. Spans are the
 * body's or in `a`. */
int tool_call_read(struct span body, struct arena *a, struct tool_call *out, struct refusal *why);

/* What came of it. `data` is one JSON object. */
void tool_call_write(struct json_writer *w, const struct tool_call *call, bool success,
		     struct span data);

#endif
