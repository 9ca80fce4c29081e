#include "proxy/tunnel.h"

#include <errno.h>

#include "base/clock.h"
#include "proxy/exchange.h"
#include "proxy/forward.h"
#include "proxy/state.h"

#define READ_AT_ONCE (8 * LOOP_SCRATCH)

static enum err
to_client(struct request *r, struct span s)
{
	struct iovec v;

	memcpy(&v.iov_base, &s.p, sizeof s.p);	/* written out, never to */
	v.iov_len = s.n;
	return s.n ? client_send(r->client, &v, 1) : OK;
}

enum step_result
tunnel_begin(struct request *r, const struct head *h, struct span rest)
{
	const struct forward_response f = { .upgrade = true };
	struct buf *const out = &r->proxy->text;

	r->status = h->status;
	r->first_at = clock_ns();
	r->answered = true;
	r->keep_client = r->keep_upstream = false;
	r->proxy->counters->tunnels++;
	buf_clear(out);
	forward_response_head(h, &f, out);
	if (buf_err(out) != OK || to_client(r, buf_span(out)) != OK || to_client(r, rest) != OK)
		return request_break(r, OUTCOME_CLIENT_GONE, ENDING_RESET);
	buf_free(&r->resp);
	buf_clear(&r->up_rest);
	client_set_duplex(r->client);
	return request_go(r, STEP_tunnel);
}

/* ---- client → upstream ---- */

/* Sends what is waiting and then the new bytes; keeps what does not go. False: the
 * upstream is broken. */
static bool
push(struct request *r, struct span bytes)
{
	struct iovec v[2] = { { r->up_rest.p, r->up_rest.n } };

	memcpy(&v[1].iov_base, &bytes.p, sizeof bytes.p);
	v[1].iov_len = bytes.n;
	if (r->tunnel_up_closed)
		return true;
	const ssize_t put = upstream_send(r->up, v, r->up_rest.n || bytes.n ? 2 : 0);
	if (put < 0)
		return false;
	size_t sent = (size_t)put;
	if (sent < r->up_rest.n) {
		buf_consume(&r->up_rest, sent);
		sent = 0;
	} else {
		sent -= r->up_rest.n;
		buf_clear(&r->up_rest);
	}
	buf_add_span(&r->up_rest, span_from(bytes, sent));
	return buf_err(&r->up_rest) == OK;
}

static bool
is_full(const struct request *r)
{
	return r->up_rest.n > 0 || upstream_pending(r->up);
}

void
tunnel_client_finished(struct request *r)
{
	r->tunnel_client_done = true;
	request_wake(r, WAKE_TUNNEL);
}

/* ---- upstream → client ---- */

/* False: the connection is over, one way or the other. */
static bool
pull(struct request *r)
{
	char *const scratch = r->proxy->loop.scratch;
	size_t total = 0;

	/* Nobody reports what is left on a broken connection. */
	while (!r->tunnel_up_done && !r->client->congested &&
	       (total < READ_AT_ONCE || r->up->broken)) {
		const ssize_t n = upstream_recv(r->up, scratch, LOOP_SCRATCH);

		if (n == -EAGAIN)
			break;
		if (n == 0) {
			r->tunnel_up_done = true;
			client_finish(r->client);
			break;
		}
		if (n < 0 || to_client(r, span_of(scratch, (size_t)n)) != OK)
			return false;
		total += (size_t)n;
		if (!upstream_more(r->up, (size_t)n, LOOP_SCRATCH))
			break;
	}
	return true;
}

/* Both directions at every wake-up: which one caused it does not matter. */
enum step_result
step_tunnel(struct request *r)
{
	const struct span in = r->input;

	r->input = span_from(in, in.n);
	if (!push(r, in) || !pull(r))
		return request_break(r, OUTCOME_OK, ENDING_RESET);
	if (r->tunnel_client_done && !r->tunnel_up_closed && !is_full(r)) {
		upstream_finish(r->up);
		r->tunnel_up_closed = true;
	}
	if (r->tunnel_client_done && r->tunnel_up_done) {
		exchange_end(r, false);
		return request_go(r, STEP_finish);
	}
	if (is_full(r) != r->client->paused)
		client_pause(r->client, is_full(r));
	upstream_watch(r->up, !r->tunnel_up_done && !r->client->congested, is_full(r));
	client_set_timeout(r->client, (uint64_t)r->proxy->settings->tunnel_timeout);
	return request_park(r, WAKE_TUNNEL);
}
