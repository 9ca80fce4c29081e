/* Time-outs by the thousand: one coarse wheel per loop, on which moving a
 * deadline later costs one store. */
#ifndef HR_NET_TIMERS_H
#define HR_NET_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/list.h"

#define TIMERS_SLOTS 512u
#define TIMERS_TICK_MS 32u	/* a timer fires up to this late, never early */

/* Embed it; all zero is a timer that is not armed. */
struct timer {
	struct list link;	/* in a slot; may be one that comes before the deadline */
	uint64_t deadline;	/* ms of the wheel's clock; 0 when not armed */
	uint64_t due;		/* when its slot is looked at */
	void (*fire)(struct timer *t);
};

/* Embed it. One thread. */
struct timers {
	uint64_t now;		/* ms */
	uint64_t done;		/* ticks looked at */
	uint64_t used[TIMERS_SLOTS / 64];	/* slots that may hold something */
	struct list slots[TIMERS_SLOTS];
};

void timers_init(struct timers *w, uint64_t now);

/* Fires `t` once, `ms` from now, unless it is armed anew or stopped before.
 * Returns true when the wheel must be looked at sooner than before. */
bool timer_arm(struct timers *w, struct timer *t, uint64_t ms);

/* No effect on one that is not armed. */
void timer_stop(struct timer *t);

static inline bool
timer_armed(const struct timer *t)
{
	return t->deadline != 0;
}

/* Takes the timer out of the wheel; to be called before its memory goes. */
void timer_forget(struct timer *t);

/* Moves the wheel to `now` and fires what is due. A fired timer may arm or
 * forget any timer. */
void timers_run(struct timers *w, uint64_t now);

/* Milliseconds until timers_run has something to look at, or UINT64_MAX. */
uint64_t timers_wait(const struct timers *w);

#endif
