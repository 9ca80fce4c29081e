/* GET /stats-history: what was saved over time, as JSON or CSV. */
#include <stdlib.h>

#include "admin/admin.h"
#include "admin/history_points.h"
#include "admin/refusal.h"
#include "admin/stats.h"
#include "base/clock.h"
#include "stats/history.h"
#include "wire/query.h"

#define MEMORY ((size_t)256 << 20)
#define ROWS_MOST 200000u

enum mode { MODE_COMPACT, MODE_FULL, MODE_NONE };

struct ask {
	bool csv;
	bool all;			/* every series: none was named */
	bool history;			/* the raw history */
	enum history_series series;
	enum mode mode;
};

struct answer {
	struct admin_call *call;
	struct store_reader *reader;
	struct ask ask;
	struct arena arena;
	struct names *names;
	struct stats_view view;
	struct kept *kept;
	int64_t now_ms;
	struct history_point *points;
	uint32_t point_count, stored_points;
};

/* ---- the query ---- */

static int
read_series(struct span value, struct ask *ask, struct refusal *why)
{
	ask->all = false;
	ask->history = span_eq(value, SPAN("history"));
	if (ask->history)
		return 0;
	for (int i = 0; i < HISTORY_SERIES; i++)
		if (span_eq(value, span_str(history_name((enum history_series)i)))) {
			ask->series = (enum history_series)i;
			return 0;
		}
	return refusal_input(why, "series must be history, hourly, daily, weekly or monthly.");
}

static int
read_option(struct span name, struct span value, struct ask *ask, struct refusal *why)
{
	if (span_eq(name, SPAN("series")))
		return read_series(value, ask, why);
	if (span_eq(name, SPAN("format"))) {
		ask->csv = span_eq(value, SPAN("csv"));
		if (!ask->csv && !span_eq(value, SPAN("json")))
			return refusal_input(why, "format must be json or csv.");
	} else if (span_eq(name, SPAN("history_mode"))) {
		ask->mode = span_eq(value, SPAN("full")) ? MODE_FULL
			    : span_eq(value, SPAN("none")) ? MODE_NONE : MODE_COMPACT;
		if (ask->mode == MODE_COMPACT && !span_eq(value, SPAN("compact")))
			return refusal_input(why, "history_mode must be compact, full or none.");
	}
	return 0;
}

static int
read_ask(struct span query, struct arena *a, struct ask *ask, struct refusal *why)
{
	struct span name, value;
	enum err e;

	*ask = (struct ask){ .all = true, .history = true };
	while ((e = query_next(&query, a, &name, &value)) == OK)
		if (read_option(name, value, ask, why))
			return why->status;
	if (e == ERR_NOMEM)
		return refusal_memory(why);
	return e == ERR_SYNTAX ? refusal_input(why, "The query has a \"%%\" that two hex digits do not follow.") : 0;
}

/* ---- JSON ---- */

static void
write_detail(const struct answer *an, const struct usage_event *e, struct json_writer *w)
{
	jw_kspan(w, "project", names_text(an->names, e->project));
	jw_kspan(w, "client", names_text(an->names, e->client));
	jw_kspan(w, "path", names_text(an->names, e->path));
	jw_ku64(w, "status", e->status);
	jw_ki64(w, "tokens_saved", event_saved_tokens(e));
	jw_ku64(w, "uncached_input_tokens", e->uncached);
	jw_ku64(w, "cache_read_tokens", e->cache_read);
	jw_ku64(w, "cache_write_tokens", e->cache_write_5m + e->cache_write_1h);
	jw_ku64(w, "output_tokens", e->output);
	jw_knumber(w, "cost_usd", stats_usd(e->cost), 6);
	jw_knumber(w, "total_latency_ms", (double)e->total_us / 1000, 3);
	jw_kbool(w, "tokens_estimated", e->flags & EVENT_ESTIMATED);
}

static void
write_points(const struct answer *an, struct json_writer *w)
{
	jw_key(w, "history");
	jw_array(w);
	for (uint32_t i = 0; i < an->point_count; i++) {
		const struct history_point *const p = &an->points[i];

		jw_object(w);
		stats_time(w, "timestamp", p->event.at_ms);
		jw_kspan(w, "provider", names_text(an->names, p->event.provider));
		jw_kspan(w, "model", names_text(an->names, p->event.model));
		jw_ki64(w, "total_tokens_saved", p->saved_tokens);
		jw_knumber(w, "compression_savings_usd", stats_usd(p->saved_cost), 6);
		jw_ki64(w, "total_input_tokens", p->prompt_tokens);
		jw_knumber(w, "total_input_cost_usd", stats_usd(p->prompt_cost), 6);
		if (an->ask.mode == MODE_FULL)
			write_detail(an, &p->event, w);
		jw_end_object(w);
	}
	jw_end_array(w);
}

static void
write_parts(struct json_writer *w, const char *key, const struct history_part *parts, uint32_t n)
{
	jw_key(w, key);
	jw_object(w);
	for (uint32_t i = 0; i < n; i++) {
		const struct usage_sums *const s = &parts[i].sums;

		jw_key_span(w, parts[i].name.n ? parts[i].name : SPAN("unknown"));
		jw_object(w);
		jw_ki64(w, "requests", s->v[USAGE_requests]);
		jw_ki64(w, "tokens_saved", s->v[USAGE_saved_tokens]);
		jw_knumber(w, "compression_savings_usd_delta", stats_usd(sums_net_saved(s)), 6);
		jw_ki64(w, "total_input_tokens_delta", s->v[USAGE_prompt_tokens]);
		jw_knumber(w, "total_input_cost_usd_delta", stats_usd(s->v[USAGE_prompt_cost]), 6);
		jw_end_object(w);
	}
	jw_end_object(w);
}

/* A bucket's own figures and, as `total`, those of all time up to its end. */
static void
write_bucket(const struct history_bucket *b, const struct usage_sums *total, struct json_writer *w)
{
	const int64_t *const s = b->sums.v;

	jw_object(w);
	stats_time(w, "timestamp", b->start_ms);
	jw_ki64(w, "requests", s[USAGE_requests]);
	jw_ki64(w, "tokens_saved", s[USAGE_saved_tokens]);
	jw_knumber(w, "compression_savings_usd_delta", stats_usd(sums_net_saved(&b->sums)), 6);
	jw_ki64(w, "total_tokens_saved", total->v[USAGE_saved_tokens]);
	jw_knumber(w, "compression_savings_usd", stats_usd(sums_net_saved(total)), 6);
	jw_ki64(w, "total_input_tokens_delta", s[USAGE_prompt_tokens]);
	jw_ki64(w, "total_input_tokens", total->v[USAGE_prompt_tokens]);
	jw_knumber(w, "total_input_cost_usd_delta", stats_usd(s[USAGE_prompt_cost]), 6);
	jw_knumber(w, "total_input_cost_usd", stats_usd(total->v[USAGE_prompt_cost]), 6);
	jw_ki64(w, "output_tokens", s[USAGE_output_tokens]);
	jw_ki64(w, "cache_read_tokens", s[USAGE_cache_read_tokens]);
	jw_ki64(w, "cache_write_tokens", s[USAGE_cache_write_5m_tokens] + s[USAGE_cache_write_1h_tokens]);
	jw_knumber(w, "cost_usd", stats_usd(s[USAGE_cost]), 6);
	jw_ki64(w, "failed", s[USAGE_failed] + s[USAGE_truncated]);
	write_parts(w, "by_provider", b->providers, b->provider_count);
	write_parts(w, "by_model", b->models, b->model_count);
	jw_end_object(w);
}

/* ---- series ---- */

static enum err
read_series_rows(struct answer *an, enum history_series s, struct history_bucket **b, uint32_t *n)
{
	struct usage_row *rows = NULL;
	uint32_t count = 0;
	int64_t from;
	const enum usage_period period = history_source(s, an->now_ms, &from);

	TRY(store_usage_rows(an->reader, period, from, ROWS_MOST, &an->arena, &rows, &count));
	return history_buckets(s, rows, count, &an->arena, b, n);
}

/* The sums of all time before the first bucket. */
static void
sums_before(const struct answer *an, const struct history_bucket *b, uint32_t n, struct usage_sums *out)
{
	*out = an->view.ever;
	for (uint32_t i = 0; i < n; i++)
		for (int k = 0; k < USAGE_SUMS; k++)
			out->v[k] -= b[i].sums.v[k];
}

static enum err
write_series(struct answer *an, struct json_writer *w)
{
	jw_key(w, "series");
	jw_object(w);
	for (int s = 0; s < HISTORY_SERIES; s++) {
		struct history_bucket *b = NULL;
		struct usage_sums total;
		uint32_t n = 0;

		if (an->ask.all || (!an->ask.history && s == (int)an->ask.series))
			TRY(read_series_rows(an, (enum history_series)s, &b, &n));
		sums_before(an, b, n, &total);
		jw_key(w, history_name((enum history_series)s));
		jw_array(w);
		for (uint32_t i = 0; i < n; i++) {
			usage_sums_add(&total, &b[i].sums);
			write_bucket(&b[i], &total, w);
		}
		jw_end_array(w);
	}
	jw_end_object(w);
	return OK;
}

/* ---- CSV ---- */

static void
csv_points(struct answer *an, struct buf *out)
{
	buf_add_str(out, "timestamp,total_tokens_saved,compression_savings_usd,total_input_tokens,"
			 "total_input_cost_usd\r\n");
	for (uint32_t i = 0; i < an->point_count; i++) {
		const struct history_point *const p = &an->points[i];
		char at[25];

		stats_clock(p->event.at_ms, at);
		buf_addf(out, "%s,%lld,%.6f,%lld,%.6f\r\n", at, (long long)p->saved_tokens,
			 stats_usd(p->saved_cost), (long long)p->prompt_tokens, stats_usd(p->prompt_cost));
	}
}

static enum err
csv_series(struct answer *an, struct buf *out)
{
	struct history_bucket *b;
	struct usage_sums total;
	uint32_t n;

	TRY(read_series_rows(an, an->ask.series, &b, &n));
	sums_before(an, b, n, &total);
	buf_add_str(out, "timestamp,tokens_saved,compression_savings_usd_delta,total_tokens_saved,"
			 "compression_savings_usd,total_input_tokens_delta,total_input_tokens,"
			 "total_input_cost_usd_delta,total_input_cost_usd\r\n");
	for (uint32_t i = 0; i < n; i++) {
		const struct usage_sums *const s = &b[i].sums;
		char at[25];

		usage_sums_add(&total, s);
		stats_clock(b[i].start_ms, at);
		buf_addf(out, "%s,%lld,%.6f,%lld,%.6f,%lld,%lld,%.6f,%.6f\r\n",
			 at, (long long)s->v[USAGE_saved_tokens], stats_usd(sums_net_saved(s)),
			 (long long)total.v[USAGE_saved_tokens], stats_usd(sums_net_saved(&total)),
			 (long long)s->v[USAGE_prompt_tokens], (long long)total.v[USAGE_prompt_tokens],
			 stats_usd(s->v[USAGE_prompt_cost]), stats_usd(total.v[USAGE_prompt_cost]));
	}
	return OK;
}

static enum err
write_csv(struct answer *an)
{
	const struct ask *const ask = &an->ask;

	an->call->content_type = "text/csv; charset=utf-8";
	buf_addf(&an->call->headers,
		 "content-disposition: attachment; filename=\"headroom-stats-history-%s.csv\"\r\n",
		 ask->history ? "history" : history_name(ask->series));
	if (!ask->history)
		return csv_series(an, &an->call->reply);
	csv_points(an, &an->call->reply);
	return OK;
}

/* ---- the whole ---- */

static void
write_exports(struct json_writer *w)
{
	jw_key(w, "exports");
	jw_raw(w, SPAN("{\"default_format\":\"json\",\"available_formats\":[\"json\",\"csv\"],"
		       "\"available_series\":[\"history\",\"hourly\",\"daily\",\"weekly\",\"monthly\"]}"));
	jw_key(w, "retention");
	jw_object(w);
	jw_ku64(w, "max_history_points", HISTORY_POINTS);
	jw_ku64(w, "max_response_history_points", HISTORY_COMPACT);
	jw_ku64(w, "max_history_age_days", 90);
	jw_end_object(w);
}

static enum err
write_json(struct answer *an)
{
	static const char *const modes[] = { "compact", "full", "none" };
	struct json_writer w;

	jw_init(&w, &an->call->reply);
	jw_object(&w);
	jw_ku64(&w, "schema_version", 3);
	stats_time(&w, "generated_at", an->now_ms);
	stats_lifetime(&an->view, &w);
	write_points(an, &w);
	TRY(write_series(an, &w));
	write_exports(&w);
	stats_projects(&an->view, "projects", &w);
	jw_key(&w, "history_summary");
	jw_object(&w);
	jw_kstring(&w, "mode", modes[an->ask.mode]);
	jw_ku64(&w, "stored_points", an->stored_points);
	jw_ku64(&w, "returned_points", an->point_count);
	jw_kbool(&w, "compacted", an->point_count < an->stored_points);
	jw_end_object(&w);
	jw_kstring(&w, "cli_filtering", NULL);
	jw_end_object(&w);
	return OK;
}

/* Sums and the requests that they end with belong to one moment: read again when more was
 * recorded in between. */
static enum err
read_points(struct answer *an)
{
	struct kept *after = NULL;

	for (int tries = 0; tries < 3; tries++) {
		struct usage_sums now;

		TRY(history_points(an->reader, &an->view.ever, an->names, &an->arena, &an->points,
				   &an->point_count));
		TRY(kept_read(an->reader, &after));
		kept_total(after->ever, after->ever_count, &now);
		const bool same = memcmp(&now, &an->view.ever, sizeof now) == 0;
		kept_free(&an->kept);
		an->kept = after;
		stats_view_kept(&an->view, after, an->now_ms);
		if (same)
			break;
	}
	an->stored_points = an->point_count;
	if (an->ask.mode == MODE_NONE)
		an->point_count = 0;
	else if (an->ask.mode == MODE_COMPACT || an->ask.csv)
		history_compact(an->points, &an->point_count);
	return OK;
}

static enum err
produce(struct answer *an)
{
	an->names = names_make();
	if (!an->names)
		return ERR_NOMEM;
	TRY(kept_read(an->reader, &an->kept));
	stats_view_kept(&an->view, an->kept, an->now_ms);
	if (an->ask.history)
		TRY(read_points(an));
	return an->ask.csv ? write_csv(an) : write_json(an);
}

static void
answer(struct admin_call *c, struct answer *an)
{
	const struct worker_state *const worker = c->worker;

	an->reader = worker ? worker->reader : NULL;
	const enum err e = an->reader ? produce(an) : ERR_IO;
	names_free(&an->names);
	kept_free(&an->kept);
	if (e == OK)
		return;
	buf_clear(&c->reply);
	buf_clear(&c->headers);
	c->content_type = NULL;
	admin_error(c, 503, "overloaded",
		    e == ERR_NOMEM ? "There is not enough memory for this answer; try again later."
				   : "The history cannot be read: the store of this proxy is not "
				     "usable; its log says why.");
}

void
admin_stats_history(struct admin_call *c)
{
	struct answer an = { .call = c, .now_ms = clock_wall_ms() };
	struct refusal why;

	arena_init(&an.arena, MEMORY);
	if (read_ask(c->head->query, &an.arena, &an.ask, &why))
		refusal_answer(c, &why);
	else
		answer(c, &an);
	arena_free(&an.arena);
}
