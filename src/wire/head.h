/* HTTP/1.1 message heads (RFC 9112), read strictly: what two parsers could read
 * differently is refused, since that is how requests are smuggled. */
#ifndef HR_WIRE_HEAD_H
#define HR_WIRE_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define HEAD_MAX_HEADERS 128

struct head_header {
	struct span name;	/* as spelled */
	struct span value;	/* without white space around it */
};

enum head_body {
	HEAD_BODY_NONE,		/* no body follows */
	HEAD_BODY_LENGTH,	/* exactly content_length bytes */
	HEAD_BODY_CHUNKED,
	HEAD_BODY_CLOSE,	/* responses only: until the connection ends */
};

/* A parsed head; spans point into the bytes given. */
struct head {
	struct span method;	/* requests */
	struct span target;	/* requests: as sent, "/path?query" */
	struct span path;	/* requests: the target before '?' */
	struct span query;	/* requests: after '?', SPAN_NONE when there is none */
	int status;		/* responses */
	struct span reason;	/* responses */
	int minor;		/* HTTP/1.minor: 0 or 1 */
	struct head_header headers[HEAD_MAX_HEADERS];
	uint32_t header_count;
	size_t size;		/* bytes of the head, the empty line included */
	enum head_body body;
	uint64_t content_length;	/* with HEAD_BODY_LENGTH */
	bool keep_alive;	/* the connection may carry another message */
	bool upgrade;		/* Connection: upgrade and an Upgrade header; or CONNECT-free 101 */
	bool expect_continue;	/* requests: Expect: 100-continue */
};

enum head_result {
	HEAD_DONE,
	HEAD_MORE,		/* not complete yet */
	HEAD_BAD,		/* malformed or ambiguous: answer 400 and close */
	HEAD_TOO_LARGE,		/* over `limit` or HEAD_MAX_HEADERS: 431 */
	HEAD_UNSUPPORTED,	/* HTTP/2 preface or another major version: 505 */
};

/* Parses a request head from the front of `in`. `limit` bounds its bytes.
 * `*scanned` carries the search position between calls on a growing input;
 * start with 0. On HEAD_BAD `*why` is a short phrase for the error body. */
enum head_result head_parse_request(struct span in, size_t limit, size_t *scanned,
				    struct head *out, const char **why);

/* The same for a response. `to_head` says that the request's method was HEAD
 * (no body whatever the headers say). */
enum head_result head_parse_response(struct span in, size_t limit, size_t *scanned, bool to_head,
				     struct head *out, const char **why);

/* The first header of that name (any case), or SPAN_NONE. */
struct span head_get(const struct head *h, struct span name);

/* Does the comma-separated list header `name` hold `token` (any case)? */
bool head_has_token(const struct head *h, struct span name, struct span token);

/* Is it connection-specific, so that a proxy must not forward it: the standard
 * hop-by-hop fields and everything that this head's Connection names? */
bool head_is_hop(const struct head *h, struct span name);

#endif
