/* One connection from a client: bytes in, bytes out, and its end. Knows nothing
 * of HTTP. */
#ifndef HR_NET_CLIENT_H
#define HR_NET_CLIENT_H

#include <sys/uio.h>

#include "base/buf.h"
#include "base/settings.h"
#include "net/loop.h"

struct client;

/* A state is the list that the client stands in; only client.c changes it. */
enum client_state {
	CLIENT_IDLE,		/* no byte of a next request was seen */
	CLIENT_READING,		/* part of a request head was */
	CLIENT_BUSY,		/* a request is being worked on */
	CLIENT_FLUSHING,	/* its last bytes are being written; then it ends */
	CLIENT_LINGER,		/* our end is closed; its input is discarded for a while */
	CLIENT_CLOSED,
	CLIENT_STATES,		/* how many */
};

/* The protocol above. Called from the loop; each may end the client. */
struct client_ops {
	/* Input, from the first byte not used yet. Returns how many bytes were
	 * used; what is not comes again with more, or on client_pump. Called
	 * again at once as long as it uses some. */
	size_t (*input)(struct client *c, struct span bytes);
	/* After congestion, enough was written. */
	void (*drained)(struct client *c);
	/* The client left or its connection broke, in CLIENT_BUSY; it is closed
	 * when this returns. */
	void (*gone)(struct client *c);
	/* A duplex client sends nothing more; it still reads. */
	void (*finished)(struct client *c);
	/* Its time is up, in CLIENT_READING or CLIENT_BUSY. */
	void (*timeout)(struct client *c);
};

/* All clients of one loop. */
struct clients {
	struct loop *loop;
	const struct settings *settings;
	const struct client_ops *ops;
	void *owner;
	struct list in_state[CLIENT_STATES];
	uint32_t count;			/* open ones */
	bool draining;			/* none is kept open after its request */
	void (*empty)(struct clients *all);	/* the last one closed; may be NULL */
};

/* Members but `user` are client.c's; others read them. */
struct client {
	uint32_t magic;
	int fd;
	struct clients *all;
	struct list link;
	uv_poll_t poll;
	struct timer timer;
	struct buf in;			/* read, not used yet */
	struct buf out;			/* accepted, not written yet */
	size_t out_done;		/* of `out`: written */
	char *fill;			/* where the next input goes instead of scratch */
	size_t fill_n;
	uint64_t received, sent;	/* bytes */
	int events;
	uint8_t state;
	bool loopback;			/* the peer's address is this machine's loopback */
	bool paused;			/* the protocol wants no input */
	bool congested;			/* over the high-water mark; `drained` is owed */
	bool pumping;
	bool dead;			/* a write failed: nothing can be sent any more */
	bool linger;			/* discard input before closing */
	bool abort;			/* end with a reset */
	bool duplex;			/* each direction ends by itself */
	bool eof;			/* duplex: its direction has ended */
	bool fin;			/* duplex: ours ends after what is waiting */
	void *user;			/* the protocol's */
};

void clients_init(struct clients *all, struct loop *l, const struct settings *s,
		  const struct client_ops *ops, void *owner);

/* Takes over a connected socket. ERR_NOMEM: the socket is still the caller's. */
enum err client_open(struct clients *all, int fd, bool loopback) MUST_CHECK;

/* A request head has begun (CLIENT_READING), a request is taken up
 * (CLIENT_BUSY). Others are entered by client_next and client_end. */
void client_set_state(struct client *c, enum client_state s);

/* ops->timeout in `ms` unless set again; 0: never. */
void client_set_timeout(struct client *c, uint64_t ms);

/* Writes the pieces in order, as much as goes at once; the rest is copied and
 * follows by itself. ERR_IO: the connection is broken (ops->gone is not
 * called for it); ERR_NOMEM. Look at c->congested afterwards. */
enum err client_send(struct client *c, const struct iovec *v, int n) MUST_CHECK;

/* Bytes accepted but not written yet. */
static inline size_t
client_waiting(const struct client *c)
{
	return c->out.n - c->out_done;
}

/* Stops and resumes input. While stopped, a leaving client is still noticed. */
void client_pause(struct client *c, bool stop);

/* Has the next `n` bytes of input read straight to `p` (given to ops->input as
 * usual, which then uses them all). n == 0 ends it. */
void client_fill(struct client *c, char *p, size_t n);

/* Offers the input that is held to ops->input again. */
void client_pump(struct client *c);

/* From now on the client's end of stream is not its leaving (tunnels). */
void client_set_duplex(struct client *c);

/* Duplex: sends the end of stream behind what is waiting. */
void client_finish(struct client *c);

/* The request is over and the connection stays: waits for the next one. */
void client_next(struct client *c);

/* The request is over and so is the connection, once everything is written.
 * `linger`: input may still be on its way, so that closing at once would reset
 * the connection and cost the client the answer. */
void client_end(struct client *c, bool linger);

/* Like client_end, with a reset: for a response that must not look complete. */
void client_abort(struct client *c);

/* At once, whatever is not written. */
void client_close(struct client *c);

/* Keeps no client after its request, closes idle ones now. */
void clients_drain(struct clients *all);

/* Closes every client now. BUSY ones are told `gone`. */
void clients_close(struct clients *all);

#endif
