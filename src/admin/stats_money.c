/* summary, prefix_cache, cost and agent_usage of GET /stats. */
#include <stdio.h>

#include "admin/stats.h"
#include "compress/profile.h"

#define NAMES_SHOWN 64

/* ---- summary ---- */

static struct span
primary_model(const struct stats_view *v)
{
	struct book_sums sums[NAMES_SHOWN];
	const uint32_t n = book_by(v->book, BOOK_MODEL, sums, NAMES_SHOWN);
	uint32_t best = n;

	for (uint32_t i = 0; i < n; i++)
		if (sums[i].name && (best == n || sums[i].sums.v[USAGE_requests] >
							  sums[best].sums.v[USAGE_requests]))
			best = i;
	return best == n ? SPAN("unknown") : names_text(v->book->names, sums[best].name);
}

/* "12,345": digits in groups of three. */
static void
add_grouped(struct buf *out, uint64_t n)
{
	char digits[24];
	const int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);

	for (int i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			buf_add_char(out, ',');
		buf_add_char(out, digits[i]);
	}
}

static void
write_compression(const struct stats_view *v, struct json_writer *w)
{
	const struct book *const b = v->book;
	const struct histogram *const kept = &b->histograms[BOOK_KEPT_PERMILLE];
	const int64_t saved = v->since.v[USAGE_saved_tokens];
	struct buf detail;

	buf_init(&detail, 128);
	if (b->best_before) {
		add_grouped(&detail, b->best_before);
		buf_add_str(&detail, " \xe2\x86\x92 ");
		add_grouped(&detail, b->best_after);
		buf_add_str(&detail, " tokens");
	}
	jw_key(w, "compression");
	jw_object(w);
	jw_ki64(w, "requests_compressed", v->since.v[USAGE_compressed]);
	jw_knumber(w, "avg_compression_pct",
		   kept->n ? 100.0 - (double)kept->sum / (double)kept->n / 10 : 0, 1);
	jw_knumber(w, "best_compression_pct",
		   b->best_before ? 100.0 - stats_percent((double)b->best_after, (double)b->best_before) : 0, 1);
	jw_kspan(w, "best_detail", buf_span(&detail));
	jw_ki64(w, "total_tokens_removed", saved);
	jw_ku64(w, "cli_filtering_tokens_avoided", 0);
	jw_ki64(w, "total_tokens_saved_with_cli_filtering", saved);
	jw_ki64(w, "total_tokens_before_with_cli_filtering", stats_before(&v->since));
	jw_ku64(w, "rtk_tokens_avoided", 0);
	jw_ki64(w, "total_tokens_saved_with_rtk", saved);
	jw_ki64(w, "total_tokens_before_with_rtk", stats_before(&v->since));
	jw_end_object(w);
	buf_free(&detail);
}

static void
write_summary_cost(const struct stats_view *v, struct json_writer *w)
{
	const int64_t cost = v->since.v[USAGE_cost], saved = sums_net_saved(&v->since);
	static const char note[] = "No command-line filter is part of this proxy.";

	jw_key(w, "cost");
	jw_object(w);
	jw_knumber(w, "without_headroom_usd", stats_usd(cost + saved), 6);
	jw_knumber(w, "with_headroom_usd", stats_usd(cost), 6);
	jw_knumber(w, "total_saved_usd", stats_usd(saved), 6);
	jw_knumber(w, "savings_pct", stats_percent((double)saved, (double)(cost + saved)), 1);
	jw_key(w, "breakdown");
	jw_object(w);
	jw_knumber(w, "cache_savings_usd",
		   stats_usd(v->since.v[USAGE_cache_saved_cost] - v->since.v[USAGE_cache_extra_cost]), 6);
	jw_knumber(w, "compression_savings_usd", stats_usd(saved), 6);
	jw_knumber(w, "retrieval_cost_usd", stats_usd(v->since.v[USAGE_hidden_cost]), 6);
	jw_kstring(w, "cli_filtering_savings_usd", NULL);
	jw_kstring(w, "cli_filtering_savings_note", note);
	jw_kstring(w, "rtk_savings_usd", NULL);
	jw_kstring(w, "rtk_savings_note", note);
	jw_end_object(w);
	jw_end_object(w);
}

/* Blocks that stayed as they were, by why. */
static void
write_uncompressed(const struct stats_view *v, struct json_writer *w)
{
	jw_key(w, "uncompressed_blocks");
	jw_object(w);
	for (unsigned i = COMPRESS_REASON_NONE + 1; i < COMPRESS_REASONS; i++)
		if (v->book->why[EVENT_WHY_REASON + i])
			jw_ku64(w, compress_reason_name((enum compress_reason)i),
				v->book->why[EVENT_WHY_REASON + i]);
	jw_end_object(w);
}

void
stats_summary(const struct stats_view *v, struct json_writer *w)
{
	jw_key(w, "summary");
	jw_object(w);
	jw_kstring(w, "mode", "token");
	jw_ki64(w, "api_requests", v->since.v[USAGE_requests]);
	jw_kspan(w, "primary_model", primary_model(v));
	write_compression(v, w);
	write_uncompressed(v, w);
	write_summary_cost(v, w);
	jw_key(w, "mcp");
	jw_object(w);
	jw_ku64(w, "compressions", 0);
	jw_ku64(w, "tokens_removed", 0);
	jw_ku64(w, "retrievals", 0);
	jw_end_object(w);
	jw_end_object(w);
}

/* ---- the provider's prompt cache ---- */

static void
write_cache_figures(const struct usage_sums *s, struct json_writer *w)
{
	const int64_t *const v = s->v;
	const int64_t written = v[USAGE_cache_write_5m_tokens] + v[USAGE_cache_write_1h_tokens];

	jw_ki64(w, "cache_read_tokens", v[USAGE_cache_read_tokens]);
	jw_ki64(w, "cache_write_tokens", written);
	jw_ki64(w, "cache_write_5m_tokens", v[USAGE_cache_write_5m_tokens]);
	jw_ki64(w, "cache_write_1h_tokens", v[USAGE_cache_write_1h_tokens]);
	jw_ki64(w, "uncached_input_tokens", v[USAGE_uncached_tokens]);
	jw_ki64(w, "requests", v[USAGE_requests]);
	jw_ki64(w, "hit_requests", v[USAGE_cache_hits]);
	jw_knumber(w, "hit_rate", stats_percent((double)v[USAGE_cache_read_tokens],
						(double)v[USAGE_prompt_tokens]), 1);
	jw_knumber(w, "request_hit_rate",
		   stats_percent((double)v[USAGE_cache_hits], (double)v[USAGE_requests]), 1);
	jw_ku64(w, "bust_count", 0);
	jw_ku64(w, "bust_write_tokens", 0);
	jw_knumber(w, "savings_usd", stats_usd(v[USAGE_cache_saved_cost]), 4);
	jw_knumber(w, "write_premium_usd", stats_usd(v[USAGE_cache_extra_cost]), 4);
	jw_knumber(w, "net_savings_usd",
		   stats_usd(v[USAGE_cache_saved_cost] - v[USAGE_cache_extra_cost]), 4);
}

void
stats_prefix_cache(const struct stats_view *v, struct json_writer *w)
{
	struct book_sums sums[NAMES_SHOWN];
	const uint32_t n = book_by(v->book, BOOK_PROVIDER, sums, NAMES_SHOWN);

	jw_key(w, "prefix_cache");
	jw_object(w);
	jw_key(w, "by_provider");
	jw_object(w);
	for (uint32_t i = 0; i < n; i++) {
		jw_key_span(w, names_text(v->book->names, sums[i].name));
		jw_object(w);
		write_cache_figures(&sums[i].sums, w);
		jw_end_object(w);
	}
	jw_end_object(w);
	jw_key(w, "totals");
	jw_object(w);
	write_cache_figures(&v->since, w);
	jw_end_object(w);
	jw_kstring(w, "attribution",
		   "The discount is the provider's for what clients marked or repeated; headroom sends what it sent before, so that it stays.");
	jw_end_object(w);
}

/* ---- cost ---- */

static void
write_model(const struct stats_view *v, const struct book_sums *m, struct json_writer *w)
{
	const int64_t *const s = m->sums.v;
	const struct span name = names_text(v->book->names, m->name);

	jw_key_span(w, name.n ? name : SPAN("unknown"));
	jw_object(w);
	jw_ki64(w, "requests", s[USAGE_requests]);
	jw_ki64(w, "tokens_saved", s[USAGE_saved_tokens]);
	jw_ki64(w, "tokens_sent", s[USAGE_prompt_tokens]);
	jw_ki64(w, "output_tokens", s[USAGE_output_tokens]);
	jw_ki64(w, "cache_write_5m_tokens", s[USAGE_cache_write_5m_tokens]);
	jw_ki64(w, "cache_write_1h_tokens", s[USAGE_cache_write_1h_tokens]);
	jw_knumber(w, "reduction_pct",
		   stats_percent((double)s[USAGE_saved_tokens], (double)stats_before(&m->sums)), 1);
	jw_knumber(w, "cost_usd", stats_usd(s[USAGE_cost]), 6);
	jw_knumber(w, "savings_usd", stats_usd(sums_net_saved(&m->sums)), 6);
	jw_kbool(w, "priced", s[USAGE_unpriced] == 0);
	jw_end_object(w);
}

void
stats_cost(const struct stats_view *v, struct json_writer *w)
{
	const int64_t *const s = v->since.v;
	struct book_sums sums[NAMES_SHOWN];
	const uint32_t n = book_by(v->book, BOOK_MODEL, sums, NAMES_SHOWN);

	jw_key(w, "cost");
	jw_object(w);
	jw_ki64(w, "total_tokens_saved", s[USAGE_saved_tokens]);
	jw_ki64(w, "total_input_tokens", s[USAGE_prompt_tokens]);
	jw_knumber(w, "total_input_cost_usd", stats_usd(s[USAGE_prompt_cost]), 6);
	jw_ki64(w, "cache_write_5m_tokens", s[USAGE_cache_write_5m_tokens]);
	jw_ki64(w, "cache_write_1h_tokens", s[USAGE_cache_write_1h_tokens]);
	jw_key(w, "per_model");
	jw_object(w);
	for (uint32_t i = 0; i < n; i++)
		write_model(v, &sums[i], w);
	jw_end_object(w);
	jw_knumber(w, "cost_with_headroom_usd", stats_usd(s[USAGE_cost]), 6);
	jw_knumber(w, "savings_usd", stats_usd(sums_net_saved(&v->since)), 6);
	jw_knumber(w, "compression_savings_usd", stats_usd(sums_net_saved(&v->since)), 6);
	jw_knumber(w, "cache_savings_usd",
		   stats_usd(s[USAGE_cache_saved_cost] - s[USAGE_cache_extra_cost]), 4);
	jw_kstring(w, "budget_limit_usd", NULL);
	jw_kstring(w, "budget_period", NULL);
	jw_ku64(w, "cli_tokens_avoided", 0);
	jw_ku64(w, "cli_filtering_tokens_avoided", 0);
	jw_kbool(w, "cli_tokens_included_in_compression", true);
	jw_kbool(w, "cli_filtering_tokens_included_in_compression", true);
	jw_end_object(w);
}

/* ---- by client ---- */

static void
write_agent(const struct stats_view *v, const struct book_sums *a, struct json_writer *w)
{
	const int64_t *const s = a->sums.v;
	const int64_t before = stats_before(&a->sums);
	const struct span name = names_text(v->book->names, a->name);

	jw_object(w);
	jw_kspan(w, "agent", name.n ? name : SPAN("unknown"));
	jw_kspan(w, "label", name.n ? name : SPAN("Unknown client"));
	jw_kstring(w, "source", "client");
	jw_ki64(w, "requests", s[USAGE_requests]);
	jw_ki64(w, "before_tokens", before);
	jw_ki64(w, "after_tokens", s[USAGE_prompt_tokens]);
	jw_ki64(w, "output_tokens", s[USAGE_output_tokens]);
	jw_ki64(w, "tokens_saved", s[USAGE_saved_tokens]);
	jw_kbool(w, "has_exact_tokens", s[USAGE_estimated] == 0);
	jw_knumber(w, "savings_percent", stats_percent((double)s[USAGE_saved_tokens], (double)before), 2);
	jw_knumber(w, "after_percent", stats_percent((double)s[USAGE_prompt_tokens], (double)before), 2);
	jw_knumber(w, "share_of_saved_percent",
		   stats_percent((double)s[USAGE_saved_tokens], (double)v->since.v[USAGE_saved_tokens]), 2);
	jw_knumber(w, "share_of_requests_percent",
		   stats_percent((double)s[USAGE_requests], (double)v->since.v[USAGE_requests]), 2);
	jw_end_object(w);
}

void
stats_agents(const struct stats_view *v, struct json_writer *w)
{
	const int64_t *const s = v->since.v;
	struct book_sums sums[NAMES_SHOWN];
	const uint32_t n = book_by(v->book, BOOK_CLIENT, sums, NAMES_SHOWN);

	jw_key(w, "agent_usage");
	jw_object(w);
	jw_key(w, "agents");
	jw_array(w);
	for (uint32_t i = 0; i < n; i++)
		write_agent(v, &sums[i], w);
	jw_end_array(w);
	jw_key(w, "totals");
	jw_object(w);
	jw_ki64(w, "requests", s[USAGE_requests]);
	jw_ki64(w, "before_tokens", stats_before(&v->since));
	jw_ki64(w, "after_tokens", s[USAGE_prompt_tokens]);
	jw_ki64(w, "output_tokens", s[USAGE_output_tokens]);
	jw_ki64(w, "tokens_saved", s[USAGE_saved_tokens]);
	jw_knumber(w, "savings_percent",
		   stats_percent((double)s[USAGE_saved_tokens], (double)stats_before(&v->since)), 2);
	jw_end_object(w);
	jw_end_object(w);
}
