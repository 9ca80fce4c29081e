#include "stats/charge.h"

/* The rate of the prompt's token at `at`. One-hour entries come before five-minute
 * ones: a provider refuses them in the other order. */
static uint64_t
rate_at(const struct usage_event *e, const struct price *p, uint64_t at)
{
	if (at < e->cache_read)
		return p->cache_read;
	at -= e->cache_read;
	if (at < e->cache_write_1h)
		return p->cache_write_1h;
	at -= e->cache_write_1h;
	return at < e->cache_write_5m ? p->cache_write : p->input;
}

static int64_t
cost_of(uint64_t tokens, uint64_t rate)
{
	const struct price p = { .input = rate };
	const struct price_tokens t = { .input = tokens };

	return price_of(&p, &t);
}

static int64_t
removed_cost(const struct usage_event *e, const struct price *p, const struct charge_saved *saved)
{
	const uint64_t prompt = event_prompt_tokens(e);
	int64_t sum = 0;

	for (uint64_t i = 0; i < CHARGE_PARTS; i++) {
		const uint64_t middle = (2 * i + 1) * prompt / (2 * CHARGE_PARTS);

		if (saved->part[i])
			sum += cost_of(saved->part[i], rate_at(e, p, middle));
	}
	return sum;
}

void
charge_event(struct usage_event *e, const struct price_list *prices,
	     const struct charge_saved *saved)
{
	const struct price_tokens prompt = { e->uncached, e->cache_read, e->cache_write_5m,
					     e->cache_write_1h, 0 };
	const struct price_tokens hidden = { .input = e->hidden_prompt, .output = e->hidden_output };
	const struct price_tokens output = { .output = e->output };
	const struct price *const p = price_for(prices, &prompt);

	e->prompt_cost = price_of(p, &prompt);
	e->hidden_cost = price_of(p, &hidden);
	e->cost = e->prompt_cost + price_of(p, &output) + e->hidden_cost;
	e->cache_saved_cost = cost_of(e->cache_read, p->input) - cost_of(e->cache_read, p->cache_read);
	e->cache_extra_cost = cost_of(e->cache_write_5m, p->cache_write) -
			      cost_of(e->cache_write_5m, p->input) +
			      cost_of(e->cache_write_1h, p->cache_write_1h) -
			      cost_of(e->cache_write_1h, p->input);
	e->removed_cost = removed_cost(e, p, saved);
	e->saved_cost = e->removed_cost - cost_of(e->tokens_added, rate_at(e, p, 0));
}
