/* One event loop: a thread, its timers, its scratch memory, and what must
 * happen between two batches of events. */
#ifndef HR_NET_LOOP_H
#define HR_NET_LOOP_H

#include <stdatomic.h>
#include <uv.h>

#include "base/err.h"
#include "net/timers.h"
#include "stats/counters.h"

#define LOOP_SCRATCH ((size_t)64 << 10)

/* An object to be freed when no event of this batch can name it any more. */
struct later {
	struct later *next;
	void (*run)(struct later *l);
};

/* A message to the loop's thread; the sender owns it until it is posted, the
 * loop until `run` returns. */
struct note {
	struct note *next;
	void (*run)(struct note *n);
};

/* Members are private to loop.c but for those marked. One per loop thread. */
struct loop {
	uv_loop_t uv;			/* public */
	char *scratch;			/* public: LOOP_SCRATCH bytes, valid within one callback */
	struct counters counters;	/* public: written by this thread only */
	struct timers timers;
	uv_timer_t tick;
	uv_check_t after;
	uv_poll_t wake;
	int wake_fds[2];		/* a pipe: read end, write end */
	struct later *dying;
	_Atomic(struct note *) notes;	/* newest first; any thread adds */
};

/* ERR_NOMEM or ERR_IO. */
enum err loop_open(struct loop *l) MUST_CHECK;

/* Runs until nothing but the loop's own machinery is left, or loop_stop. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* After loop_run, when nobody posts any more: runs what was posted. */
void loop_settle(struct loop *l);

/* After loop_run, when nobody posts any more: closes the handles that are left
 * and frees everything. */
void loop_close(struct loop *l);

/* Milliseconds, as of this batch. */
static inline uint64_t
loop_now(const struct loop *l)
{
	return uv_now(&l->uv);
}

void loop_arm(struct loop *l, struct timer *t, uint64_t ms);

/* Runs `x` after this batch of events: for freeing. */
void loop_later(struct loop *l, struct later *x, void (*run)(struct later *x));

/* Any thread: has the loop's thread run `n`. Notes of one thread keep their
 * order. */
void loop_post(struct loop *l, struct note *n, void (*run)(struct note *n));

#endif
