#include "net/timers.h"

#include "base/check.h"

#define SPAN_TICKS (TIMERS_SLOTS - 1)

/* The tick at which a time has passed. */
static uint64_t
tick_of(uint64_t ms)
{
	return (ms + TIMERS_TICK_MS - 1) / TIMERS_TICK_MS;
}

void
timers_init(struct timers *w, uint64_t now)
{
	*w = (struct timers){ .now = now, .done = now / TIMERS_TICK_MS };
	for (unsigned i = 0; i < TIMERS_SLOTS; i++)
		list_init(&w->slots[i]);
}

/* Puts `t` where it is looked at by its deadline, or as far ahead as the wheel
 * reaches. */
static void
place(struct timers *w, struct timer *t)
{
	uint64_t tick = tick_of(t->deadline);

	if (tick <= w->done)
		tick = w->done + 1;
	if (tick > w->done + SPAN_TICKS)
		tick = w->done + SPAN_TICKS;
	const unsigned slot = (unsigned)(tick % TIMERS_SLOTS);
	t->due = tick * TIMERS_TICK_MS;
	list_remove(&t->link);
	list_append(&w->slots[slot], &t->link);
	w->used[slot / 64] |= 1ull << (slot % 64);
}

bool
timer_arm(struct timers *w, struct timer *t, uint64_t ms)
{
	CHECK(t->fire != NULL);
	t->deadline = w->now + (ms ? ms : 1);
	if (list_linked(&t->link) && t->due <= t->deadline)
		return false;
	const uint64_t before = timers_wait(w);
	place(w, t);
	return timers_wait(w) < before;
}

void
timer_stop(struct timer *t)
{
	/* It stays in its slot: the next one to arm it finds it there. */
	t->deadline = 0;
}

void
timer_forget(struct timer *t)
{
	t->deadline = 0;
	list_remove(&t->link);
}

static void
run_slot(struct timers *w, unsigned slot)
{
	struct list batch;

	w->used[slot / 64] &= ~(1ull << (slot % 64));
	if (list_empty(&w->slots[slot]))
		return;
	/* Taken off as a whole: what is put back goes to later slots. */
	batch = w->slots[slot];
	batch.next->prev = batch.prev->next = &batch;
	list_init(&w->slots[slot]);
	while (!list_empty(&batch)) {
		struct timer *const t = CONTAINER(batch.next, struct timer, link);

		list_remove(&t->link);
		if (t->deadline == 0)
			continue;
		if (t->deadline > w->now) {
			place(w, t);
			continue;
		}
		t->deadline = 0;
		t->fire(t);
	}
}

void
timers_run(struct timers *w, uint64_t now)
{
	const uint64_t last = now / TIMERS_TICK_MS;

	w->now = now;
	/* After a long sleep every slot is due; once around is enough. */
	if (last > w->done + TIMERS_SLOTS)
		w->done = last - TIMERS_SLOTS;
	while (w->done < last) {
		w->done++;
		run_slot(w, (unsigned)(w->done % TIMERS_SLOTS));
	}
}

uint64_t
timers_wait(const struct timers *w)
{
	for (unsigned i = 1; i < TIMERS_SLOTS; i++) {
		const unsigned slot = (unsigned)((w->done + i) % TIMERS_SLOTS);

		if (slot % 64 == 0 && w->used[slot / 64] == 0) {
			i += 63;
			continue;
		}
		if (w->used[slot / 64] & (1ull << (slot % 64))) {
			const uint64_t at = (w->done + i) * TIMERS_TICK_MS;
			return at > w->now ? at - w->now : 0;
		}
	}
	return UINT64_MAX;
}
