#include "proxy/probe.h"

#include <stdio.h>

#include "base/clock.h"
#include "proxy/state.h"

/* Setting libcurl up takes milliseconds that the first request should not wait
 * for. */
#define FIRST_LOOK_MS 100u

static void
on_done(void *user, const struct dial_result *r)
{
	struct probe *const b = user;
	struct link l = r->link;

	b->dial = NULL;
	b->health.probed = true;
	b->health.wall_ms = clock_wall_ms();
	b->health.reachable = r->failure == DIAL_OK;
	b->health.reason[0] = '\0';
	if (r->failure == DIAL_OK)
		link_close(&l);
	else
		snprintf(b->health.reason, sizeof b->health.reason, "%.190s", r->text);
}

static void
look(struct proxy *p, enum provider which)
{
	struct probe *const b = &p->probes[which];

	if (b->dial || p->draining)
		return;
	b->next_ms = loop_now(&p->loop) + (uint64_t)p->settings->probe_interval;
	/* Out of memory: the old outcome stands until the next look. */
	if (dial_start(&p->dialer, &p->origins[which], on_done, b, &b->dial) != OK)
		b->dial = NULL;
}

static void
on_first(struct timer *t)
{
	struct proxy *const p = CONTAINER(t, struct proxy, first_probe);

	for (int i = 0; i < PROVIDERS; i++)
		if (!p->probes[i].health.probed)
			look(p, (enum provider)i);
}

void
probes_start(struct proxy *p)
{
	p->first_probe.fire = on_first;
	loop_arm(&p->loop, &p->first_probe, FIRST_LOOK_MS);
}

void
probes_stop(struct proxy *p)
{
	timer_forget(&p->first_probe);
	for (int i = 0; i < PROVIDERS; i++)
		dial_cancel(&p->probes[i].dial);
}

void
proxy_upstream_health(struct proxy *p, enum provider which, struct proxy_health *out)
{
	if (loop_now(&p->loop) >= p->probes[which].next_ms)
		look(p, which);
	*out = p->probes[which].health;
}
