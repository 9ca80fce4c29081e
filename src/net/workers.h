/* Threads for work that is too long for the event loop. */
#ifndef HR_NET_WORKERS_H
#define HR_NET_WORKERS_H

#include "net/loop.h"

struct workers;

/* One piece of work; embed it. The pool owns it from workers_submit until `done`
 * begins. */
struct job {
	struct note note;	/* the way back */
	struct job *next;
	struct loop *loop;	/* set by the submitter: where `done` runs */
	/* On a worker; `state` is what this worker's `enter` gave. */
	void (*work)(struct job *j, void *state);
	/* On the loop. */
	void (*done)(struct job *j);
};

struct workers_options {
	uint32_t threads;	/* at least 1 */
	uint32_t queue_limit;	/* jobs that may wait */
	/* Per thread, on it: makes and ends its state. Both may be NULL. */
	void *(*enter)(void *arg);
	void (*leave)(void *state);
	void *arg;
};

/* ERR_NOMEM, or ERR_IO when no thread could be started. */
enum err workers_start(const struct workers_options *o, struct workers **out) MUST_CHECK;

/* ERR_BUSY when the queue is full: the job is still the caller's. Any thread. */
enum err workers_submit(struct workers *w, struct job *j) MUST_CHECK;

/* Submits whatever the queue holds: for jobs that are short and bounded by other
 * limits. Any thread. */
void workers_force(struct workers *w, struct job *j);

/* Finishes what was submitted; all threads have ended when it returns. The
 * `done` calls it causes still have to be run by the loop. */
void workers_stop(struct workers **w);

#endif
