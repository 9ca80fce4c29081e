#include "net/workers.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"

/* A busy worker at the loop's own priority costs it a millisecond now and then. But
 * the lower its priority, the longer other programs of a busy machine keep it
 * waiting, and with it every body: at 10 the p90 of a replayed 1 MB body was twice
 * what it is at 3 (load 13 on two cores), and small requests gained nothing. */
#define NICE 3

struct workers {
	struct workers_options options;
	pthread_mutex_t lock;
	pthread_cond_t ready;
	struct job *first, **last;
	uint32_t waiting;
	bool stopping;
	uint32_t threads;
	pthread_t thread[];
};

static void
on_done(struct note *n)
{
	struct job *const j = CONTAINER(n, struct job, note);

	j->done(j);
}

/* The next job, or NULL when there will be none. */
static struct job *
next_job(struct workers *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->first && !w->stopping)
		pthread_cond_wait(&w->ready, &w->lock);
	struct job *const j = w->first;
	if (j) {
		w->first = j->next;
		if (!w->first)
			w->last = &w->first;
		w->waiting--;
	}
	pthread_mutex_unlock(&w->lock);
	return j;
}

static void *
run(void *arg)
{
	struct workers *const w = arg;
	struct job *j;

	setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	void *const state = w->options.enter ? w->options.enter(w->options.arg) : NULL;
	while ((j = next_job(w)) != NULL) {
		j->work(j, state);
		loop_post(j->loop, &j->note, on_done);
	}
	if (w->options.leave)
		w->options.leave(state);
	return NULL;
}

enum err
workers_start(const struct workers_options *o, struct workers **out)
{
	struct workers *w = calloc(1, sizeof *w + o->threads * sizeof *w->thread);

	if (!w)
		return ERR_NOMEM;
	w->options = *o;
	w->last = &w->first;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->ready, NULL);
	while (w->threads < o->threads &&
	       pthread_create(&w->thread[w->threads], NULL, run, w) == 0)
		w->threads++;
	if (w->threads == 0) {
		workers_stop(&w);
		return ERR_IO;
	}
	*out = w;
	return OK;
}

static void
push_locked(struct workers *w, struct job *j)
{
	j->next = NULL;
	*w->last = j;
	w->last = &j->next;
	w->waiting++;
	pthread_cond_signal(&w->ready);
}

enum err
workers_submit(struct workers *w, struct job *j)
{
	enum err e = ERR_BUSY;

	CHECK(j->loop && j->work && j->done);
	pthread_mutex_lock(&w->lock);
	if (w->waiting < w->options.queue_limit) {
		push_locked(w, j);
		e = OK;
	}
	pthread_mutex_unlock(&w->lock);
	return e;
}

void
workers_force(struct workers *w, struct job *j)
{
	CHECK(j->loop && j->work && j->done);
	pthread_mutex_lock(&w->lock);
	push_locked(w, j);
	pthread_mutex_unlock(&w->lock);
}

void
workers_stop(struct workers **wp)
{
	struct workers *const w = *wp;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_broadcast(&w->ready);
	pthread_mutex_unlock(&w->lock);
	for (uint32_t i = 0; i < w->threads; i++)
		pthread_join(w->thread[i], NULL);
	pthread_cond_destroy(&w->ready);
	pthread_mutex_destroy(&w->lock);
	free(w);
	*wp = NULL;
}
