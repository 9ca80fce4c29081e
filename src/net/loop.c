#include "net/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

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
	/* on_after may be hours away. */
	log_flush();
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

static void
run_notes(struct loop *l)
{
	struct note *n = atomic_exchange(&l->notes, NULL);
	struct note *in_order = NULL;

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

static void
on_wake(uv_poll_t *p, int status, int events)
{
	struct loop *const l = p->data;
	char bytes[64];

	(void)status;
	(void)events;
	/* Before the list is taken: a note that comes after it writes again. */
	while (read(l->wake_fds[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes)
		;
	run_notes(l);
}

/* Neither a lock nor uv_async_send: the loop wakes in the middle of this, and a
 * sender of lower priority, preempted there, would have it wait (for the lock)
 * or spin (in libuv 1.44, until the sender's call has ended). */
void
loop_post(struct loop *l, struct note *n, void (*run)(struct note *n))
{
	struct note *before = atomic_load(&l->notes);

	n->run = run;
	do
		n->next = before;
	while (!atomic_compare_exchange_weak(&l->notes, &before, n));
	/* From here on the note is the loop's. A full pipe wakes it as well. */
	if (!before && write(l->wake_fds[1], "", 1) < 0)
		CHECK(errno == EAGAIN || errno == EINTR);
}

static void
close_wake(struct loop *l)
{
	close(l->wake_fds[0]);
	close(l->wake_fds[1]);
}

enum err
loop_open(struct loop *l)
{
	*l = (struct loop){ .scratch = malloc(LOOP_SCRATCH) };
	if (!l->scratch)
		return ERR_NOMEM;
	if (uv_pipe(l->wake_fds, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE) != 0) {
		free(l->scratch);
		return ERR_IO;
	}
	if (uv_loop_init(&l->uv) != 0) {
		close_wake(l);
		free(l->scratch);
		return ERR_IO;
	}
	timers_init(&l->timers, loop_now(l));
	uv_timer_init(&l->uv, &l->tick);
	uv_check_init(&l->uv, &l->after);
	l->tick.data = l->after.data = l->wake.data = l;
	if (uv_poll_init(&l->uv, &l->wake, l->wake_fds[0]) != 0 ||
	    uv_poll_start(&l->wake, UV_READABLE, on_wake) != 0) {
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
	run_notes(l);
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
	while (l->dying)
		run_all(&l->dying);
	uv_walk(&l->uv, close_left_over, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	while (l->dying)
		run_all(&l->dying);
	CHECK(uv_loop_close(&l->uv) == 0);
	close_wake(l);
	free(l->scratch);
	l->scratch = NULL;
}
