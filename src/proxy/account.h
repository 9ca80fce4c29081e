/* What a request used and saved, as one event. */
#ifndef HR_PROXY_ACCOUNT_H
#define HR_PROXY_ACCOUNT_H

#include "proxy/request.h"

/* Enters a request to a provider that has ended into the book. Requests that never had
 * a provider (own endpoints, refusals) are counted elsewhere. */
void account_request(const struct request *r);

#endif
