/* The endpoints that are ours. */
#ifndef HR_ADMIN_ADMIN_H
#define HR_ADMIN_ADMIN_H

#include "proxy/admin_route.h"

/* The table for proxy_options; static. */
const struct admin_route *admin_routes(size_t *count);

/* Handlers, each with its own file. */
void admin_health(struct admin_call *c);
void admin_livez(struct admin_call *c);
void admin_readyz(struct admin_call *c);
void admin_compress(struct admin_call *c);
void admin_stats(struct admin_call *c);
void admin_stats_history(struct admin_call *c);
void admin_metrics(struct admin_call *c);
void admin_stats_reset(struct admin_call *c);
void admin_retrieve(struct admin_call *c);
void admin_retrieve_hash(struct admin_call *c);
void admin_retrieve_stats(struct admin_call *c);
void admin_retrieve_tool_call(struct admin_call *c);

#endif
