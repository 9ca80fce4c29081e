/* HTTP/1.1 message heads (RFC 9112), read strictly: what two parsers could read
 * differently is refused, since that is how requests are smuggled. */
#ifndef HR_WIRE_HEAD_H
#define HR_WIRE_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define HEAD_MAX_HEADERS 128
#define HEAD_MAX_OPTIONS 32	/* elements of all Connection headers together */

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
	struct span target;	/* requests: as sent, "/path?query", "http://host/path" or "*" */
	struct span path;	/* requests: of the target, from its "/" up to '?'; "*" for "*" (a
				 * constant "/" for "http://host") */
	struct span query;	/* requests: after '?', SPAN_NONE when there is none */
	int status;		/* responses: 100 to 999 */
	struct span reason;	/* responses: may be empty */
	int minor;		/* HTTP/1.minor: 0 or 1 */
	struct head_header headers[HEAD_MAX_HEADERS];	/* the first header_count are set */
	uint32_t header_count;
	size_t size;		/* bytes of the head, empty lines before and after included */
	enum head_body body;
	uint64_t content_length;	/* with HEAD_BODY_LENGTH; at most INT64_MAX */
	bool keep_alive;	/* the connection may carry another message */
	bool upgrade;		/* requests: HTTP/1.1 with Connection: upgrade and an Upgrade header
				 * that does not name h2c (which is ignored: Java's and curl's
				 * clients offer it by themselves); responses: status 101 */
	bool expect_continue;	/* requests: HTTP/1.1 with Expect: 100-continue */
	bool names_hops;	/* Connection names more than close, keep-alive and upgrade */
};

enum head_result {
	HEAD_DONE,
	HEAD_MORE,		/* not complete yet */
	HEAD_BAD,		/* malformed or ambiguous: answer 400 and close */
	HEAD_TOO_LARGE,		/* over `limit` or HEAD_MAX_HEADERS: 431 */
	HEAD_UNSUPPORTED,	/* HTTP/2 preface or another version than 1.0 and 1.1: 505 */
};

/* Parses a request head from the front of `in`; up to two empty lines before it
 * are skipped. `limit` bounds its bytes. `*scanned` carries the search position
 * between calls on a growing input; start with 0, it is 0 again after the last
 * call. On HEAD_BAD and HEAD_UNSUPPORTED `*why` is a short phrase for the error
 * body. `*out` is written to by any call and holds a head after HEAD_DONE
 * alone.
 *
 * What has no body by its headers has none: HEAD_BODY_NONE. */
enum head_result head_parse_request(struct span in, size_t limit, size_t *scanned,
				    struct head *out, const char **why);

/* The same for a response. `to_head` says that the request's method was HEAD:
 * no body whatever the headers say, as for the statuses 1xx, 204 and 304.
 * HEAD_BODY_CLOSE and 101 end keep_alive, and so do 1xx and 204 that announce
 * a body in spite of it. */
enum head_result head_parse_response(struct span in, size_t limit, size_t *scanned, bool to_head,
				     struct head *out, const char **why);

/* The first header of that name (any case), or SPAN_NONE. An empty value has a
 * p that is not NULL. */
struct span head_get(const struct head *h, struct span name);

/* Does the comma-separated list header `name`, over all its lines, hold `token`
 * (any case)? For lists of tokens: quoted strings are not understood. */
bool head_has_token(const struct head *h, struct span name, struct span token);

/* Is it connection-specific, so that a proxy must not forward it: the standard
 * hop-by-hop fields and everything that this head's Connection names? */
bool head_is_hop(const struct head *h, struct span name);

#endif
