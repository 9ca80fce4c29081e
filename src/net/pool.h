/* Upstream connections that wait for their next request. */
#ifndef HR_NET_POOL_H
#define HR_NET_POOL_H

#include "net/upstream.h"

/* One per loop; the idle lists stand in the origins. */
struct pool {
	struct dialer *shared;
	struct timer sweep;
	struct origin *const *origins;	/* those whose lists are swept */
	uint32_t origin_count;
	bool closed;			/* takes nothing any more */
};

void pool_init(struct pool *p, struct dialer *shared, struct origin *const *origins, uint32_t n);

/* Closes all idle connections; what is given later is closed at once. */
void pool_close(struct pool *p);

/* A connection that was alive a moment ago, attached to the caller, watched for
 * reading; NULL when there is none. */
struct upstream *pool_take(struct pool *p, struct origin *o, const struct upstream_ops *ops,
			   void *user) MUST_CHECK;

/* Keeps a connection whose last exchange ended cleanly, or closes it when there
 * are enough. Sets *u to NULL. */
void pool_give(struct pool *p, struct upstream **u);

#endif
