/* Whose request is it? */
#ifndef HR_PROXY_ROUTE_H
#define HR_PROXY_ROUTE_H

#include "proxy/proxy.h"
#include "wire/head.h"
#include "wire/view.h"

enum route_kind {
	ROUTE_RELAY,		/* to a provider */
	ROUTE_OWN,		/* an endpoint of ours */
	ROUTE_ROOT,		/* HEAD /: a client looks whether anybody is there */
	ROUTE_NOT_FOUND,	/* nothing of ours and nothing a provider would know */
	ROUTE_METHOD,		/* ours, but not with this method: 405 */
	ROUTE_MISFIT,		/* credential and path belong to different providers: 404 */
};

struct route {
	enum route_kind kind;
	enum provider provider;		/* ROUTE_RELAY, ROUTE_MISFIT; else PROVIDER_NONE */
	const struct admin_route *own;	/* ROUTE_OWN; with ROUTE_METHOD one of that path */
	bool shrinkable;		/* a body that may be compressed, and so is held */
	enum wire_format format;	/* with shrinkable */
};

/* Decides by method, path and headers alone (design §7). `local`: the caller
 * passes the loopback guard; to others guarded endpoints do not exist. */
struct route route_find(const struct admin_route *routes, size_t n, const struct head *h,
			bool local);

/* Methods of the path of `own`, for Allow: "GET, HEAD". */
void route_allow(const struct admin_route *routes, size_t n, const struct admin_route *own,
		 struct buf *out);

/* Is it one of our own paths, which never go upstream? */
bool route_is_own(struct span path);

#endif
