#include "proxy/journal.h"

#include "proxy/state.h"

#define EVERY_MS 250u
#define AFTER_FAILURE_MS 2000u

/* Writes the batch, if there is one, and reads what then stands in the store. */
static void
work(struct job *job, void *state)
{
	struct journal *const j = CONTAINER(job, struct journal, job);
	const struct worker_state *const w = state;

	if (j->batch)
		j->result = store_write(j->proxy->options.store, &j->batch->batch);
	if (w && w->reader && kept_read(w->reader, &j->read) != OK)
		j->read = NULL;
}

static void
arm(struct journal *j, uint64_t ms)
{
	if (!timer_armed(&j->due) && !j->closing)
		loop_arm(&j->proxy->loop, &j->due, ms);
}

static void
on_done(struct job *job)
{
	struct journal *const j = CONTAINER(job, struct journal, job);
	struct proxy *const p = j->proxy;
	const bool failed = j->batch && j->result != OK;

	j->busy = false;
	if (j->batch)
		book_written(p->book, j->batch, j->result);
	j->batch = NULL;
	if (j->read) {
		kept_free(&p->usage_kept);
		p->usage_kept = j->read;
		j->read = NULL;
	}
	if (p->book->due.count)
		arm(j, failed ? AFTER_FAILURE_MS : EVERY_MS);
}

static void
submit(struct journal *j)
{
	j->busy = true;
	j->job = (struct job){ .loop = &j->proxy->loop, .work = work, .done = on_done };
	workers_force(j->proxy->workers, &j->job);
}

static void
on_due(struct timer *t)
{
	struct journal *const j = CONTAINER(t, struct journal, due);

	if (j->busy)
		return;		/* its end looks again */
	j->batch = book_take(j->proxy->book);
	if (j->batch)
		submit(j);
	else
		arm(j, AFTER_FAILURE_MS);
}

void
journal_start(struct journal *j, struct proxy *p)
{
	j->proxy = p;
	j->due.fire = on_due;
	if (p->options.store)
		submit(j);
}

void
journal_wake(struct journal *j)
{
	if (j->proxy->options.store && !j->busy)
		arm(j, EVERY_MS);
}

void
journal_close(struct journal *j)
{
	struct proxy *const p = j->proxy;

	j->closing = true;
	timer_forget(&j->due);
	if (!p)
		return;		/* never started */
	struct book_batch *const last = p->options.store ? book_take(p->book) : NULL;
	if (last)
		book_written(p->book, last, store_write(p->options.store, &last->batch));
	kept_free(&p->usage_kept);
}
