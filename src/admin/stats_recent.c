/* The last requests, for callers on this machine: GET /stats. */
#include <stdio.h>

#include "admin/stats.h"
#include "base/clock.h"

#define SHOWN 10

static const char *
error_of(const struct usage_event *e)
{
	switch ((enum event_outcome)e->outcome) {
	case EVENT_LIMITED:
		return "limited";
	case EVENT_FAILED:
		return "upstream";
	case EVENT_TRUNCATED:
		return "truncated";
	case EVENT_CLIENT_GONE:
		return "client_gone";
	case EVENT_OK:
	case EVENT_CACHED:
		break;
	}
	return e->status >= 400 ? "rejected" : NULL;
}

static void
write_event(const struct stats_view *v, const struct usage_event *e, struct json_writer *w)
{
	const int64_t after = (int64_t)event_prompt_tokens(e);
	const int64_t saved = event_saved_tokens(e);
	char id[48], at[25];

	snprintf(id, sizeof id, "hr_%lld_%06lld", (long long)(e->at_ms / 1000), (long long)e->id);
	clock_iso(e->at_ms, at);
	jw_object(w);
	jw_kstring(w, "request_id", id);
	jw_kstring(w, "timestamp", at);
	jw_kspan(w, "provider", names_text(v->book->names, e->provider));
	jw_kspan(w, "model", names_text(v->book->names, e->model));
	jw_kspan(w, "client", names_text(v->book->names, e->client));
	jw_kspan(w, "project", names_text(v->book->names, e->project));
	jw_kspan(w, "path", names_text(v->book->names, e->path));
	jw_ku64(w, "status", e->status);
	jw_ki64(w, "input_tokens_original", after + saved);
	jw_ki64(w, "input_tokens_optimized", after);
	jw_ku64(w, "output_tokens", e->output);
	jw_ku64(w, "cache_read_tokens", e->cache_read);
	jw_ku64(w, "cache_write_tokens", e->cache_write_5m + e->cache_write_1h);
	jw_ki64(w, "tokens_saved", saved);
	jw_knumber(w, "savings_percent", stats_percent((double)saved, (double)(after + saved)), 2);
	jw_knumber(w, "savings_usd", stats_usd(event_net_saved(e)), 6);
	jw_kbool(w, "tokens_estimated", e->flags & EVENT_ESTIMATED);
	jw_knumber(w, "optimization_latency_ms", (double)e->overhead_us / 1000, 3);
	jw_knumber(w, "total_latency_ms", (double)e->total_us / 1000, 3);
	jw_kbool(w, "cache_hit", e->outcome == EVENT_CACHED);
	jw_key(w, "transforms_applied");
	jw_array(w);
	for (uint32_t i = 0; i < e->why.n; i++)
		if (e->why.of[i].sort > COMPRESS_VERBATIM && e->why.of[i].sort < COMPRESS_FORMS)
			jw_string(w, compress_form_name((enum compress_form)e->why.of[i].sort));
	jw_end_array(w);
	jw_kstring(w, "error", error_of(e));
	jw_end_object(w);
}

void
stats_recent(const struct stats_view *v, struct json_writer *w)
{
	const struct book *const b = v->book;
	static const char *const keys[] = { "request_logs", "recent_requests" };

	for (int k = 0; k < 2; k++) {
		jw_key(w, keys[k]);
		jw_array(w);
		for (uint64_t i = b->events > SHOWN ? b->events - SHOWN : 0; i < b->events; i++)
			write_event(v, &b->recent[i % BOOK_RECENT], w);
		jw_end_array(w);
	}
}
