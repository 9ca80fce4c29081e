/* A base URL, taken apart: who is asked and what stands before every path. */
#ifndef HR_NET_ORIGIN_H
#define HR_NET_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "net/list.h"

/* Fixed after origin_parse but for the pool's members. */
struct origin {
	char *url;		/* "https://host:port/", what libcurl connects to */
	char *authority;	/* for Host: the port only when it is not the scheme's own */
	char *prefix;		/* path of the base URL without a trailing '/', or "" */
	char *host;		/* without brackets */
	uint16_t port;
	bool tls;
	bool loopback;		/* localhost, 127.0.0.0/8 or ::1: never by way of a proxy */

	struct list idle;	/* the pool's: connections, newest first */
	uint32_t idle_count;
};

/* Reads an http or https URL. A trailing '/' and a trailing "/v1" (clients put
 * it into the path themselves) are left off. ERR_SYNTAX with a sentence in
 * `why`: not such a URL, or with user, query or fragment. */
enum err origin_parse(struct span url, struct origin *out, char why[200]) MUST_CHECK;
void origin_free(struct origin *o);

/* Is this the name or the literal address of this machine's loopback? `host`
 * without brackets and port. */
bool host_is_loopback(struct span host);

#endif
