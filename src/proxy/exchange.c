#include "proxy/exchange.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "proxy/body.h"
#include "proxy/errors.h"
#include "proxy/forward.h"
#include "proxy/shrink.h"
#include "proxy/state.h"

#define CHUNKS_AT_ONCE 16
#define FIRST_PAUSE_MS 50u

/* ---- head and pieces ---- */

static void
build_head(struct request *r)
{
	const bool changed = shrink_changed(r);
	const struct forward_request f = {
		.origin = &r->proxy->origins[r->route.provider],
		.set_length = r->held && (changed || r->head.body == HEAD_BODY_CHUNKED),
		.length = changed ? shrink_size(r) : r->body.n,
		.drop_encoding = changed,
		.chunked = !r->held && r->head.body == HEAD_BODY_CHUNKED,
		.upgrade = r->wants_upgrade,
	};

	forward_request_head(&r->head, &f, &r->up_head);
}

static void
add_piece(struct request *r, struct span s)
{
	struct iovec *const v = &r->pieces[r->piece_count];

	if (s.n == 0)
		return;
	memcpy(&v->iov_base, &s.p, sizeof s.p);	/* sent from, never written to */
	v->iov_len = s.n;
	r->piece_count++;
}

/* Everything that is known to be sent: head, and the body if it is held. Of a
 * body that was held until it grew too large, the part that is here goes as one
 * chunk. */
static enum err
build_pieces(struct request *r)
{
	const size_t edited = shrink_changed(r) ? shrink_piece_count(r) : 0;

	r->piece = r->piece_count = 0;
	if (edited + 1 > sizeof r->small / sizeof *r->small) {
		free(r->many);
		r->many = malloc((edited + 1) * sizeof *r->many);
		if (!r->many)
			return ERR_NOMEM;
		r->pieces = r->many;
	} else {
		r->pieces = r->small;
	}
	if (!r->held && r->body.n) {
		char line[CHUNKED_HEAD_MAX];

		buf_add(&r->up_head, line, chunked_head(r->body.n, line));
		add_piece(r, buf_span(&r->up_head));
		add_piece(r, r->body);
		add_piece(r, SPAN("\r\n"));
		return buf_err(&r->up_head);
	}
	add_piece(r, buf_span(&r->up_head));
	if (edited)
		for (size_t i = 0; i < edited; i++)
			add_piece(r, shrink_piece(r, i));
	else
		add_piece(r, r->body);
	return OK;
}

static enum err
build(struct request *r)
{
	buf_clear(&r->up_head);
	build_head(r);
	TRY(buf_err(&r->up_head));
	return build_pieces(r);
}

/* ---- the connection ---- */

void
exchange_end(struct request *r, bool keep)
{
	if (!r->up)
		return;
	r->up_in += r->up->received;
	r->up_out += r->up->sent;
	r->up->received = r->up->sent = 0;
	if (keep)
		pool_give(&r->proxy->pool, &r->up);
	else
		upstream_close(&r->up);
}

bool
exchange_can_repeat(const struct request *r)
{
	return r->held || r->in.kind == HEAD_BODY_NONE || !r->body_started;
}

enum step_result
exchange_repeat(struct request *r)
{
	exchange_end(r, false);
	buf_free(&r->resp);
	r->resp_scanned = 0;
	r->sent_all = r->reused = false;
	buf_clear(&r->up_head);
	return request_go(r, STEP_send);
}

static enum step_result
acquire(struct request *r)
{
	struct proxy *const p = r->proxy;
	struct origin *const o = &p->origins[r->route.provider];

	r->up = pool_take(&p->pool, o, &request_upstream_ops, r);
	if (r->up) {
		r->reused = true;
		p->counters->upstream_reused++;
		return STEP_MORE;
	}
	/* While it connects, libcurl keeps the time. */
	client_set_timeout(r->client, 0);
	if (upstream_open(&p->dialer, o, &request_upstream_ops, r, &r->up) != OK)
		return answer_error(r, 503, ERROR_OVERLOADED,
				    "headroom has no memory for another upstream connection; try again.");
	return request_park(r, WAKE_CONNECTED);
}

static enum step_result
connect_error(struct request *r, const struct dial_result *why)
{
	const char *const who = r->proxy->origins[r->route.provider].authority;

	switch (why->failure) {
	case DIAL_TIMEOUT:
		r->proxy->counters->upstream_timeouts++;
		return answer_error(r, 504, ERROR_UPSTREAM_SLOW,
				    "%s could not be reached in time (connect-timeout): %s. Check the "
				    "network and the base URL.",
				    who, why->text);
	case DIAL_NO_ADDRESS:
		return answer_error(r, 502, ERROR_UPSTREAM,
				    "The name of %s does not resolve: %s. Check the base URL and DNS.",
				    who, why->text);
	case DIAL_TLS:
		return answer_error(r, 502, ERROR_UPSTREAM,
				    "No secure connection to %s: %s. If it uses a private authority, name "
				    "it with --extra-ca-file.",
				    who, why->text);
	case DIAL_PROXY:
		return answer_error(r, 502, ERROR_UPSTREAM,
				    "The proxy did not connect to %s: %s. Check HTTPS_PROXY, HTTP_PROXY "
				    "and NO_PROXY.",
				    who, why->text);
	default:
		return answer_error(r, 502, ERROR_UPSTREAM,
				    "No connection to %s: %s. Check that it is up and that the base URL is "
				    "right.",
				    who, why->text);
	}
}

static enum step_result
connect_failed(struct request *r, const struct dial_result *why)
{
	if (!why->passing || r->connects >= r->proxy->settings->connect_retries)
		return connect_error(r, why);
	r->proxy->counters->upstream_retries++;
	return request_pause(r, FIRST_PAUSE_MS << r->connects++);
}

static void
on_connected(void *user)
{
	struct request *const r = user;

	upstream_watch(r->up, true, false);
	request_wake(r, WAKE_CONNECTED);
}

static void
on_failed(void *user, const struct dial_result *why)
{
	struct request *const r = user;

	r->up = NULL;
	request_continue(r, connect_failed(r, why));
}

/* While the request is being sent this is an answer before its time. */
static void
on_readable(void *user)
{
	struct request *const r = user;

	if (request_wake(r, WAKE_READABLE) || request_wake(r, WAKE_TUNNEL))
		return;
	if (r->step == STEP_send) {
		r->step = STEP_relay;
		request_run(r);
	}
}

static void
on_writable(void *user)
{
	struct request *const r = user;

	if (!request_wake(r, WAKE_WRITABLE))
		request_wake(r, WAKE_TUNNEL);
}

const struct upstream_ops request_upstream_ops = {
	.connected = on_connected,
	.failed = on_failed,
	.readable = on_readable,
	.writable = on_writable,
};

/* ---- sending ---- */

static void
advance(struct request *r, size_t sent)
{
	while (sent) {
		struct iovec *const v = &r->pieces[r->piece];
		const size_t n = sent < v->iov_len ? sent : v->iov_len;

		v->iov_base = (char *)v->iov_base + n;
		v->iov_len -= n;
		sent -= n;
		if (v->iov_len == 0)
			r->piece++;
	}
}

/* The connection takes nothing more. It may have answered before it broke. */
static enum step_result
send_broke(struct request *r)
{
	/* Reading the answer overwrites input that lies in the loop's scratch memory:
	 * no request may be read from it any more. */
	if (r->input.n)
		r->keep_client = false;
	client_pause(r->client, true);
	return request_go(r, STEP_relay);
}

static enum step_result
wait_writable(struct request *r)
{
	upstream_watch(r->up, true, true);
	client_set_timeout(r->client, (uint64_t)r->proxy->settings->idle_timeout);
	return request_park(r, WAKE_WRITABLE);
}

static enum step_result
all_sent(struct request *r)
{
	r->sent_all = true;
	r->sent_at = clock_ns();
	upstream_watch(r->up, true, false);
	client_set_timeout(r->client, (uint64_t)r->proxy->settings->first_byte_timeout);
	r->step = STEP_relay;
	/* Nothing can be there yet: the loop says when. */
	return request_park(r, WAKE_READABLE);
}

/* The next stretch of a streamed body as pieces, chunk framing renewed. Returns
 * how many pieces, or -1 when its coding is broken. */
static int
frame_input(struct request *r, struct iovec *v, char (*sizes)[CHUNKED_HEAD_MAX])
{
	static char crlf[] = "\r\n";
	int n = 0;

	for (int i = 0; i < CHUNKS_AT_ONCE && r->input.n && !r->in.ended; i++) {
		struct span data;

		if (framing_data(&r->in, &r->input, &data) != OK)
			return -1;
		if (data.n && r->in.kind == HEAD_BODY_CHUNKED)
			v[n++] = (struct iovec){ sizes[i], chunked_head(data.n, sizes[i]) };
		if (data.n) {
			memcpy(&v[n].iov_base, &data.p, sizeof data.p);
			v[n++].iov_len = data.n;
		}
		if (data.n && r->in.kind == HEAD_BODY_CHUNKED)
			v[n++] = (struct iovec){ crlf, 2 };
	}
	return n;
}

/* Passes on what the client just sent; what the upstream does not take is kept
 * and becomes the next piece. */
static enum step_result
pass_input(struct request *r)
{
	struct iovec v[3 * CHUNKS_AT_ONCE + 1];
	char sizes[CHUNKS_AT_ONCE][CHUNKED_HEAD_MAX];
	static char last[] = CHUNKED_LAST;
	int n = frame_input(r, v, sizes);

	if (n < 0)
		return answer_error(r, 400, ERROR_BAD_REQUEST,
				    "The request body is not valid chunked coding.");
	if (r->in.ended && r->in.kind == HEAD_BODY_CHUNKED)
		v[n++] = (struct iovec){ last, sizeof last - 1 };
	r->body_started = true;
	const ssize_t put = n ? upstream_send(r->up, v, n) : 0;
	if (put < 0)
		return send_broke(r);
	buf_clear(&r->up_rest);
	size_t skip = (size_t)put;
	for (int i = 0; i < n; i++) {
		const size_t off = skip < v[i].iov_len ? skip : v[i].iov_len;

		buf_add(&r->up_rest, (char *)v[i].iov_base + off, v[i].iov_len - off);
		skip -= off;
	}
	if (buf_err(&r->up_rest) != OK)
		return answer_error(r, 503, ERROR_OVERLOADED,
				    "headroom has no memory to relay this upload; try again.");
	r->pieces = r->small;
	r->piece = r->piece_count = 0;
	add_piece(r, buf_span(&r->up_rest));
	return STEP_MORE;
}

static enum step_result
wait_input(struct request *r)
{
	if (!body_invite(r))
		return request_break(r, OUTCOME_CLIENT_GONE, ENDING_RESET);
	upstream_watch(r->up, true, false);
	client_set_timeout(r->client, (uint64_t)r->proxy->settings->body_timeout);
	if (r->client->paused)
		client_pause(r->client, false);
	return request_park(r, WAKE_INPUT);
}

static enum step_result
push(struct request *r)
{
	while (r->piece < r->piece_count) {
		const uint32_t n = r->piece_count - r->piece;
		const ssize_t put = upstream_send(r->up, r->pieces + r->piece,
						  (int)(n < SEND_PIECES ? n : SEND_PIECES));

		if (put < 0)
			return send_broke(r);
		advance(r, (size_t)put);
		if (put == 0)
			break;
	}
	if (upstream_pending(r->up) && upstream_send(r->up, NULL, 0) < 0)
		return send_broke(r);
	if (r->piece < r->piece_count || upstream_pending(r->up)) {
		/* A streaming client waits with us. */
		if (!r->held && !r->in.ended && !r->client->paused)
			client_pause(r->client, true);
		return wait_writable(r);
	}
	if (r->held || r->in.ended)
		return all_sent(r);
	return r->input.n ? pass_input(r) : wait_input(r);
}

enum step_result
step_send(struct request *r)
{
	if (r->up_head.n == 0 && build(r) != OK)
		return answer_error(r, 503, ERROR_OVERLOADED,
				    "headroom has no memory to forward this request; try again.");
	if (!r->up) {
		const enum step_result s = acquire(r);

		if (s != STEP_MORE || r->step != STEP_send)
			return s;
	}
	return push(r);
}
