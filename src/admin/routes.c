#include "admin/admin.h"

/* A messages array is at most as large as a body that is held. */
#define COMPRESS_BODY_LIMIT ((size_t)64 << 20)

static const struct admin_route routes[] = {
	{ .method = "GET", .path = "/health", .handler = admin_health },
	{ .method = "GET", .path = "/healthz", .handler = admin_health },
	{ .method = "GET", .path = "/livez", .handler = admin_livez },
	{ .method = "GET", .path = "/readyz", .handler = admin_readyz },
	{ .method = "POST",
	  .path = "/v1/compress",
	  .flags = ADMIN_LOOPBACK | ADMIN_BODY | ADMIN_WORKER | ADMIN_CHANGES,
	  .body_limit = COMPRESS_BODY_LIMIT,
	  .handler = admin_compress },
};

const struct admin_route *
admin_routes(size_t *count)
{
	*count = sizeof routes / sizeof *routes;
	return routes;
}
