#include "proxy/observe.h"

#include <stdlib.h>

#include "proxy/state.h"
#include "wire/usage.h"

void
observe_begin(struct request *r, const struct head *h)
{
	const size_t limit = (size_t)r->proxy->settings->max_observed;

	if (!r->route.shrinkable || limit == 0 || r->out.ended || r->usage)
		return;
	r->usage = malloc(sizeof *r->usage);
	/* Without memory its figures are missing; nothing else. */
	if (r->usage)
		usage_init(r->usage, r->route.format, head_get(h, SPAN("content-type")),
			   head_get(h, SPAN("content-encoding")), limit);
}

void
observe_data(void *request, struct span data)
{
	struct request *const r = request;

	usage_feed(r->usage, data);
}

static void
count(struct counters *c, const struct usage *u)
{
	if (u->input_tokens > 0)
		c->usage_input_tokens += (uint64_t)u->input_tokens;
	if (u->cache_read_tokens > 0)
		c->usage_cache_read_tokens += (uint64_t)u->cache_read_tokens;
	if (u->cache_creation_tokens > 0)
		c->usage_cache_write_tokens += (uint64_t)u->cache_creation_tokens;
	if (u->output_tokens > 0)
		c->usage_output_tokens += (uint64_t)u->output_tokens;
}

/* The framing was whole, and yet the provider did not finish its sentence. */
static bool
is_cut(const struct request *r)
{
	const struct usage *const u = &r->usage->seen;

	return r->usage->kind == USAGE_STREAM && !u->ended && !u->unread && !u->error_type[0];
}

void
observe_end(struct request *r, bool complete)
{
	if (!r->usage)
		return;
	usage_finish(r->usage, complete);
	count(r->proxy->counters, &r->usage->seen);
	if (complete && is_cut(r))
		r->proxy->counters->streams_cut++;
}

static void
add_figure(struct log_line *l, const char *key, int64_t v)
{
	if (v != USAGE_UNKNOWN)
		log_i64(l, key, v);
}

void
observe_report(const struct request *r, struct log_line *l)
{
	if (!r->usage)
		return;
	const struct usage *const u = &r->usage->seen;
	add_figure(l, "input_tokens", u->input_tokens);
	add_figure(l, "cache_read_tokens", u->cache_read_tokens);
	add_figure(l, "cache_write_tokens", u->cache_creation_tokens);
	add_figure(l, "output_tokens", u->output_tokens);
	if (u->stop_reason[0])
		log_str(l, "stop", u->stop_reason);
	if (u->error_type[0])
		log_str(l, "error", u->error_type);
	if (r->outcome == OUTCOME_OK && is_cut(r))
		log_bool(l, "cut", true);
}

void
observe_free(struct request *r)
{
	if (!r->usage)
		return;
	usage_free(r->usage);
	free(r->usage);
	r->usage = NULL;
}
