/* One request and its life: a table of named steps. */
#ifndef HR_PROXY_REQUEST_H
#define HR_PROXY_REQUEST_H

#include "base/arena.h"
#include "net/client.h"
#include "net/pool.h"
#include "net/workers.h"
#include "proxy/framing.h"
#include "proxy/proxy.h"
#include "proxy/route.h"

struct shrink;
struct usage_observer;

/* The steps, in order. Each has a function step_NAME in the file named. */
#define REQUEST_STEPS                                                                              \
	STEP(route)	/* route.c: whose is it? */                                                \
	STEP(read_body)	/* body.c: collect the body, if it is to be held */                        \
	STEP(answer)	/* admin_call.c: endpoints of our own */                                   \
	STEP(shrink)	/* shrink.c: the body's replacement */                                     \
	STEP(send)	/* exchange.c: a connection, head and body */                              \
	STEP(relay)	/* relay.c: the response */                                                \
	STEP(tunnel)	/* tunnel.c: bytes both ways after 101 */                                  \
	STEP(finish)	/* request.c: count, log, let go */

enum step {
#define STEP(name) STEP_##name,
	REQUEST_STEPS
#undef STEP
	STEPS,
};

enum step_result {
	STEP_MORE,	/* run the step that r->step names */
	STEP_PARKED,	/* wait for what r->parked names */
	STEP_DONE,	/* the request is gone */
};

/* The one thing that a parked request waits for. */
enum wake {
	WAKE_NONE,
	WAKE_INPUT,		/* the client sends */
	WAKE_DRAINED,		/* the client has taken enough */
	WAKE_CONNECTED,		/* the upstream is reached, or is not */
	WAKE_READABLE,		/* the upstream answers */
	WAKE_WRITABLE,		/* the upstream takes more */
	WAKE_WORKER,		/* a worker is done */
	WAKE_STORE,		/* the store has recorded */
	WAKE_TIMER,		/* a pause is over */
	WAKE_TUNNEL,		/* either side of a tunnel: the exception */
};

/* How it ended; for the log and the counters. */
enum outcome {
	OUTCOME_OK,
	OUTCOME_REFUSED,	/* an error answer of ours to a request we do not take */
	OUTCOME_UPSTREAM_ERROR,	/* 502 or 503 of ours */
	OUTCOME_UPSTREAM_TIMEOUT,
	OUTCOME_TRUNCATED,	/* the upstream broke its response off */
	OUTCOME_CLIENT_GONE,
	OUTCOME_CLIENT_SLOW,
	OUTCOMES,
};

/* What becomes of the client's connection. */
enum ending {
	ENDING_PLAIN,		/* kept if keep_client, else closed after the last byte */
	ENDING_RESET,		/* reset, so that the response does not look complete */
	ENDING_NONE,		/* it is gone, or somebody else closes it */
};

#define SEND_PIECES 64

struct request {
	uint32_t magic;
	uint8_t step;			/* enum step */
	uint8_t parked;			/* enum wake */
	uint8_t outcome;		/* enum outcome */
	uint8_t retries;		/* statuses waited out */
	uint8_t connects;		/* connections tried and failed */
	bool running;
	bool head_only;			/* the method is HEAD */
	bool expects;			/* 100 Continue is owed */
	bool held;			/* the body is in memory, whole, before it is sent */
	bool replaced;			/* a broken kept connection was replaced */
	bool reused;			/* this exchange runs on a kept connection */
	bool sent_all;
	bool early;			/* the response came before the request was sent */
	bool wants_upgrade;		/* the head asks for another protocol */
	bool body_started;		/* streaming: bytes of the body were taken */
	bool answered;			/* a response head went to the client */
	bool keep_client;
	bool keep_upstream;
	bool dechunk;			/* the client does not know chunked coding */
	bool tunnel_client_done;	/* the client sends nothing more */
	bool tunnel_up_done;		/* the upstream sends nothing more */
	bool tunnel_up_closed;		/* it was told that nothing more comes */
	uint8_t ending;			/* enum ending */
	bool in_worker;			/* a job or the store holds it: it must outlive them */
	struct proxy *proxy;
	struct client *client;		/* NULL once it is over */
	struct later later;

	/* What was asked. */
	struct route route;
	struct framing in;		/* progress of the client's body */
	struct span input;		/* WAKE_INPUT: what came; the step moves it on */
	char *raw;			/* the head's bytes, and a small body that came with it */
	size_t raw_n, raw_cap;
	struct span body;		/* held: its content */
	char *block;			/* held: what body points into, if not raw */
	size_t block_cap;

	/* What is sent: pieces in order, from `piece` on. */
	struct buf up_head;
	struct buf up_rest;		/* streaming: what the upstream has not taken */
	struct iovec small[4];
	struct iovec *pieces;
	uint32_t piece, piece_count;
	struct iovec *many;		/* pieces, when `small` is not enough */

	struct shrink *shrink;		/* the work on the body; NULL when there is none */
	struct job job;			/* for ADMIN_WORKER calls */
	struct admin_call *call;

	/* The exchange. */
	struct upstream *up;
	struct timer pause;		/* WAKE_TIMER */
	struct buf resp;		/* a response head that is not complete */
	size_t resp_scanned;
	struct framing out;		/* progress of the upstream's body */
	struct usage_observer *usage;	/* reads it on the side; NULL: not looked at */
	int status;			/* sent to the client; 0: none yet */

	/* For the log. */
	uint64_t began, sent_at, first_at;	/* ns; 0: not yet */
	uint64_t client_in, client_out;		/* the connection's counts at the beginning */
	uint64_t up_in, up_out;			/* bytes of closed exchanges */

	struct head head;		/* into raw */
};

extern const struct client_ops request_client_ops;
extern const struct upstream_ops request_upstream_ops;

/* Runs the steps from r->step on until it parks or is gone. */
void request_run(struct request *r);

/* Goes on from an event handler with what a step would have returned. */
void request_continue(struct request *r, enum step_result s);

/* The wake-up source `w` has happened: runs on if the request waits for it.
 * Returns false if it does not. */
bool request_wake(struct request *r, enum wake w);

static inline enum step_result
request_park(struct request *r, enum wake w)
{
	r->parked = (uint8_t)w;
	return STEP_PARKED;
}

/* Parks for `ms`, then runs the same step again. */
enum step_result request_pause(struct request *r, uint64_t ms);

static inline enum step_result
request_go(struct request *r, enum step s)
{
	r->step = (uint8_t)s;
	return STEP_MORE;
}

/* Ends it now, from outside of its steps (client gone, time up, shutdown): legal
 * in every step. With ENDING_NONE the client's connection is the caller's to
 * close. */
void request_cancel(struct request *r, enum outcome o, enum ending ending);

/* For steps: ends it from within; the response cannot be completed. */
enum step_result request_break(struct request *r, enum outcome o, enum ending ending);

/* Request objects are kept for reuse; all are given back at the end. */
struct request *request_new(struct proxy *p) MUST_CHECK;

/* After its end, once neither an upstream nor a worker holds it. */
void request_free(struct request *r);
void requests_free(struct proxy *p);

#define STEP(name) enum step_result step_##name(struct request *r);
REQUEST_STEPS
#undef STEP

#endif
