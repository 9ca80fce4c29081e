/* The body of a call, decoded from its content-encoding. */
#ifndef HR_ADMIN_BODY_H
#define HR_ADMIN_BODY_H

#include "proxy/admin_route.h"

/* The body as text: the call's own bytes, or in `decoded`, which the caller frees either way.
 * False: it cannot be decoded or is too large then, and the call has its answer. */
bool admin_body(struct admin_call *c, struct buf *decoded, struct span *body) MUST_CHECK;

#endif
