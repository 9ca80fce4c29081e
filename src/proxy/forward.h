/* Heads on their way through: what is dropped, what is replaced, and that
 * nothing else changes. */
#ifndef HR_PROXY_FORWARD_H
#define HR_PROXY_FORWARD_H

#include "base/buf.h"
#include "net/origin.h"
#include "wire/head.h"

struct forward_request {
	const struct origin *origin;
	bool set_length;	/* state `length` instead of the client's framing */
	uint64_t length;
	bool drop_encoding;	/* the body goes decoded: no content-encoding */
	bool chunked;		/* the body goes in chunked coding */
	bool upgrade;		/* keep Connection and Upgrade */
};

/* Appends the head for the upstream: the client's lines byte for byte, without
 * hop-by-hop fields, Expect and x-headroom-*; Host names the origin; the
 * base URL's path stands before the target. */
void forward_request_head(const struct head *h, const struct forward_request *f, struct buf *out);

struct forward_response {
	bool close;		/* the connection ends after this response */
	bool keep_alive;	/* say so: the client speaks HTTP/1.0 */
	bool chunked;		/* the body goes in chunked coding */
	bool upgrade;		/* 101: keep Connection and Upgrade */
	struct span extra;	/* lines of ours, or empty */
};

/* Appends the head for the client: the upstream's lines byte for byte, without
 * hop-by-hop fields and without x-headroom-*, which only we may say. */
void forward_response_head(const struct head *h, const struct forward_response *f,
			   struct buf *out);

#endif
