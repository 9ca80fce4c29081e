/* From the book to the store, now and then, away from requests. */
#ifndef HR_PROXY_JOURNAL_H
#define HR_PROXY_JOURNAL_H

#include "net/timers.h"
#include "net/workers.h"

struct proxy;
struct book_batch;
struct kept;

/* Embed it, zeroed. */
struct journal {
	struct timer due;
	struct job job;
	struct proxy *proxy;
	struct book_batch *batch;	/* with the job; NULL: it only reads */
	enum err result;		/* of it */
	struct kept *read;		/* by the job */
	bool busy;			/* with a job */
	bool closing;
};

/* Reads what the store remembers. */
void journal_start(struct journal *j, struct proxy *p);

/* Something was entered: it will be in the store within half a second, or two after a
 * failure. */
void journal_wake(struct journal *j);

/* Writes what is due, forgets what was read, and returns when it is done. After the workers have ended. */
void journal_close(struct journal *j);

#endif
