/* Sending a request to its upstream. */
#ifndef HR_PROXY_EXCHANGE_H
#define HR_PROXY_EXCHANGE_H

#include "proxy/request.h"

/* Closes the connection, or keeps it for the next request; then r->up is NULL. */
void exchange_end(struct request *r, bool keep);

/* Could everything that was sent so far be sent once more? */
bool exchange_can_repeat(const struct request *r);

/* Forgets what was sent: the next step is send, on another connection. */
enum step_result exchange_repeat(struct request *r);

#endif
