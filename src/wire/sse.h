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
	struct buf data;
	struct buf name;
	bool cr;		/* the last byte was a carriage return */
	bool started;		/* a byte was seen: no byte-order mark any more */
	bool skipping;		/* this event is over the limit: ignored to its end */
	bool has_data;
};

/* `limit` bounds one event; larger ones are passed over. */
void sse_init(struct sse *s, size_t limit);
void sse_free(struct sse *s);

/* Feeds bytes; calls `on_event` for each event that they complete. The spans
 * are valid during the call. */
void sse_feed(struct sse *s, struct span bytes,
	      void (*on_event)(void *arg, const struct sse_event *e), void *arg);

#endif
