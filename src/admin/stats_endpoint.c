/* GET /stats, POST /stats/reset. */
#include "admin/admin.h"
#include "admin/stats.h"
#include "base/clock.h"
#include "wire/query.h"

void
stats_clock(int64_t wall_ms, char out[25])
{
	clock_iso(wall_ms, out);
	/* In place of the milliseconds. */
	memcpy(out + 19, "Z", 2);
}

void
stats_time(struct json_writer *w, const char *key, int64_t wall_ms)
{
	char text[25];

	stats_clock(wall_ms, text);
	jw_kstring(w, key, wall_ms ? text : NULL);
}

void
stats_view_kept(struct stats_view *v, const struct kept *k, int64_t now_ms)
{
	v->kept = k;
	v->ever = v->display = (struct usage_sums){ .v = { 0 } };
	if (!k)
		return;
	kept_total(k->ever, k->ever_count, &v->ever);
	if (!kept_session_over(k, now_ms))
		kept_total(k->display, k->display_count, &v->display);
}

void
stats_view_of(const struct admin_call *c, struct stats_view *v)
{
	*v = (struct stats_view){
		.proxy = c->proxy,
		.book = proxy_book(c->proxy),
		.local = c->local,
	};
	sums_total(&v->book->since, &v->since);
	stats_view_kept(v, proxy_kept(c->proxy), clock_wall_ms());
}

static void
write_inbound(const struct stats_view *v, struct json_writer *w)
{
	const struct counters *const c = proxy_counters(v->proxy);
	const uint64_t done = c->responses_2xx + c->responses_3xx + c->responses_4xx + c->responses_5xx;

	jw_key(w, "proxy_inbound");
	jw_object(w);
	jw_ku64(w, "total", c->requests);
	jw_ku64(w, "completed", done);
	jw_ku64(w, "active", proxy_active(v->proxy));
	jw_key(w, "by_status");
	jw_object(w);
	jw_ku64(w, "2xx", c->responses_2xx);
	jw_ku64(w, "3xx", c->responses_3xx);
	jw_ku64(w, "4xx", c->responses_4xx);
	jw_ku64(w, "5xx", c->responses_5xx);
	jw_end_object(w);
	jw_end_object(w);
}

/* Checks ?cached=…, whose value makes no difference; 400 when it is none. */
static bool
check_query(struct admin_call *c)
{
	static const char *const words[] = { "1", "0", "true", "false", "t", "f", "yes", "no",
					     "y", "n", "on", "off" };
	struct span query = c->head->query, name, value;
	struct arena a;
	bool known = true;
	enum err e;

	arena_init(&a, 1 << 16);
	while (known && (e = query_next(&query, &a, &name, &value)) == OK) {
		if (!span_eq(name, SPAN("cached")))
			continue;
		known = false;
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			known |= span_eq_nocase(value, span_str(words[i]));
	}
	arena_free(&a);
	if (!known)
		admin_error(c, 400, "invalid_request", "cached must be true or false.");
	return known;
}

/* Figures are always as of now: there is nothing to be had cheaper by asking for
 * older ones. */
void
admin_stats(struct admin_call *c)
{
	struct json_writer w;
	struct stats_view v;

	if (!check_query(c))
		return;
	stats_view_of(c, &v);
	jw_init(&w, &c->reply);
	jw_object(&w);
	stats_summary(&v, &w);
	stats_agents(&v, &w);
	stats_savings(&v, &w);
	stats_requests(&v, &w);
	stats_tokens(&v, &w);
	stats_times(&v, &w);
	stats_display_session(&v, &w);
	stats_persistent(&v, &w);
	stats_prefix_cache(&v, &w);
	stats_cost(&v, &w);
	write_inbound(&v, &w);
	stats_neutral(&w);
	if (v.local)
		stats_recent(&v, &w);
	jw_end_object(&w);
}

void
admin_stats_reset(struct admin_call *c)
{
	struct json_writer w;

	proxy_book_reset(c->proxy);
	jw_init(&w, &c->reply);
	jw_object(&w);
	jw_kstring(&w, "status", "reset");
	jw_end_object(&w);
}
