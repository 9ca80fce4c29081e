#include "proxy/report.h"

#include "base/clock.h"
#include "base/log.h"
#include "proxy/account.h"
#include "proxy/observe.h"
#include "proxy/shrink.h"
#include "proxy/state.h"

#define PATH_SHOWN ((size_t)200)

static const char *const outcome_names[OUTCOMES] = {
	[OUTCOME_OK] = "ok",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_UPSTREAM_ERROR] = "upstream_error",
	[OUTCOME_UPSTREAM_TIMEOUT] = "upstream_timeout",
	[OUTCOME_TRUNCATED] = "truncated",
	[OUTCOME_CLIENT_GONE] = "client_gone",
	[OUTCOME_CLIENT_SLOW] = "client_slow",
};

static void
count_status(struct counters *c, int status)
{
	if (status == 429)
		c->responses_429++;
	if (status >= 500)
		c->responses_5xx++;
	else if (status >= 400)
		c->responses_4xx++;
	else if (status >= 300)
		c->responses_3xx++;
	else if (status >= 200)
		c->responses_2xx++;
}

static void
count(const struct request *r)
{
	struct counters *const c = r->proxy->counters;

	if (r->status)
		count_status(c, r->status);
	if (r->outcome == OUTCOME_CLIENT_GONE)
		c->clients_gone++;
	if (r->outcome == OUTCOME_CLIENT_SLOW)
		c->clients_slow++;
	shrink_count(r);
	if (r->route.kind == ROUTE_OWN)
		c->requests_own++;
	switch (r->route.provider) {
	case PROVIDER_ANTHROPIC:
		c->requests_anthropic++;
		break;
	case PROVIDER_OPENAI:
		c->requests_openai++;
		break;
	case PROVIDER_GEMINI:
		c->requests_gemini++;
		break;
	case PROVIDER_NONE:
		break;
	}
}

static void
add_times(struct log_line *l, const struct request *r)
{
	const uint64_t now = clock_ns();

	log_milli(l, "ms", (now - r->began) / 1000);
	if (r->sent_at)
		log_milli(l, "sent_ms", (r->sent_at - r->began) / 1000);
	if (r->first_at)
		log_milli(l, "first_ms", (r->first_at - r->began) / 1000);
}

static enum log_level
level_of(const struct request *r)
{
	switch ((enum outcome)r->outcome) {
	case OUTCOME_UPSTREAM_ERROR:
	case OUTCOME_UPSTREAM_TIMEOUT:
	case OUTCOME_TRUNCATED:
		return LOG_WARN;
	default:
		return LOG_INFO;
	}
}

void
report_request(const struct request *r)
{
	const enum log_level level = level_of(r);
	struct log_line l;

	count(r);
	account_request(r);
	if (!log_wants(level))
		return;
	log_begin(&l, level, "request");
	log_span(&l, "method", r->head.method);
	log_span(&l, "path", span_head(r->head.path, PATH_SHOWN));
	if (r->route.provider != PROVIDER_NONE)
		log_str(&l, "upstream", provider_name(r->route.provider));
	if (r->status)
		log_u64(&l, "status", (uint64_t)r->status);
	log_str(&l, "outcome", outcome_names[r->outcome]);
	add_times(&l, r);
	if (r->client) {
		log_u64(&l, "in", r->raw_n + (r->client->received - r->client_in));
		log_u64(&l, "out", r->client->sent + client_waiting(r->client) - r->client_out);
	}
	if (r->route.kind == ROUTE_RELAY) {
		log_u64(&l, "up_out", r->up_out);
		log_u64(&l, "up_in", r->up_in);
		log_bool(&l, "reused", r->reused);
	}
	if (r->retries || r->connects)
		log_u64(&l, "retries", (uint64_t)r->retries + r->connects);
	shrink_report(r, &l);
	observe_report(r, &l);
	log_end(&l);
}

void
report_totals(const struct counters *c)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "totals");
#define COUNTER(member, help)                                                                      \
	if (c->member)                                                                             \
		log_u64(&l, #member, c->member);
#include "stats/counters.def"
#undef COUNTER
	log_end(&l);
}
