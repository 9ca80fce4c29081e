#include "admin/body.h"

#include "admin/refusal.h"
#include "wire/encoding.h"

static void
refuse_encoding(struct admin_call *c, enum err e)
{
	struct refusal why;

	if (e == ERR_UNSUPPORTED)
		refusal_input(&why, "The content-encoding is none of gzip, deflate, br, zstd and identity.");
	else if (e == ERR_LIMIT)
		refusal_say(&why, 413, "invalid_request", "The decoded body is larger than %zu KB.",
		       c->route->body_limit >> 10);
	else if (e == ERR_NOMEM)
		refusal_memory(&why);
	else
		refusal_input(&why, "The body is not valid in the content-encoding that it names.");
	refusal_answer(c, &why);
}

bool
admin_body(struct admin_call *c, struct buf *decoded, struct span *body)
{
	const struct span encoding = head_get(c->head, SPAN("content-encoding"));

	buf_init(decoded, c->route->body_limit);
	if (!encoding.p) {
		*body = c->body;
		return true;
	}
	const enum err e = encoding_decode(c->body, encoding, c->route->body_limit, decoded);
	if (e != OK) {
		refuse_encoding(c, e);
		return false;
	}
	*body = buf_span(decoded);
	return true;
}
