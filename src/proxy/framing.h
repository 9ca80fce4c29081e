/* Where a message body ends. */
#ifndef HR_PROXY_FRAMING_H
#define HR_PROXY_FRAMING_H

#include "wire/chunked.h"
#include "wire/head.h"

/* Embed it. */
struct framing {
	enum head_body kind;
	uint64_t left;		/* HEAD_BODY_LENGTH */
	struct chunked chunked;
	bool ended;
};

void framing_init(struct framing *f, const struct head *h);

/* Takes the body's next bytes, framing included, from the front of *in; *raw is
 * what was taken. Sets f->ended at the last one; what is left in *in then
 * belongs to the next message. ERR_SYNTAX or ERR_LIMIT: bad chunked coding; *raw
 * is what was still good. `content`, unless NULL, is given the content in it. */
enum err framing_pass(struct framing *f, struct span *in, struct span *raw,
		      void (*content)(void *arg, struct span data), void *arg) MUST_CHECK;

/* The same, but *data is one stretch of content without chunk framing; to be
 * called until *in is used up or the body ended. */
enum err framing_data(struct framing *f, struct span *in, struct span *data) MUST_CHECK;

/* The connection ended: is the body complete? */
bool framing_complete_at_eof(const struct framing *f);

#endif
