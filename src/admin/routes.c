#include "admin/admin.h"

/* A messages array is at most as large as a body that is held. */
#define COMPRESS_BODY_LIMIT ((size_t)64 << 20)

/* A hash and a few options; a model's call with what stands around it. */
#define RETRIEVE_BODY_LIMIT ((size_t)1 << 20)

/* For callers on this machine that no other web site sent. */
#define OWN (ADMIN_LOOPBACK | ADMIN_WORKER | ADMIN_CHANGES)

static const struct admin_route routes[] = {
	{ .method = "GET", .path = "/health", .handler = admin_health },
	{ .method = "GET", .path = "/healthz", .handler = admin_health },
	{ .method = "GET", .path = "/livez", .handler = admin_livez },
	{ .method = "GET", .path = "/readyz", .handler = admin_readyz },
	{ .method = "GET", .path = "/metrics", .handler = admin_metrics },
	{ .method = "GET", .path = "/stats", .handler = admin_stats },
	{ .method = "GET",
	  .path = "/stats-history",
	  .flags = ADMIN_WORKER,
	  .handler = admin_stats_history },
	{ .method = "POST",
	  .path = "/stats/reset",
	  .flags = ADMIN_LOOPBACK | ADMIN_CHANGES,
	  .handler = admin_stats_reset },
	{ .method = "POST",
	  .path = "/v1/compress",
	  .flags = OWN | ADMIN_BODY,
	  .body_limit = COMPRESS_BODY_LIMIT,
	  .handler = admin_compress },
	{ .method = "POST",
	  .path = "/v1/retrieve",
	  .flags = OWN | ADMIN_BODY,
	  .body_limit = RETRIEVE_BODY_LIMIT,
	  .handler = admin_retrieve },
	{ .method = "POST",
	  .path = "/v1/retrieve/tool_call",
	  .flags = OWN | ADMIN_BODY,
	  .body_limit = RETRIEVE_BODY_LIMIT,
	  .handler = admin_retrieve_tool_call },
	{ .method = "GET",
	  .path = "/v1/retrieve/stats",
	  .flags = ADMIN_LOOPBACK | ADMIN_WORKER,
	  .handler = admin_retrieve_stats },
	/* A look-up counts as use of the original, so it changes something. */
	{ .method = "GET",
	  .path = "/v1/retrieve",
	  .prefix = true,
	  .flags = OWN,
	  .handler = admin_retrieve_hash },
};

const struct admin_route *
admin_routes(size_t *count)
{
	*count = sizeof routes / sizeof *routes;
	return routes;
}
