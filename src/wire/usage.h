/* What a provider's response says of itself: tokens, why it stopped, whether it
 * ended. Read on the side while the bytes pass; never in their way. */
#ifndef HR_WIRE_USAGE_H
#define HR_WIRE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "wire/encoding.h"
#include "wire/sse.h"
#include "wire/view.h"

#define USAGE_UNKNOWN (-1)
#define USAGE_WORD 40
#define USAGE_MODEL 96

/* The figures of one response, in tokens; USAGE_UNKNOWN where the provider gave
 * none. The prompt is the sum of input, cache read and cache creation: they do not
 * overlap, whatever the format (OpenAI's prompt_tokens includes what was read
 * from its cache; here it does not). */
struct usage {
	int64_t input_tokens;
	int64_t cache_read_tokens;
	int64_t cache_creation_tokens;		/* both lifetimes together */
	int64_t cache_creation_5m_tokens;
	int64_t cache_creation_1h_tokens;
	int64_t output_tokens;
	char model[USAGE_MODEL];	/* that answered, as the provider names it; "": not said */
	char stop_reason[USAGE_WORD];	/* stop_reason or finish_reason; "" when none was given */
	char error_type[USAGE_WORD];	/* of an error body or event; "" when there was none */
	bool ended;	/* a stream was closed by message_stop, [DONE] or a finish_reason; another
			 * body was complete and is JSON. False without an error_type: truncated. */
	bool unread;	/* something was too large, not decodable, not JSON, or memory was
			 * lacking: figures may be missing */
};

/* Embed it; `seen` may be read at any time, the rest is private. */
struct usage_observer {
	struct usage seen;
	enum wire_format format;
	enum { USAGE_STREAM, USAGE_BODY, USAGE_OTHER } kind;
	bool broken;		/* no more is read */
	size_t limit;
	struct decoder *decoder;	/* NULL for identity */
	struct sse sse;
	struct buf body;
};

/* `content_type` and `content_encoding` are the response's headers, absent spans
 * allowed: text/event-stream is read as events, application/json as a whole,
 * nothing else is read. `limit` bounds one event or the whole body, decoded, and
 * with it the memory held (about ten times as much for a moment while JSON of
 * many small values is scanned). */
void usage_init(struct usage_observer *o, enum wire_format format, struct span content_type,
		struct span content_encoding, size_t limit);
void usage_free(struct usage_observer *o);

/* Feeds body bytes, the transfer coding taken off; never fails. */
void usage_feed(struct usage_observer *o, struct span bytes);

/* The body is over. `complete`: its framing says that nothing is missing. */
void usage_finish(struct usage_observer *o, bool complete);

#endif
