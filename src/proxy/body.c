#include "proxy/body.h"

#include <stdlib.h>

#include "base/check.h"
#include "proxy/errors.h"
#include "proxy/state.h"

#define FIRST_BLOCK ((size_t)16 << 10)

bool
body_invite(struct request *r)
{
	static char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
	const struct iovec v = { text, sizeof text - 1 };

	if (!r->expects || r->in.ended)
		return true;
	r->expects = false;
	return client_send(r->client, &v, 1) == OK;
}

void
body_free(struct request *r)
{
	r->proxy->held_total -= r->block_cap;
	free(r->block);
	r->block = NULL;
	r->block_cap = 0;
	r->body = SPAN_NONE;
}

/* The most that this request's body may hold, now. */
static size_t
allowance(const struct request *r)
{
	const struct settings *const s = r->proxy->settings;
	const size_t total = (size_t)s->max_held_total;
	const size_t others = r->proxy->held_total - r->block_cap;
	size_t most = r->route.own ? r->route.own->body_limit : (size_t)s->max_held_body;

	if (total - (others < total ? others : total) < most)
		most = total - (others < total ? others : total);
	return most;
}

/* Makes the block `n` bytes long. False: not allowed, or no memory. */
static bool
resize(struct request *r, size_t n)
{
	if (n > allowance(r))
		return false;
	char *const p = realloc(r->block, n ? n : 1);
	if (!p)
		return false;
	r->proxy->held_total += n - r->block_cap;
	r->block = p;
	r->block_cap = n;
	r->body.p = p;
	return true;
}

/* The body does not fit. Ours: an error, which may be due to what others hold. A
 * provider's: relayed as a stream, what was collected first (P7). */
static enum step_result
too_large(struct request *r)
{
	client_fill(r->client, NULL, 0);
	if (r->route.own && allowance(r) < r->route.own->body_limit)
		return answer_error(r, 503, ERROR_OVERLOADED,
				    "headroom has no memory for this body now (max-held-total); try again "
				    "later.");
	if (r->route.own)
		return answer_error(r, 413, ERROR_TOO_LARGE,
				    "The request body is larger than this endpoint takes (%zu bytes).",
				    r->route.own->body_limit);
	r->held = false;
	return request_go(r, STEP_send);
}

/* Room for `more` bytes of a body whose size is not known before. */
static bool
make_room(struct request *r, size_t more)
{
	const size_t need = r->body.n + more;
	size_t cap = r->block_cap ? r->block_cap + r->block_cap / 2 : FIRST_BLOCK;

	if (need <= r->block_cap)
		return true;
	if (cap < need)
		cap = need;
	if (cap > allowance(r))
		cap = allowance(r);
	return cap >= need && resize(r, cap);
}

/* Moves what came into the block. ERR_NOMEM: there is no room for it; what does
 * not fit is still in r->input. Other failures: bad chunked coding. */
static enum err
collect(struct request *r)
{
	while (r->input.n && !r->in.ended) {
		const struct span before = r->input;
		const struct framing was = r->in;
		struct span data;

		TRY(framing_data(&r->in, &r->input, &data));
		if (data.n == 0)
			continue;
		if (!make_room(r, data.n)) {
			r->in = was;
			r->input = before;
			return ERR_NOMEM;
		}
		/* Not so when it was read to its place. */
		if (data.p != r->block + r->body.n)
			memcpy(r->block + r->body.n, data.p, data.n);
		r->body.n += data.n;
	}
	return OK;
}

static enum step_result
collected(struct request *r)
{
	client_fill(r->client, NULL, 0);
	client_set_timeout(r->client, 0);
	return request_go(r, r->route.own ? STEP_answer : STEP_shrink);
}

/* Begins to hold the body: an exact block when its size is known. */
static bool
begin(struct request *r)
{
	r->held = true;
	if (r->in.kind == HEAD_BODY_LENGTH && !r->block &&
	    (r->in.left > SIZE_MAX || !resize(r, (size_t)r->in.left)))
		return false;
	return true;
}

enum step_result
step_read_body(struct request *r)
{
	const bool wanted = r->route.own ? r->route.own->flags & ADMIN_BODY : r->route.shrinkable;

	if (!wanted)
		return request_go(r, r->route.own ? STEP_answer : STEP_send);
	if (r->in.ended)
		return collected(r);
	if (!r->held) {
		if (!begin(r))
			return too_large(r);
		if (!body_invite(r))
			return request_break(r, OUTCOME_CLIENT_GONE, ENDING_RESET);
	}
	const enum err e = collect(r);
	if (e == ERR_NOMEM)
		return too_large(r);
	if (e != OK)
		return answer_error(r, 400, ERROR_BAD_REQUEST,
				    "The request body is not valid chunked coding.");
	if (r->in.ended)
		return collected(r);
	if (r->in.kind == HEAD_BODY_LENGTH)
		client_fill(r->client, r->block + r->body.n, (size_t)r->in.left);
	client_set_timeout(r->client, (uint64_t)r->proxy->settings->body_timeout);
	return request_park(r, WAKE_INPUT);
}
