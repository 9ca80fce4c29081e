#include "proxy/account.h"

#include "base/clock.h"
#include "proxy/shrink.h"
#include "proxy/state.h"
#include "stats/charge.h"
#include "tokens/model.h"
#include "wire/usage.h"

/* A token of JSON and prose has some four bytes: for requests without figures. */
#define BYTES_PER_TOKEN 4

static enum event_outcome
outcome_of(const struct request *r)
{
	switch ((enum outcome)r->outcome) {
	case OUTCOME_UPSTREAM_ERROR:
	case OUTCOME_UPSTREAM_TIMEOUT:
		return EVENT_FAILED;
	case OUTCOME_TRUNCATED:
		return EVENT_TRUNCATED;
	case OUTCOME_CLIENT_GONE:
	case OUTCOME_CLIENT_SLOW:
		return EVENT_CLIENT_GONE;
	case OUTCOME_OK:
	case OUTCOME_REFUSED:
	case OUTCOMES:
		break;
	}
	return EVENT_OK;
}

/* ---- who asked ---- */

/* "claude-cli/2.1 (external)" is claude-cli. */
static struct span
client_of(const struct head *h)
{
	const struct span named = head_get(h, SPAN("x-client"));
	struct span agent = span_trim(named.p ? named : head_get(h, SPAN("user-agent")));
	size_t n = 0;

	while (n < agent.n && agent.p[n] != '/' && agent.p[n] != ' ')
		n++;
	return span_head(agent, n);
}

/* The path without what stands for one thing in particular: its first two parts, as in
 * /v1/messages, and nothing of the query. */
static struct span
path_of(const struct head *h)
{
	const struct span path = span_head(h->path, span_find(h->path, '?'));
	unsigned slashes = 0;

	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/' && ++slashes == 4)
			return span_head(path, i);
	return path;
}

/* ---- tokens ---- */

static uint64_t
known(int64_t figure)
{
	return figure > 0 ? (uint64_t)figure : 0;
}

static void
add_usage(struct usage_event *e, const struct usage *u)
{
	const uint64_t written = known(u->cache_creation_tokens);

	e->uncached = known(u->input_tokens);
	e->cache_read = known(u->cache_read_tokens);
	e->cache_write_1h = known(u->cache_creation_1h_tokens);
	/* Where the lifetimes are not told apart it is the usual one. */
	e->cache_write_5m = known(u->cache_creation_5m_tokens);
	if (e->cache_write_5m + e->cache_write_1h < written)
		e->cache_write_5m = written - e->cache_write_1h;
	e->output = known(u->output_tokens);
}

static bool
has_figures(const struct request *r)
{
	return r->usage && (r->usage->seen.input_tokens != USAGE_UNKNOWN ||
			    r->usage->seen.output_tokens != USAGE_UNKNOWN);
}

static uint64_t
scaled(uint64_t tokens, double scale)
{
	return (uint64_t)((double)tokens * scale + 0.5);
}

/* Where nothing was charged nothing was saved. */
static void
add_saved(struct usage_event *e, const struct ledger_counts *n, const struct tokens_model *m,
	  struct charge_saved *saved)
{
	e->tokens_before = scaled(n->tokens_before, m->scale);
	e->tokens_after = scaled(n->tokens_after, m->scale);
	e->flags |= m->exact ? EVENT_EXACT : 0;
	for (int i = 0; i < LEDGER_PARTS; i++)
		saved->part[i] = scaled(n->saved[i], m->scale);
	for (unsigned i = 0; i < COMPRESS_FORMS; i++)
		event_tally_add(&e->form_saved, i, (uint32_t)scaled(n->saved_by_form[i], m->scale));
}

_Static_assert(LEDGER_PARTS == CHARGE_PARTS, "the same parts");

static void
add_reasons(struct usage_event *e, const struct ledger_counts *n)
{
	e->blocks = n->blocks;
	e->replayed = n->replayed;
	e->compressed = n->compressed;
	for (unsigned i = 0; i < COMPRESS_FORMS; i++)
		event_tally_add(&e->why, EVENT_WHY_FORM + i, n->by_form[i]);
	for (unsigned i = 0; i < LEDGER_SKIPS; i++)
		event_tally_add(&e->why, EVENT_WHY_SKIP + i, n->skipped[i]);
	for (unsigned i = 0; i < COMPRESS_REASONS; i++)
		event_tally_add(&e->why, EVENT_WHY_REASON + i, n->verbatim[i]);
}

static void
add_tokens(struct usage_event *e, const struct request *r, struct span model,
	   struct charge_saved *saved)
{
	const struct ledger_counts *const n = shrink_counts(r);
	const struct tokens_model m = tokens_for_model(model);
	const bool charged = r->status >= 200 && r->status < 300;

	if (has_figures(r)) {
		add_usage(e, &r->usage->seen);
	} else if (charged && r->route.shrinkable) {
		e->flags |= EVENT_ESTIMATED;
		e->uncached = e->bytes_in / BYTES_PER_TOKEN;
	}
	if (!n)
		return;
	add_reasons(e, n);
	if (charged)
		add_saved(e, n, &m, saved);
}

/* ---- money ---- */

static void
add_costs(struct usage_event *e, struct proxy *p, const struct request *r, struct span model,
	  const struct charge_saved *saved)
{
	const enum provider by = r->route.provider;
	const struct span provider =
		by == PROVIDER_GEMINI ? SPAN("google") : span_str(provider_name(by));
	const struct price_list *list;

	if (event_prompt_tokens(e) + e->output == 0)
		return;
	list = prices_find(p->prices, provider, model, e->at_ms / 1000);
	if (list)
		charge_event(e, list, saved);
	else
		e->flags |= EVENT_UNPRICED;
}

static void
add_times(struct usage_event *e, const struct request *r)
{
	const uint64_t now = clock_ns();

	e->total_us = (now - r->began) / 1000;
	if (r->sent_at)
		e->overhead_us = (r->sent_at - r->began) / 1000;
	if (r->first_at) {
		e->first_byte_us = (r->first_at - r->began) / 1000;
		e->flags |= EVENT_FIRST_BYTE;
	}
}

void
account_request(const struct request *r)
{
	struct proxy *const p = r->proxy;
	struct names *const names = p->book ? p->book->names : NULL;
	const struct usage *const u = r->usage ? &r->usage->seen : NULL;
	const struct span model = u ? span_str(u->model) : SPAN_NONE;
	struct charge_saved saved = { { 0 } };

	if (!names || r->route.kind != ROUTE_RELAY)
		return;
	struct usage_event e = {
		.provider = names_number(names, span_str(provider_name(r->route.provider))),
		.model = names_number(names, model),
		.project = names_number(names, head_get(&r->head, SPAN("x-headroom-project"))),
		.client = names_number(names, client_of(&r->head)),
		.stack = names_number(names, head_get(&r->head, SPAN("x-headroom-stack"))),
		.path = names_number(names, path_of(&r->head)),
		.stop = u ? names_number(names, span_str(u->error_type[0] ? u->error_type : u->stop_reason)) : 0,
		.at_ms = clock_wall_ms(),
		.status = (uint32_t)r->status,
		.outcome = outcome_of(r),
		.flags = (u && r->usage->kind == USAGE_STREAM ? EVENT_STREAM : 0) |
			 (shrink_changed(r) ? EVENT_CHANGED : 0),
	};
	if (r->client) {
		e.bytes_in = r->raw_n + (r->client->received - r->client_in) - r->head.size;
		e.bytes_out = r->client->sent + client_waiting(r->client) - r->client_out;
	}
	add_tokens(&e, r, model, &saved);
	add_costs(&e, p, r, model, &saved);
	add_times(&e, r);
	book_add(p->book, &e);
	journal_wake(&p->journal);
}
