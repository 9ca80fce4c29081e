#include "admin/admin.h"

static const struct admin_route routes[] = {
	{ .method = "GET", .path = "/health", .handler = admin_health },
	{ .method = "GET", .path = "/healthz", .handler = admin_health },
	{ .method = "GET", .path = "/livez", .handler = admin_livez },
	{ .method = "GET", .path = "/readyz", .handler = admin_readyz },
};

const struct admin_route *
admin_routes(size_t *count)
{
	*count = sizeof routes / sizeof *routes;
	return routes;
}
