#include "net/pool.h"

#include <errno.h>

#include "base/check.h"

static void
drop(struct upstream *u)
{
	u->origin->idle_count--;
	upstream_close(&u);
}

/* An idle connection that becomes readable has been closed, or carries TLS
 * tickets; any byte of HTTP would be an answer to nothing. */
static void
on_idle_readable(void *user)
{
	struct upstream *const u = user;
	char byte;

	if (u->link.easy && !u->broken && upstream_recv(u, &byte, 1) == -EAGAIN)
		return;
	drop(u);
}

static void
on_never(void *user)
{
	(void)user;
	CHECK(false);
}

static void
on_never_failed(void *user, const struct dial_result *why)
{
	(void)why;
	on_never(user);
}

static const struct upstream_ops idle_ops = {
	.connected = on_never,
	.failed = on_never_failed,
	.readable = on_idle_readable,
	.writable = on_never,
};

static uint64_t
idle_ms(const struct pool *p, const struct upstream *u)
{
	const uint64_t ours = (uint64_t)p->shared->settings->pool_timeout;

	return u->keep_ms && u->keep_ms < ours ? u->keep_ms : ours;
}

/* The lists are newest first, but limits differ: all are looked at. */
static void
on_sweep(struct timer *t)
{
	struct pool *const p = CONTAINER(t, struct pool, sweep);
	const uint64_t now = loop_now(p->shared->loop);
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < p->origin_count; i++)
		for (LIST_EACH(&p->origins[i]->idle, at, after)) {
			struct upstream *const u = CONTAINER(at, struct upstream, idle);

			if (u->idle_until <= now)
				drop(u);
			else if (u->idle_until - now < next)
				next = u->idle_until - now;
		}
	if (next != UINT64_MAX)
		loop_arm(p->shared->loop, &p->sweep, next);
}

void
pool_init(struct pool *p, struct dialer *shared, struct origin *const *origins, uint32_t n)
{
	*p = (struct pool){ .shared = shared, .origins = origins, .origin_count = n };
	p->sweep.fire = on_sweep;
}

void
pool_close(struct pool *p)
{
	p->closed = true;
	timer_forget(&p->sweep);
	for (uint32_t i = 0; i < p->origin_count; i++)
		for (LIST_EACH(&p->origins[i]->idle, at, after))
			drop(CONTAINER(at, struct upstream, idle));
}

struct upstream *
pool_take(struct pool *p, struct origin *o, const struct upstream_ops *ops, void *user)
{
	const uint64_t now = loop_now(p->shared->loop);

	while (!list_empty(&o->idle)) {
		struct upstream *const u = CONTAINER(o->idle.next, struct upstream, idle);

		if (u->idle_until <= now || !upstream_alive(u)) {
			drop(u);
			continue;
		}
		list_remove(&u->idle);
		o->idle_count--;
		u->reused = true;
		upstream_attach(u, ops, user);
		return u;
	}
	return NULL;
}

void
pool_give(struct pool *p, struct upstream **up)
{
	struct upstream *const u = *up;
	struct loop *const l = p->shared->loop;
	const uint64_t ms = idle_ms(p, u);

	if (p->closed || ms == 0 || u->broken || upstream_pending(u) ||
	    u->origin->idle_count >= (uint64_t)p->shared->settings->pool_idle) {
		upstream_close(up);
		return;
	}
	*up = NULL;
	upstream_attach(u, &idle_ops, u);
	upstream_watch(u, true, false);
	u->idle_until = loop_now(l) + ms;
	list_prepend(&u->origin->idle, &u->idle);
	u->origin->idle_count++;
	if (!timer_armed(&p->sweep) || p->sweep.deadline > u->idle_until)
		loop_arm(l, &p->sweep, ms);
}
