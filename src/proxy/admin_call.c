#include <stdlib.h>

#include "proxy/admin_route.h"
#include "proxy/body.h"
#include "proxy/errors.h"
#include "proxy/guard.h"
#include "proxy/state.h"

#define HEADERS_LIMIT ((size_t)8192)
#define REPLY_LIMIT ((size_t)1 << 30)

static void
free_call(struct request *r)
{
	if (!r->call)
		return;
	buf_free(&r->call->headers);
	buf_free(&r->call->reply);
	free(r->call);
	r->call = NULL;
}

static enum step_result
send_reply(struct request *r)
{
	struct admin_call *const c = r->call;

	if (buf_err(&c->reply) != OK || buf_err(&c->headers) != OK) {
		free_call(r);
		return answer_error(r, 503, ERROR_OVERLOADED,
				    "headroom has no memory for this answer; try again later.");
	}
	if (c->status >= 400)
		r->outcome = OUTCOME_REFUSED;
	const enum step_result s = answer(r, c->status, c->content_type ?: "application/json",
					  buf_span(&c->headers), buf_span(&c->reply));
	free_call(r);
	return s;
}

static void
work(struct job *j, void *state)
{
	struct request *const r = CONTAINER(j, struct request, job);

	r->call->worker = state;
	r->call->route->handler(r->call);
}

static void
on_done(struct job *j)
{
	struct request *const r = CONTAINER(j, struct request, job);

	r->in_worker = false;
	if (!request_wake(r, WAKE_WORKER)) {
		/* It was cancelled meanwhile and waited for us. */
		free_call(r);
		request_free(r);
	}
}

static enum step_result
to_worker(struct request *r)
{
	r->job = (struct job){ .loop = &r->proxy->loop, .work = work, .done = on_done };
	if (workers_submit(r->proxy->workers, &r->job) != OK) {
		free_call(r);
		return answer_error(r, 503, ERROR_OVERLOADED,
				    "headroom has more work waiting than worker-queue allows; try "
				    "again.");
	}
	r->in_worker = true;
	return request_park(r, WAKE_WORKER);
}

static struct admin_call *
new_call(struct request *r)
{
	struct admin_call *const c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->route = r->route.own;
	c->proxy = r->proxy;
	c->head = &r->head;
	c->body = r->body;
	c->local = guard_is_local(r->client->loopback, &r->head);
	c->status = 200;
	if (c->route->prefix)
		c->rest = span_from(r->head.path, strlen(c->route->path) + 1);
	buf_init(&c->headers, HEADERS_LIMIT);
	buf_init(&c->reply, REPLY_LIMIT);
	return c;
}

enum step_result
step_answer(struct request *r)
{
	if (r->call)
		return send_reply(r);
	r->call = new_call(r);
	if (!r->call)
		return answer_error(r, 503, ERROR_OVERLOADED,
				    "headroom has no memory for this call; try again later.");
	if (r->route.own->flags & ADMIN_WORKER)
		return to_worker(r);
	r->route.own->handler(r->call);
	return send_reply(r);
}
