/* What values cost where a plan writes them: in a cell, in JSON, or not at all. */
#ifndef HR_COMPRESS_NODE_COST_H
#define HR_COMPRESS_NODE_COST_H

#include "compress/plan.h"

/* In quarters of a token, rough: for choices between forms that are built. */
#define NODE_COST_BRACKETS 4u
#define NODE_COST_SEPARATOR 3u

/* A scalar or key as JSON, with what stands between it and the next. */
static inline uint32_t
node_cost_json(const struct json_node *n)
{
	return n->type < JSON_ARRAY ? n->len + 2 : NODE_COST_BRACKETS;
}

/* Per node its own cost in the forms of `p`, without what it contains. */
enum err node_costs(const struct plan *p, struct arena *a, struct fuel *fuel,
		    uint32_t **out) MUST_CHECK;

#endif
