#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "proxy/body.h"
#include "proxy/errors.h"
#include "proxy/exchange.h"
#include "proxy/forward.h"
#include "proxy/observe.h"
#include "proxy/retry.h"
#include "proxy/shrink.h"
#include "proxy/state.h"
#include "proxy/tunnel.h"

/* One connection is not read for longer than this at a stretch. */
#define READ_AT_ONCE (8 * LOOP_SCRATCH)
#define HEAD_SPARE ((size_t)4096)

/* ---- the head ---- */

/* The upstream named how long it keeps idle connections: go a second before. */
static void
note_keep_alive(struct request *r, const struct head *h)
{
	struct span v = head_get(h, SPAN("keep-alive"));
	uint64_t s = 0;

	if (!v.p)
		return;
	for (size_t i = 0; i + 8 < v.n; i++)
		if (strncasecmp(v.p + i, "timeout=", 8) == 0) {
			for (i += 8; i < v.n && v.p[i] >= '0' && v.p[i] <= '9' && s < 100000; i++)
				s = s * 10 + (uint64_t)(v.p[i] - '0');
			r->up->keep_ms = s > 1 ? (s - 1) * 1000 : 1;
			return;
		}
}

/* Decides how the response ends and whether the connections outlive it. */
static void
plan(struct request *r, const struct head *h)
{
	r->status = h->status;
	r->first_at = clock_ns();
	r->early = !r->sent_all;
	if (r->early)
		r->proxy->counters->early_responses++;
	framing_init(&r->out, h);
	r->dechunk = h->body == HEAD_BODY_CHUNKED && r->head.minor == 0;
	/* After a refused upgrade servers differ about what the connection is. */
	r->keep_upstream = h->keep_alive && !r->early && h->body != HEAD_BODY_CLOSE &&
			   !r->wants_upgrade;
	r->keep_client = r->keep_client && !r->early && r->in.ended && !r->dechunk &&
			 h->body != HEAD_BODY_CLOSE && !r->client->all->draining;
	note_keep_alive(r, h);
}

/* Sends the head with the body bytes that came with it, in one write. */
static enum err
send_head(struct request *r, const struct head *h, struct span body)
{
	struct buf *const out = &r->proxy->text;
	struct buf *const extra = &r->proxy->extra;
	struct iovec v[2];

	buf_clear(out);
	buf_clear(extra);
	shrink_headers(r, extra);
	const struct forward_response f = {
		.close = !r->keep_client,
		.keep_alive = r->keep_client && r->head.minor == 0,
		.chunked = h->body == HEAD_BODY_CHUNKED && !r->dechunk,
		.extra = buf_span(extra),
	};
	forward_response_head(h, &f, out);
	TRY(buf_err(out));
	v[0] = (struct iovec){ out->p, out->n };
	memcpy(&v[1].iov_base, &body.p, sizeof body.p);	/* written out, never to */
	v[1].iov_len = body.n;
	r->answered = true;
	return client_send(r->client, v, body.n ? 2 : 1);
}

/* ---- the body ---- */

/* Sends the content of chunked coding without its framing. */
static enum err
send_dechunked(struct request *r, struct span *in, bool *bad)
{
	while (in->n && !r->out.ended) {
		struct span data;
		struct iovec v;

		*bad = framing_data(&r->out, in, &data) != OK;
		if (*bad)
			return OK;
		if (data.n == 0)
			continue;
		if (r->usage)
			observe_data(r, data);
		memcpy(&v.iov_base, &data.p, sizeof data.p);
		v.iov_len = data.n;
		TRY(client_send(r->client, &v, 1));
	}
	return OK;
}

/* The response is whole. What the upstream sent beyond it answers nothing. */
static enum step_result
complete(struct request *r, struct span rest)
{
	observe_end(r, true);
	exchange_end(r, r->keep_upstream && rest.n == 0);
	return request_go(r, STEP_finish);
}

/* The upstream broke its response off: the client sees just that. */
static enum step_result
truncated(struct request *r)
{
	const bool looks_complete = r->out.kind == HEAD_BODY_CLOSE || r->dechunk;

	observe_end(r, false);
	r->proxy->counters->truncations++;
	r->keep_client = false;
	return request_break(r, OUTCOME_TRUNCATED, looks_complete ? ENDING_RESET : ENDING_PLAIN);
}

static enum step_result
after_body(struct request *r, enum err sent, bool bad, struct span rest)
{
	if (sent == ERR_IO)
		return request_break(r, OUTCOME_CLIENT_GONE, ENDING_RESET);
	if (sent != OK || bad)
		return truncated(r);
	if (r->out.ended)
		return complete(r, rest);
	return STEP_MORE;
}

static enum step_result
pass_body(struct request *r, struct span in)
{
	bool bad = false;
	enum err e = OK;

	if (r->dechunk) {
		e = send_dechunked(r, &in, &bad);
	} else {
		struct span raw;
		struct iovec v;

		bad = framing_pass(&r->out, &in, &raw, r->usage ? observe_data : NULL, r) != OK;
		memcpy(&v.iov_base, &raw.p, sizeof raw.p);
		v.iov_len = raw.n;
		if (raw.n)
			e = client_send(r->client, &v, 1);
	}
	return after_body(r, e, bad, in);
}

/* A final response head: passes it on with what of the body stands behind it. */
static enum step_result
begin_response(struct request *r, const struct head *h, struct span rest)
{
	struct span raw = SPAN_NONE;
	bool bad = false;

	if (retry_wanted(r, h))
		return retry_begin(r, h);
	plan(r, h);
	/* It is never sent again: a long stream must not keep a large body. */
	body_free(r);
	shrink_release(r);
	observe_begin(r, h);
	if (!r->dechunk)
		bad = framing_pass(&r->out, &rest, &raw, r->usage ? observe_data : NULL, r) != OK;
	const enum err e = send_head(r, h, raw);
	if (e == OK && r->dechunk && !r->out.ended)
		return pass_body(r, rest);
	return after_body(r, e, bad, rest);
}

static enum step_result
bad_response(struct request *r, const char *why)
{
	const char *const who = r->proxy->origins[r->route.provider].authority;

	exchange_end(r, false);
	return answer_error(r, 502, ERROR_UPSTREAM,
			    "%s did not answer with HTTP that can be passed on: %s. Check the base URL.",
			    who, why);
}

/* Reads response heads from the front of `in` until the final one. `in` is all of
 * r->resp, or bytes that are not in it while it is empty. */
static enum step_result
read_head(struct request *r, struct span in)
{
	const size_t limit = (size_t)r->proxy->settings->max_header_bytes;
	struct head *const h = &r->proxy->head;

	for (;;) {
		const char *why = "it is malformed";

		switch (head_parse_response(in, limit, &r->resp_scanned, r->head_only, h, &why)) {
		case HEAD_MORE:
			if (r->resp.n)
				buf_consume(&r->resp, r->resp.n - in.n);
			else
				buf_add_span(&r->resp, in);
			return buf_err(&r->resp) == OK ? STEP_MORE : bad_response(r, "no memory");
		case HEAD_DONE:
			break;
		case HEAD_TOO_LARGE:
			return bad_response(r, "its head is over max-header-bytes");
		case HEAD_BAD:
		case HEAD_UNSUPPORTED:
			return bad_response(r, why);
		}
		r->resp_scanned = 0;
		in = span_from(in, h->size);
		if (h->status == 101)
			return r->wants_upgrade ? tunnel_begin(r, h, in)
						: bad_response(r, "it changed the protocol unasked");
		if (h->status >= 200)
			break;
	}
	return begin_response(r, h, in);
}

static enum step_result
take(struct request *r, struct span bytes)
{
	if (r->answered)
		return pass_body(r, bytes);
	if (r->resp.n == 0)
		return read_head(r, bytes);
	buf_add_span(&r->resp, bytes);
	if (buf_err(&r->resp) != OK)
		return bad_response(r, "its head is too large");
	const enum step_result s = read_head(r, buf_span(&r->resp));
	if (r->answered || r->step != STEP_relay)
		buf_free(&r->resp);
	return s;
}

/* ---- the end of the connection ---- */

/* The connection ended before a response began. */
static enum step_result
no_response(struct request *r, ssize_t why)
{
	const char *const who = r->proxy->origins[r->route.provider].authority;

	if (r->reused && !r->sent_all && !r->replaced && r->resp.n == 0 && exchange_can_repeat(r)) {
		r->replaced = true;
		r->proxy->counters->upstream_replaced++;
		return exchange_repeat(r);
	}
	exchange_end(r, false);
	return answer_error(r, 502, ERROR_UPSTREAM,
			    "%s closed the connection %s (%s). The request may have been carried out; "
			    "send it again if that does no harm.",
			    who, r->resp.n ? "in the middle of its response head" : "without an answer",
			    why == 0 ? "end of stream" : strerror((int)-why));
}

static enum step_result
ended(struct request *r, ssize_t why)
{
	r->keep_upstream = false;
	if (!r->answered)
		return no_response(r, why);
	if (why == 0 && framing_complete_at_eof(&r->out))
		return complete(r, SPAN_NONE);
	return truncated(r);
}

/* ---- the step ---- */

static enum step_result
wait_drained(struct request *r)
{
	upstream_watch(r->up, false, false);
	client_set_timeout(r->client, (uint64_t)r->proxy->settings->client_write_timeout);
	return request_park(r, WAKE_DRAINED);
}

static enum step_result
wait_readable(struct request *r)
{
	const struct settings *const s = r->proxy->settings;

	/* Nothing final yet, and the request is not out: go on sending. */
	if (!r->sent_all && !r->answered)
		return request_go(r, STEP_send);
	upstream_watch(r->up, true, false);
	client_set_timeout(r->client, (uint64_t)(r->answered || r->resp.n ? s->idle_timeout
									  : s->first_byte_timeout));
	return request_park(r, WAKE_READABLE);
}

enum step_result
step_relay(struct request *r)
{
	char *const scratch = r->proxy->loop.scratch;
	size_t total = 0;

	for (;;) {
		if (r->client->congested)
			return wait_drained(r);
		const ssize_t n = upstream_recv(r->up, scratch, LOOP_SCRATCH);
		if (n == -EAGAIN)
			break;
		if (n <= 0)
			return ended(r, n);
		const enum step_result s = take(r, span_of(scratch, (size_t)n));
		if (s != STEP_MORE || r->step != STEP_relay)
			return s;
		total += (size_t)n;
		if (!upstream_more(r->up, (size_t)n, LOOP_SCRATCH))
			break;
		if (total >= READ_AT_ONCE && !r->up->broken)
			break;
	}
	return r->client->congested ? wait_drained(r) : wait_readable(r);
}
