/* How endpoints of our own are plugged in: the admin layer gives a table, the
 * proxy calls it. */
#ifndef HR_PROXY_ADMIN_ROUTE_H
#define HR_PROXY_ADMIN_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "wire/head.h"

struct admin_call;
struct proxy;

enum admin_flag {
	ADMIN_LOOPBACK = 1,	/* only for callers on this machine: others get 404 */
	ADMIN_BODY = 2,		/* the request body is collected (up to body_limit, else 413) */
	ADMIN_WORKER = 4,	/* the handler runs on a worker thread and may block */
	ADMIN_CHANGES = 8,	/* changes state: requests from other web sites are refused 403 */
};

/* One endpoint. HEAD is served by the GET of the same path. Other methods of a
 * known path get 405 with Allow. */
struct admin_route {
	const char *method;
	const char *path;	/* "/stats" */
	bool prefix;		/* serves everything below path + "/"; see call->rest */
	unsigned flags;
	size_t body_limit;
	void (*handler)(struct admin_call *call);
};

/* One call. The handler fills the reply before it returns; nothing of the call
 * is valid afterwards. */
struct admin_call {
	const struct admin_route *route;
	struct proxy *proxy;	/* for the snapshots of proxy.h; not on a worker */
	void *worker;		/* the worker's state (struct worker_state), else NULL */
	const struct head *head;
	struct span rest;	/* of the path, after a prefix route's '/' */
	struct span body;	/* as it came, content-encoding included */
	bool local;		/* passes the loopback guard */

	int status;		/* 200 unless set */
	const char *content_type;	/* "application/json" unless set; static */
	struct buf headers;	/* further lines, each "name: value\r\n" */
	struct buf reply;
};

/* An error in the shape of our own endpoints: {"detail":…,"error":{…}}. `detail`
 * says what was wrong and what to do. */
void admin_error(struct admin_call *c, int status, const char *type, const char *detail);

#endif
