/* Server-sent events, read on the side while the bytes pass. */
#ifndef HR_WIRE_SSE_H
#define HR_WIRE_SSE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct sse_event {
	struct span event;	/* "message" when the stream names none */
	struct span data;	/* data lines joined by \n */
};

/* Embed it. Holds only the event that is not complete yet. */
struct sse {
	struct buf line;	/* the incomplete line */
	struct buf data;	/* each data line with a \n after it */
	struct buf name;
	size_t limit;
	bool cr;		/* the last byte was a carriage return */
	bool started;		/* a line was read: no byte-order mark any more */
	bool skipping;		/* this event is over the limit: ignored to its end */
	bool in_line;		/* the current line is not empty */
	bool passed_over;	/* an event was, since the start */
};

/* `limit` bounds the bytes of one event that are held (names and data; a line of
 * any kind): larger ones are passed over, and so are those for which memory is
 * lacking. Takes no memory before the first event. */
void sse_init(struct sse *s, size_t limit);
void sse_free(struct sse *s);

/* Feeds bytes; calls `on_event` for each event that they complete. The spans
 * are valid during the call, which must not feed or free `s`. Follows the event
 * stream parsing of the HTML standard: events without data are none, ids,
 * retry times, comments and unknown fields are passed over, an event that the
 * stream does not end with an empty line is never reported. How the bytes are
 * split makes no difference. */
void sse_feed(struct sse *s, struct span bytes,
	      void (*on_event)(void *arg, const struct sse_event *e), void *arg);

#endif
