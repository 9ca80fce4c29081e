/* Reading responses on the side: usage, why they stopped, whether they ended. */
#ifndef HR_PROXY_OBSERVE_H
#define HR_PROXY_OBSERVE_H

#include "base/log.h"
#include "proxy/request.h"

/* A final response begins: watches it if it is of a format that is known. */
void observe_begin(struct request *r, const struct head *h);

/* Body bytes, transfer coding taken off. */
void observe_data(void *request, struct span data);

/* The body is over; `complete`: by its framing. */
void observe_end(struct request *r, bool complete);

void observe_report(const struct request *r, struct log_line *l);
void observe_free(struct request *r);

#endif
