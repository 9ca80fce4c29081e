/* requests, tokens and times of GET /stats: what happened since the start. */
#include "admin/stats.h"
#include "ledger/ledger.h"

#define NAMES_SHOWN 64

static void
write_by(const struct stats_view *v, enum book_name by, const char *key, struct json_writer *w)
{
	struct book_sums sums[NAMES_SHOWN];
	const uint32_t n = book_by(v->book, by, sums, NAMES_SHOWN);

	jw_key(w, key);
	jw_object(w);
	for (uint32_t i = 0; i < n; i++) {
		const struct span name = names_text(v->book->names, sums[i].name);

		jw_key_span(w, name.n ? name : SPAN("unknown"));
		jw_i64(w, sums[i].sums.v[USAGE_requests]);
	}
	jw_end_object(w);
}

static void
write_stacks(const struct stats_view *v, struct json_writer *w)
{
	jw_key(w, "by_stack");
	jw_object(w);
	for (uint16_t i = 0; i < names_count(v->book->names); i++)
		if (v->book->stacks[i]) {
			jw_key_span(w, names_text(v->book->names, i));
			jw_u64(w, v->book->stacks[i]);
		}
	jw_end_object(w);
}

void
stats_requests(const struct stats_view *v, struct json_writer *w)
{
	const int64_t *const s = v->since.v;

	jw_key(w, "requests");
	jw_object(w);
	jw_ki64(w, "total", s[USAGE_requests]);
	jw_ki64(w, "cached", s[USAGE_cached]);
	jw_ki64(w, "rate_limited", s[USAGE_limited]);
	jw_ki64(w, "failed", s[USAGE_failed]);
	jw_ki64(w, "rejected", s[USAGE_rejected]);
	jw_ki64(w, "truncated", s[USAGE_truncated]);
	jw_ki64(w, "compressed", s[USAGE_compressed]);
	jw_ki64(w, "estimated", s[USAGE_estimated]);
	jw_ki64(w, "unpriced", s[USAGE_unpriced]);
	write_by(v, BOOK_PROVIDER, "by_provider", w);
	write_by(v, BOOK_MODEL, "by_model", w);
	write_by(v, BOOK_CLIENT, "by_client", w);
	write_by(v, BOOK_PROJECT, "by_project", w);
	write_stacks(v, w);
	jw_end_object(w);
}

void
stats_tokens(const struct stats_view *v, struct json_writer *w)
{
	const struct usage_sums *const s = &v->since;
	const int64_t saved = s->v[USAGE_saved_tokens], before = stats_before(s);
	const double percent = stats_percent((double)saved, (double)before);

	jw_key(w, "tokens");
	jw_object(w);
	jw_ki64(w, "input", s->v[USAGE_prompt_tokens]);
	jw_ki64(w, "output", s->v[USAGE_output_tokens]);
	jw_ki64(w, "saved", saved);
	jw_ki64(w, "proxy_compression_saved", saved);
	jw_ki64(w, "all_layers_saved", saved);
	jw_ki64(w, "hidden", s->v[USAGE_hidden_tokens]);
	jw_ki64(w, "proxy_total_before_compression", before);
	jw_ki64(w, "total_before_compression", before);
	jw_ki64(w, "proxy_attempted_tokens", s->v[USAGE_tried_tokens]);
	jw_knumber(w, "active_savings_percent",
		   stats_percent((double)saved, (double)s->v[USAGE_tried_tokens]), 2);
	jw_knumber(w, "proxy_savings_percent", percent, 2);
	jw_knumber(w, "savings_percent", percent, 2);
	jw_knumber(w, "all_layers_savings_percent", percent, 2);
	/* No command-line filter is part of headroom. */
	jw_ku64(w, "cli_filtering_saved", 0);
	jw_ku64(w, "cli_tokens_avoided", 0);
	jw_ku64(w, "rtk_saved", 0);
	jw_ku64(w, "lean_ctx_saved", 0);
	jw_ku64(w, "output_saved", 0);
	jw_knumber(w, "output_reduction_percent", 0, 2);
	jw_key(w, "output_reduction");
	jw_object(w);
	jw_end_object(w);
	jw_end_object(w);
}

static void
write_times(const char *key, const struct histogram *h, bool total, struct json_writer *w)
{
	jw_key(w, key);
	jw_object(w);
	jw_knumber(w, "average_ms", h->n ? (double)h->sum / (double)h->n / 1000 : 0, 2);
	jw_knumber(w, "min_ms", (double)h->least / 1000, 2);
	jw_knumber(w, "max_ms", (double)h->most / 1000, 2);
	if (total)
		jw_ku64(w, "total_requests", h->n);
	jw_end_object(w);
}

static void
write_strategies(const struct stats_view *v, struct json_writer *w)
{
	jw_key(w, "compressions_by_strategy");
	jw_object(w);
	for (unsigned i = 0; i < COMPRESS_FORMS; i++)
		if (v->book->why[EVENT_WHY_FORM + i])
			jw_ku64(w, compress_form_name((enum compress_form)i),
				v->book->why[EVENT_WHY_FORM + i]);
	jw_end_object(w);
	jw_key(w, "tokens_saved_by_strategy");
	jw_object(w);
	for (unsigned i = 0; i < COMPRESS_FORMS; i++)
		if (v->book->form_saved[i])
			jw_ku64(w, compress_form_name((enum compress_form)i), v->book->form_saved[i]);
	jw_end_object(w);
}

void
stats_times(const struct stats_view *v, struct json_writer *w)
{
	const struct histogram *const h = v->book->histograms;

	write_times("latency", &h[BOOK_TOTAL_US], true, w);
	write_times("overhead", &h[BOOK_OVERHEAD_US], false, w);
	write_times("ttfb", &h[BOOK_FIRST_BYTE_US], false, w);
	jw_key(w, "pipeline_timing");
	jw_object(w);
	jw_end_object(w);
	write_strategies(v, w);
}
