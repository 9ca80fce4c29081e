/* One connection to an origin, from the first DNS question to its close. */
#ifndef HR_NET_UPSTREAM_H
#define HR_NET_UPSTREAM_H

#include <sys/uio.h>

#include "net/dial.h"

struct upstream;

/* What its user is told; always from the loop, never from within a call of
 * his. */
struct upstream_ops {
	void (*connected)(void *user);
	/* The connection is gone already. */
	void (*failed)(void *user, const struct dial_result *why);
	void (*readable)(void *user);
	void (*writable)(void *user);
};

/* Members are read by the pool and the proxy, written by upstream.c and, where
 * marked, by the pool. */
struct upstream {
	uint32_t magic;
	struct dialer *shared;
	struct origin *origin;
	struct dial *dial;		/* while connecting */
	struct link link;
	uv_poll_t poll;
	int events;			/* armed in `poll` */
	bool polling;			/* `poll` is initialised */
	bool broken;			/* an error was met: what can be read now is all there is */
	bool closing;
	bool reused;			/* pool: it carried a request before */
	char *staging;			/* TLS: bytes that libcurl has not taken */
	size_t staged, staged_done;
	uint64_t idle_until;		/* pool */
	uint64_t keep_ms;		/* pool: the origin's own keep-alive limit, or 0 */
	struct list idle;		/* pool */
	const struct upstream_ops *ops;
	void *user;
	uint64_t sent, received;	/* bytes */
};

/* Begins to connect. ERR_NOMEM. */
enum err upstream_open(struct dialer *shared, struct origin *o, const struct upstream_ops *ops,
		       void *user, struct upstream **out) MUST_CHECK;

/* Closes it in any state; none of its callbacks runs any more. Its memory goes
 * after this batch of events. */
void upstream_close(struct upstream **u);

/* Gives it to another user. */
void upstream_attach(struct upstream *u, const struct upstream_ops *ops, void *user);

/* Which events the user wants. Setting what is set already costs nothing;
 * a change costs two system calls. */
void upstream_watch(struct upstream *u, bool read, bool write);

/* Reads up to `n` bytes: > 0 how many, 0 the end, -EAGAIN nothing now, other
 * negative errno the connection is broken. */
ssize_t upstream_recv(struct upstream *u, char *p, size_t n);

/* After a recv of `got` of `asked` bytes: may there be more that the loop will
 * not report? Then call recv again in this turn. */
static inline bool
upstream_more(const struct upstream *u, size_t got, size_t asked)
{
	return u->broken || u->link.easy || got == asked;
}

/* Writes from the pieces in order: how many bytes were taken (0 when it is full
 * for now), or a negative errno. Over TLS what was taken may still wait:
 * upstream_pending; a call with n == 0 pushes it on. */
ssize_t upstream_send(struct upstream *u, const struct iovec *v, int n);

static inline bool
upstream_pending(const struct upstream *u)
{
	return u->staged > u->staged_done;
}

/* Is the connection still usable, as far as a look without waiting tells? */
bool upstream_alive(struct upstream *u);

/* Ends our direction after what was sent, by a FIN or TLS's close_notify (tunnels). */
void upstream_finish(struct upstream *u);

#endif
