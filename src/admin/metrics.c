/* GET /metrics: Prometheus's text format 0.0.4. */
#include "admin/admin.h"
#include "admin/stats.h"

#define NAMES_SHOWN 64

/* ---- the format ---- */

static void
family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "%s# HELP %s %s\n# TYPE %s %s\n", out->n ? "\n" : "", name, help, name, type);
}

/* A label's value: backslash, quote and line feed are escaped. */
static void
add_label_value(struct buf *out, struct span value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '\\' || value.p[i] == '"')
			buf_add_char(out, '\\');
		if (value.p[i] == '\n')
			buf_add_str(out, "\\n");
		else
			buf_add_char(out, value.p[i]);
	}
}

static void
add_int(struct buf *out, const char *name, int64_t v)
{
	buf_addf(out, "%s %lld\n", name, (long long)v);
}

static void
counter(struct buf *out, const char *name, const char *help, int64_t v)
{
	family(out, name, "counter", help);
	add_int(out, name, v);
}

static void
gauge(struct buf *out, const char *name, const char *help, int64_t v)
{
	family(out, name, "gauge", help);
	add_int(out, name, v);
}

static void
dollars(struct buf *out, const char *name, const char *type, const char *help, int64_t pico)
{
	family(out, name, type, help);
	buf_addf(out, "%s %.12g\n", name, stats_usd(pico));
}

/* One family with a sample for each name of a sort: those with the largest prompts. */
static void
by_name(const struct stats_view *v, struct buf *out, const char *name, const char *label,
	const char *help, enum book_name by, enum usage_sum sum)
{
	struct book_sums sums[NAMES_SHOWN];
	const uint32_t n = book_by(v->book, by, sums, NAMES_SHOWN);

	family(out, name, "counter", help);
	for (uint32_t i = 0; i < n; i++) {
		const struct span text = names_text(v->book->names, sums[i].name);

		buf_addf(out, "%s{%s=\"", name, label);
		add_label_value(out, text.n ? text : SPAN("unknown"));
		buf_addf(out, "\"} %lld\n", (long long)sums[i].sums.v[sum]);
	}
}

/* Edges and values are `scale` times what is shown. */
static void
histogram(struct buf *out, const char *name, const char *help, const struct histogram *h,
	  const struct histogram_edges *edges, double scale)
{
	uint64_t below = 0;

	family(out, name, "histogram", help);
	for (int i = 0; i < HISTOGRAM_EDGES; i++) {
		below += h->counts[i];
		buf_addf(out, "%s_bucket{le=\"%.12g\"} %llu\n", name, (double)edges->edge[i] / scale,
			 (unsigned long long)below);
	}
	buf_addf(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.12g\n%s_count %llu\n", name,
		 (unsigned long long)h->n, name, (double)h->sum / scale, name, (unsigned long long)h->n);
}

/* ---- families ---- */

/* Names of the existing system, for its dashboards. */
static void
add_requests(const struct stats_view *v, struct buf *out)
{
	const struct counters *const c = proxy_counters(v->proxy);
	const int64_t *const s = v->since.v;

	counter(out, "headroom_requests_total", "Requests to providers that ended.", s[USAGE_requests]);
	counter(out, "headroom_requests_cached_total", "Requests answered from the response cache.", s[USAGE_cached]);
	counter(out, "headroom_requests_rate_limited_total", "Requests refused by a rate limit or budget.", s[USAGE_limited]);
	counter(out, "headroom_requests_failed_total", "Requests that got no answer from the provider.", s[USAGE_failed]);
	counter(out, "headroom_requests_rejected_total", "Requests that the provider answered with a status of 400 or more.", s[USAGE_rejected]);
	counter(out, "headroom_requests_truncated_total", "Answers that the provider broke off.", s[USAGE_truncated]);
	counter(out, "headroom_requests_compressed_total", "Requests sent with parts replaced.", s[USAGE_compressed]);
	counter(out, "headroom_inbound_requests_total", "Requests begun, those for endpoints of our own included.", (int64_t)c->requests);
	counter(out, "headroom_inbound_requests_completed_total", "Of them, answered.",
		(int64_t)(c->responses_2xx + c->responses_3xx + c->responses_4xx + c->responses_5xx));
	gauge(out, "headroom_inbound_requests_active", "Requests at work.", proxy_active(v->proxy));
	by_name(v, out, "headroom_requests_by_provider", "provider", "Requests by provider.", BOOK_PROVIDER, USAGE_requests);
	by_name(v, out, "headroom_requests_by_model", "model", "Requests by model.", BOOK_MODEL, USAGE_requests);
}

static void
add_tokens(const struct stats_view *v, struct buf *out)
{
	const int64_t *const s = v->since.v;

	counter(out, "headroom_tokens_input_total", "Prompt tokens sent.", s[USAGE_prompt_tokens]);
	counter(out, "headroom_tokens_output_total", "Tokens of answers.", s[USAGE_output_tokens]);
	counter(out, "headroom_tokens_saved_total", "Prompt tokens that replacements took out.", s[USAGE_removed_tokens]);
	/* What we added may at times be more than what was taken out. */
	gauge(out, "headroom_tokens_saved_net", "The same less what we added.", s[USAGE_saved_tokens]);
	by_name(v, out, "headroom_cache_read_tokens_total", "provider", "Prompt tokens read from the provider's cache.", BOOK_PROVIDER, USAGE_cache_read_tokens);
	by_name(v, out, "headroom_cache_write_5m_tokens_total", "provider", "Prompt tokens written to the provider's cache for five minutes.", BOOK_PROVIDER, USAGE_cache_write_5m_tokens);
	by_name(v, out, "headroom_cache_write_1h_tokens_total", "provider", "Prompt tokens written to the provider's cache for an hour.", BOOK_PROVIDER, USAGE_cache_write_1h_tokens);
	by_name(v, out, "headroom_uncached_input_tokens_total", "provider", "Prompt tokens at the full rate.", BOOK_PROVIDER, USAGE_uncached_tokens);
	by_name(v, out, "headroom_provider_cache_requests_total", "provider", "Requests by provider, for its cache's hit rate.", BOOK_PROVIDER, USAGE_requests);
	by_name(v, out, "headroom_provider_cache_hit_requests_total", "provider", "Requests that read from the provider's cache.", BOOK_PROVIDER, USAGE_cache_hits);
	dollars(out, "headroom_cost_usd_total", "counter", "Dollars that providers charged, as far as prices are known.", s[USAGE_cost]);
	dollars(out, "headroom_savings_net_usd", "gauge", "Dollars not charged since the start, net of every cost of ours.",
		sums_net_saved(&v->since));
}

static void
add_kept(const struct stats_view *v, struct buf *out)
{
	const int64_t *const s = v->ever.v;

	counter(out, "headroom_persistent_savings_requests_total", "Requests of all time.", s[USAGE_requests]);
	counter(out, "headroom_persistent_savings_tokens_saved_total", "Prompt tokens that replacements took out in all time.", s[USAGE_removed_tokens]);
	counter(out, "headroom_persistent_savings_input_tokens_total", "Prompt tokens of all time.", s[USAGE_prompt_tokens]);
	dollars(out, "headroom_persistent_savings_input_cost_usd_total", "counter", "Dollars for prompts in all time.", s[USAGE_prompt_cost]);
	dollars(out, "headroom_persistent_savings_compression_savings_usd_total", "counter", "Dollars that those tokens would have cost.", s[USAGE_removed_cost]);
	dollars(out, "headroom_persistent_savings_net_usd", "gauge", "The same less every cost of ours.",
		sums_net_saved(&v->ever));
}

static void
add_histograms(const struct stats_view *v, struct buf *out)
{
	const struct histogram *const h = v->book->histograms;
	const struct histogram_edges *const e = book_edges;

	histogram(out, "headroom_request_duration_seconds", "From the first byte of a request to the last of its answer.", &h[BOOK_TOTAL_US], &e[BOOK_TOTAL_US], 1e6);
	histogram(out, "headroom_overhead_seconds", "What headroom took before a request was sent.", &h[BOOK_OVERHEAD_US], &e[BOOK_OVERHEAD_US], 1e6);
	histogram(out, "headroom_ttfb_seconds", "From the first byte of a request to the first of its answer.", &h[BOOK_FIRST_BYTE_US], &e[BOOK_FIRST_BYTE_US], 1e6);
	histogram(out, "headroom_compression_ratio", "Tokens of replaced blocks after by before, per request.", &h[BOOK_KEPT_PERMILLE], &e[BOOK_KEPT_PERMILLE], 1e3);
	histogram(out, "headroom_request_body_bytes", "Bodies of requests as clients sent them.", &h[BOOK_BODY_BYTES], &e[BOOK_BODY_BYTES], 1);
}

/* Every counter of the relay, under its own name. */
static void
add_counters(const struct stats_view *v, struct buf *out)
{
	const struct counters *const c = proxy_counters(v->proxy);

#define COUNTER(member, help) counter(out, "headroom_relay_" #member "_total", help, (int64_t)c->member);
#include "stats/counters.def"
#undef COUNTER
	counter(out, "headroom_events_lost_total", "Requests whose details could not be kept.", (int64_t)v->book->lost);
}

void
admin_metrics(struct admin_call *c)
{
	struct stats_view v;

	stats_view_of(c, &v);
	c->content_type = "text/plain; version=0.0.4; charset=utf-8";
	add_requests(&v, &c->reply);
	add_tokens(&v, &c->reply);
	add_kept(&v, &c->reply);
	add_histograms(&v, &c->reply);
	add_counters(&v, &c->reply);
}
