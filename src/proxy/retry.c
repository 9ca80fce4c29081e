#include "proxy/retry.h"

#include "proxy/exchange.h"
#include "proxy/state.h"

#define DEFAULT_WAIT_MS 1000u

/* Retry-After in milliseconds; a date or nonsense counts as absent. */
static bool
retry_after(const struct head *h, uint64_t *ms)
{
	const struct span v = head_get(h, SPAN("retry-after"));
	uint64_t s = 0;

	if (!v.p || v.n == 0)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] < '0' || v.p[i] > '9' || i > 8)
			return false;
		s = s * 10 + (uint64_t)(v.p[i] - '0');
	}
	*ms = s * 1000;
	return true;
}

static uint64_t
wait_for(const struct request *r, const struct head *h)
{
	uint64_t ms;

	return retry_after(h, &ms) ? ms : DEFAULT_WAIT_MS << r->retries;
}

bool
retry_wanted(const struct request *r, const struct head *h)
{
	const struct settings *const s = r->proxy->settings;

	if (!s->retry_status || r->retries >= s->retry_max || !r->sent_all || r->wants_upgrade)
		return false;
	if (h->status != 429 && h->status != 503 && h->status != 529)
		return false;
	return (r->held || r->in.kind == HEAD_BODY_NONE) &&
	       wait_for(r, h) <= (uint64_t)s->retry_after_max;
}

enum step_result
retry_begin(struct request *r, const struct head *h)
{
	const uint64_t ms = wait_for(r, h);

	r->retries++;
	r->proxy->counters->upstream_retries++;
	exchange_repeat(r);
	client_set_timeout(r->client, 0);
	return request_pause(r, ms);
}
