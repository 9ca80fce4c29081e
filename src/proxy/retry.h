/* Sending a request again after "not now" (off by default). */
#ifndef HR_PROXY_RETRY_H
#define HR_PROXY_RETRY_H

#include "proxy/request.h"

/* Is this response one to wait out? Only with retry-status on, for 429, 503 and
 * 529 whose Retry-After is short enough, while the body is still held. */
bool retry_wanted(const struct request *r, const struct head *h);

/* Drops the response and waits; then the request is sent again. */
enum step_result retry_begin(struct request *r, const struct head *h);

#endif
