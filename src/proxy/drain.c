#include "proxy/drain.h"

#include <signal.h>

#include "base/log.h"
#include "proxy/state.h"

static void
end_now(struct proxy *p)
{
	clients_close(&p->clients);
	loop_stop(&p->loop);
}

static void
on_deadline(struct timer *t)
{
	struct proxy *const p = CONTAINER(t, struct proxy, deadline);

	log_note(LOG_WARN, "drain-timeout is over: %u open requests are cut off", p->active);
	end_now(p);
}

static void
on_empty(struct clients *all)
{
	struct proxy *const p = all->owner;

	loop_stop(&p->loop);
}

static void
begin(struct proxy *p)
{
	p->draining = true;
	log_note(LOG_INFO, "stopping: no new connections, %u requests to finish", p->active);
	listener_close(&p->listener);
	probes_stop(p);
	p->clients.empty = on_empty;
	clients_drain(&p->clients);
	pool_close(&p->pool);
	if (p->clients.count == 0)
		loop_stop(&p->loop);
	else if (p->settings->drain_timeout == 0)
		end_now(p);
	else
		loop_arm(&p->loop, &p->deadline, (uint64_t)p->settings->drain_timeout);
}

static void
on_signal(uv_signal_t *s, int number)
{
	struct proxy *const p = s->data;

	(void)number;
	if (p->draining)
		end_now(p);
	else
		begin(p);
}

void
drain_watch_signals(struct proxy *p)
{
	p->deadline.fire = on_deadline;
	uv_signal_init(&p->loop.uv, &p->term);
	uv_signal_init(&p->loop.uv, &p->intr);
	p->term.data = p->intr.data = p;
	uv_signal_start(&p->term, on_signal, SIGTERM);
	uv_signal_start(&p->intr, on_signal, SIGINT);
}

void
drain_forget_signals(struct proxy *p)
{
	timer_forget(&p->deadline);
	uv_close((uv_handle_t *)&p->term, NULL);
	uv_close((uv_handle_t *)&p->intr, NULL);
}
