#include "net/loop.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"

/* Tells libuv when to look at the wheel next; nothing ticks while no timer is
 * armed. */
static void
set_tick(struct loop *l);

static void
on_tick(uv_timer_t *t)
{
	struct loop *const l = t->data;

	timers_run(&l->timers, loop_now(l));
	set_tick(l);
}

static void
set_tick(struct loop *l)
{
	const uint64_t wait = timers_wait(&l->timers);

	if (wait == UINT64_MAX)
		uv_timer_stop(&l->tick);
	else
		uv_timer_start(&l->tick, on_tick, wait, 0);
}

void
loop_arm(struct loop *l, struct timer *t, uint64_t ms)
{
	l->timers.now = loop_now(l);
	if (timer_arm(&l->timers, t, ms))
		set_tick(l);
}

static void
run_all(struct later **list)
{
	struct later *x = *list;

	*list = NULL;
	while (x) {
		struct later *const next = x->next;

		x->run(x);
		x = next;
	}
}

static void
on_idle(uv_idle_t *i)
{
	struct loop *const l = i->data;

	run_all(&l->soon);
	if (!l->soon)
		uv_idle_stop(i);
}

/* Between two batches: nothing of the last one is looked at any more. */
static void
on_after(uv_check_t *c)
{
	struct loop *const l = c->data;

	while (l->dying)
		run_all(&l->dying);
	log_flush();
}

void
loop_later(struct loop *l, struct later *x, void (*run)(struct later *x))
{
	x->run = run;
	x->next = l->dying;
	l->dying = x;
}

void
loop_soon(struct loop *l, struct later *x, void (*run)(struct later *x))
{
	x->run = run;
	x->next = l->soon;
	l->soon = x;
	uv_idle_start(&l->again, on_idle);
}

static void
on_wake(uv_async_t *a)
{
	struct loop *const l = a->data;
	struct note *in_order = NULL;

	pthread_mutex_lock(&l->lock);
	struct note *n = l->notes;
	l->notes = NULL;
	pthread_mutex_unlock(&l->lock);
	while (n) {
		struct note *const next = n->next;

		n->next = in_order;
		in_order = n;
		n = next;
	}
	while (in_order) {
		n = in_order;
		in_order = n->next;
		n->run(n);
	}
}

void
loop_post(struct loop *l, struct note *n, void (*run)(struct note *n))
{
	n->run = run;
	pthread_mutex_lock(&l->lock);
	const bool was_empty = !l->notes;
	n->next = l->notes;
	l->notes = n;
	/* Within the lock: the loop may take the note and close once it is free. */
	if (was_empty)
		uv_async_send(&l->wake);
	pthread_mutex_unlock(&l->lock);
}

enum err
loop_open(struct loop *l)
{
	*l = (struct loop){ .scratch = malloc(LOOP_SCRATCH) };
	if (!l->scratch)
		return ERR_NOMEM;
	if (uv_loop_init(&l->uv) != 0) {
		free(l->scratch);
		return ERR_IO;
	}
	pthread_mutex_init(&l->lock, NULL);
	timers_init(&l->timers, loop_now(l));
	uv_timer_init(&l->uv, &l->tick);
	uv_check_init(&l->uv, &l->after);
	uv_idle_init(&l->uv, &l->again);
	l->tick.data = l->after.data = l->again.data = l->wake.data = l;
	if (uv_async_init(&l->uv, &l->wake, on_wake) != 0) {
		loop_close(l);
		return ERR_IO;
	}
	uv_check_start(&l->after, on_after);
	/* Our own machinery must not keep the loop alive. */
	uv_unref((uv_handle_t *)&l->tick);
	uv_unref((uv_handle_t *)&l->after);
	uv_unref((uv_handle_t *)&l->wake);
	return OK;
}

void
loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
}

void
loop_stop(struct loop *l)
{
	uv_stop(&l->uv);
}

void
loop_settle(struct loop *l)
{
	on_wake(&l->wake);
	while (l->dying)
		run_all(&l->dying);
}

static void
close_left_over(uv_handle_t *h, void *arg)
{
	(void)arg;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void
loop_close(struct loop *l)
{
	run_all(&l->soon);
	while (l->dying)
		run_all(&l->dying);
	uv_walk(&l->uv, close_left_over, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	while (l->dying)
		run_all(&l->dying);
	CHECK(uv_loop_close(&l->uv) == 0);
	pthread_mutex_destroy(&l->lock);
	free(l->scratch);
	l->scratch = NULL;
}
