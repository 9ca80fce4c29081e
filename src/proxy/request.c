#include "proxy/request.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/clock.h"
#include "proxy/body.h"
#include "proxy/errors.h"
#include "proxy/exchange.h"
#include "proxy/guard.h"
#include "proxy/observe.h"
#include "proxy/report.h"
#include "proxy/shrink.h"
#include "proxy/state.h"
#include "proxy/tunnel.h"

#define REQUEST_MAGIC 0x72657175u
/* A body up to this size that came with its head stays where it is. */
#define SMALL_BODY ((uint64_t)8192)
#define RAW_KEPT ((size_t)4096)
#define HEAD_GROWTH ((size_t)8192)

/* ---- objects ---- */

struct request *
request_new(struct proxy *p)
{
	struct request *r;
	char *raw = NULL;
	size_t cap = 0;

	if (p->kept_count) {
		r = p->kept[--p->kept_count];
		raw = r->raw;
		cap = r->raw_cap;
	} else {
		r = malloc(sizeof *r);
		if (!r)
			return NULL;
	}
	const struct buf up_head = raw ? r->up_head : (struct buf){ 0 };
	memset(r, 0, offsetof(struct request, head));
	r->magic = REQUEST_MAGIC;
	r->proxy = p;
	r->raw = raw;
	r->raw_cap = cap;
	r->up_head = up_head;
	r->up_head.limit = (size_t)p->settings->max_header_bytes + HEAD_GROWTH;
	buf_init(&r->resp, (size_t)p->settings->max_header_bytes + LOOP_SCRATCH);
	buf_init(&r->up_rest, (size_t)1 << 20);
	r->pieces = r->small;
	p->active++;
	return r;
}

static void
really_free(struct request *r)
{
	free(r->raw);
	buf_free(&r->up_head);
	free(r);
}

/* Runs after the batch: no event names the request any more. */
static void
on_later(struct later *l)
{
	struct request *const r = CONTAINER(l, struct request, later);
	struct proxy *const p = r->proxy;

	if (p->kept_count < REQUESTS_KEPT && r->raw_cap <= RAW_KEPT && r->up_head.cap <= RAW_KEPT) {
		buf_clear(&r->up_head);
		p->kept[p->kept_count++] = r;
	} else {
		really_free(r);
	}
}

void
request_free(struct request *r)
{
	CHECK_OBJ(r, REQUEST_MAGIC);
	CHECK(!r->up && !r->in_worker && !r->call);
	shrink_free(r);
	observe_free(r);
	body_free(r);
	timer_forget(&r->pause);
	buf_free(&r->resp);
	buf_free(&r->up_rest);
	free(r->many);
	r->many = NULL;
	r->magic = 0;
	r->proxy->active--;
	loop_later(&r->proxy->loop, &r->later, on_later);
}

void
requests_free(struct proxy *p)
{
	while (p->kept_count)
		really_free(p->kept[--p->kept_count]);
}

/* ---- the machine ---- */

static enum step_result (*const steps[STEPS])(struct request *r) = {
#define STEP(name) [STEP_##name] = step_##name,
	REQUEST_STEPS
#undef STEP
};

void
request_continue(struct request *r, enum step_result s)
{
	if (s == STEP_MORE)
		request_run(r);
}

void
request_run(struct request *r)
{
	enum step_result s = STEP_MORE;

	CHECK_OBJ(r, REQUEST_MAGIC);
	CHECK(!r->running);
	r->running = true;
	while (s == STEP_MORE) {
		r->parked = WAKE_NONE;
		s = steps[r->step](r);
	}
	if (s == STEP_DONE)
		return;
	r->running = false;
	CHECK(r->parked != WAKE_NONE);
	/* Input that came earlier is waiting with the client. */
	if (r->parked == WAKE_INPUT || r->parked == WAKE_TUNNEL)
		client_pump(r->client);
}

bool
request_wake(struct request *r, enum wake w)
{
	CHECK_OBJ(r, REQUEST_MAGIC);
	if (r->parked != w || r->running)
		return false;
	request_run(r);
	return true;
}

static void
on_pause_over(struct timer *t)
{
	request_wake(CONTAINER(t, struct request, pause), WAKE_TIMER);
}

enum step_result
request_pause(struct request *r, uint64_t ms)
{
	r->pause.fire = on_pause_over;
	loop_arm(&r->proxy->loop, &r->pause, ms);
	return request_park(r, WAKE_TIMER);
}

/* ---- the end ---- */

/* Separates the request from its client; what the client's connection becomes
 * is said by `ending`. */
static void
part(struct request *r, enum ending ending)
{
	struct client *const c = r->client;

	r->client = NULL;
	c->user = NULL;
	if (ending == ENDING_NONE)
		return;
	if (ending == ENDING_RESET)
		client_abort(c);
	else if (r->keep_client)
		client_next(c);
	else
		client_end(c, !r->in.ended || r->early);
}

/* The one way out. What a worker still holds is freed when it comes back. */
static void
end(struct request *r)
{
	const enum ending ending = (enum ending)r->ending;

	exchange_end(r, false);
	timer_forget(&r->pause);
	report_request(r);
	r->parked = WAKE_NONE;
	r->step = STEP_finish;
	if (!r->in_worker)
		request_free(r);
	part(r, ending);
}

enum step_result
step_finish(struct request *r)
{
	end(r);
	return STEP_DONE;
}

enum step_result
request_break(struct request *r, enum outcome o, enum ending ending)
{
	r->outcome = (uint8_t)o;
	r->ending = (uint8_t)ending;
	r->keep_client = false;
	exchange_end(r, false);
	return request_go(r, STEP_finish);
}

void
request_cancel(struct request *r, enum outcome o, enum ending ending)
{
	CHECK_OBJ(r, REQUEST_MAGIC);
	r->outcome = (uint8_t)o;
	r->ending = (uint8_t)ending;
	r->keep_client = false;
	end(r);
}

/* ---- the client's side ---- */

/* Copies the head, and a small body that is whole, out of the input. */
static bool
copy_raw(struct request *r, struct span bytes)
{
	if (bytes.n > r->raw_cap) {
		char *const p = realloc(r->raw, bytes.n);

		if (!p)
			return false;
		r->raw = p;
		r->raw_cap = bytes.n;
	}
	memcpy(r->raw, bytes.p, bytes.n);
	r->raw_n = bytes.n;
	return true;
}

/* Moves a span from the `n` bytes at `from` to their copy. Others (absent, or a
 * constant of the parser's) stay. */
static void
rebase(struct span *s, const char *from, size_t n, const char *to)
{
	const uintptr_t at = (uintptr_t)s->p - (uintptr_t)from;

	if (s->p && at <= n)
		s->p = to + at;
}

static void
rebase_head(struct head *h, const char *from, size_t n, const char *to)
{
	rebase(&h->method, from, n, to);
	rebase(&h->target, from, n, to);
	rebase(&h->path, from, n, to);
	rebase(&h->query, from, n, to);
	for (uint32_t i = 0; i < h->header_count; i++) {
		rebase(&h->headers[i].name, from, n, to);
		rebase(&h->headers[i].value, from, n, to);
	}
}

static bool
take_up(struct request *r, struct client *c, struct span bytes)
{
	struct head *const h = &r->head;
	size_t body = 0;

	framing_init(&r->in, h);
	if (h->body == HEAD_BODY_LENGTH && h->content_length <= SMALL_BODY &&
	    bytes.n - h->size >= h->content_length)
		body = (size_t)h->content_length;
	if (!copy_raw(r, span_head(bytes, h->size + body)))
		return false;
	rebase_head(h, bytes.p, r->raw_n, r->raw);
	if (body) {
		r->in.ended = true;
		r->body = span_of(r->raw + h->size, body);
	}
	r->held = r->in.ended;
	r->head_only = span_eq(h->method, SPAN("HEAD"));
	r->keep_client = h->keep_alive;
	r->expects = h->expect_continue && h->minor > 0;
	r->wants_upgrade = h->upgrade && r->in.ended;
	r->client = c;
	r->client_in = c->received;
	r->client_out = c->sent + client_waiting(c);
	c->user = r;
	return true;
}

static size_t
bad_head(struct client *c, enum head_result res, const char *why)
{
	struct counters *const n = &c->all->loop->counters;
	char text[200];

	n->requests_bad++;
	if (res == HEAD_TOO_LARGE) {
		refuse(c, 431, ERROR_TOO_LARGE,
		       "The request head is too large: max-header-bytes or 128 fields.");
	} else if (res == HEAD_UNSUPPORTED) {
		refuse(c, 505, ERROR_BAD_REQUEST, "headroom speaks HTTP/1.1 and HTTP/1.0 only.");
	} else {
		snprintf(text, sizeof text, "The request is not valid HTTP/1.1: %s.", why);
		refuse(c, 400, ERROR_BAD_REQUEST, text);
	}
	return 0;
}

/* The beginning of a request in the input. */
static size_t
begin(struct client *c, struct span bytes)
{
	struct proxy *const p = c->all->owner;
	struct request *const r = request_new(p);
	const char *why = "malformed";
	size_t scanned = 0;

	if (!r) {
		refuse(c, 503, ERROR_OVERLOADED, "headroom has no memory for another request.");
		return 0;
	}
	const enum head_result res = head_parse_request(
		bytes, (size_t)p->settings->max_header_bytes, &scanned, &r->head, &why);
	if (res == HEAD_MORE) {
		request_free(r);
		if (c->state == CLIENT_IDLE) {
			client_set_state(c, CLIENT_READING);
			client_set_timeout(c, (uint64_t)p->settings->header_timeout);
		}
		return 0;
	}
	if (res != HEAD_DONE) {
		request_free(r);
		return bad_head(c, res, why);
	}
	if (!take_up(r, c, bytes)) {
		request_free(r);
		refuse(c, 503, ERROR_OVERLOADED, "headroom has no memory for another request.");
		return 0;
	}
	const size_t used = r->raw_n;
	r->began = clock_ns();
	p->counters->requests++;
	client_set_state(c, CLIENT_BUSY);
	client_set_timeout(c, 0);
	request_run(r);
	return used;
}

static size_t
on_input(struct client *c, struct span bytes)
{
	struct request *const r = c->user;

	if (!r)
		return begin(c, bytes);
	if (r->parked != WAKE_INPUT && r->parked != WAKE_TUNNEL)
		return 0;
	r->input = bytes;
	if (!request_wake(r, WAKE_INPUT))
		request_wake(r, WAKE_TUNNEL);
	const size_t used = bytes.n - r->input.n;
	r->input = SPAN_NONE;
	return used;
}

static void
on_drained(struct client *c)
{
	struct request *const r = c->user;

	if (r && !request_wake(r, WAKE_DRAINED))
		request_wake(r, WAKE_TUNNEL);
}

static void
on_gone(struct client *c)
{
	struct request *const r = c->user;

	if (r)
		request_cancel(r, r->step == STEP_tunnel ? OUTCOME_OK : OUTCOME_CLIENT_GONE,
			       ENDING_NONE);
}

static void
on_finished(struct client *c)
{
	if (c->user)
		tunnel_client_finished(c->user);
}

/* ---- time-outs ---- */

static void
client_slow(struct request *r)
{
	r->outcome = OUTCOME_CLIENT_SLOW;
	exchange_end(r, false);
	if (r->answered)
		request_cancel(r, OUTCOME_CLIENT_SLOW, ENDING_RESET);
	else
		request_continue(r, answer_error(r, 408, ERROR_CLIENT_SLOW,
						 "The request body did not arrive in time "
						 "(body-timeout)."));
}

static void
upstream_slow(struct request *r)
{
	const char *const who = r->proxy->origins[r->route.provider].authority;

	r->proxy->counters->upstream_timeouts++;
	exchange_end(r, false);
	if (!r->answered) {
		request_continue(r, answer_error(r, 504, ERROR_UPSTREAM_SLOW,
						 r->sent_all ? "%s did not answer in time "
							       "(first-byte-timeout)."
							     : "%s did not take the request in "
							       "time (idle-timeout).",
						 who));
		return;
	}
	observe_end(r, false);
	r->proxy->counters->truncations++;
	request_cancel(r, OUTCOME_TRUNCATED,
		       r->out.kind == HEAD_BODY_CLOSE || r->dechunk ? ENDING_RESET : ENDING_PLAIN);
}

static void
on_timeout(struct client *c)
{
	struct request *const r = c->user;

	if (!r) {
		c->all->loop->counters.requests_bad++;
		refuse(c, 408, ERROR_CLIENT_SLOW,
		       "The request head did not arrive in time (header-timeout).");
		return;
	}
	switch ((enum wake)r->parked) {
	case WAKE_INPUT:
	case WAKE_DRAINED:
		client_slow(r);
		break;
	case WAKE_READABLE:
	case WAKE_WRITABLE:
		upstream_slow(r);
		break;
	case WAKE_TUNNEL:
		request_cancel(r, OUTCOME_OK, ENDING_RESET);
		break;
	default:
		break;
	}
}

const struct client_ops request_client_ops = {
	.input = on_input,
	.drained = on_drained,
	.gone = on_gone,
	.finished = on_finished,
	.timeout = on_timeout,
};

/* ---- the first step ---- */

static enum step_result
method_not_allowed(struct request *r)
{
	struct proxy *const p = r->proxy;
	struct buf allow, body;

	buf_init(&allow, 200);
	buf_init(&body, 1000);
	buf_add_str(&allow, "allow: ");
	route_allow(p->options.routes, p->options.route_count, r->route.own, &allow);
	buf_add_str(&allow, "\r\n");
	error_body(PROVIDER_NONE, 405, ERROR_BAD_REQUEST,
		   "This endpoint does not take this method; see the allow header.", &body);
	r->outcome = OUTCOME_REFUSED;
	const enum step_result s =
		answer(r, 405, "application/json", buf_span(&allow), buf_span(&body));
	buf_free(&allow);
	buf_free(&body);
	return s;
}

enum step_result
step_route(struct request *r)
{
	struct proxy *const p = r->proxy;
	const bool local = guard_is_local(r->client->loopback, &r->head);

	r->route = route_find(p->options.routes, p->options.route_count, &r->head, local);
	switch (r->route.kind) {
	case ROUTE_RELAY:
		break;
	case ROUTE_OWN:
		r->wants_upgrade = false;
		if ((r->route.own->flags & ADMIN_CHANGES) && guard_is_cross_site(&r->head, p->listener.port))
			return answer_error(r, 403, ERROR_FORBIDDEN,
					    "Requests from pages of other sites may not change anything "
					    "here.");
		break;
	case ROUTE_ROOT:
		return answer(r, 200, NULL, SPAN_NONE, SPAN_NONE);
	case ROUTE_METHOD:
		return method_not_allowed(r);
	case ROUTE_NOT_FOUND:
		/* A guarded endpoint must look like one that does not exist. */
		if (route_is_own(r->head.path))
			return answer_error(r, 404, ERROR_NOT_FOUND, "Not Found");
		return answer_error(r, 404, ERROR_NOT_FOUND,
				    "Not Found. Paths under /v1 and /v1beta, and any path with a "
				    "provider's credential, are relayed.");
	case ROUTE_MISFIT:
		return answer_error(r, 404, ERROR_NOT_FOUND,
				    "This request carries another provider's credential than its path "
				    "asks for (%s); it was not forwarded. Send one provider's key to "
				    "that provider's paths.",
				    provider_name(r->route.provider));
	}
	/* A body in memory already goes the shorter way. */
	return request_go(r, STEP_read_body);
}
