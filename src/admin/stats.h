/* The parts of GET /stats. Names and shapes are the existing system's; what it
 * reports of subsystems that are not here stands with its neutral value. */
#ifndef HR_ADMIN_STATS_H
#define HR_ADMIN_STATS_H

#include "json/write.h"
#include "proxy/proxy.h"
#include "stats/prices.h"

/* What all parts are written from, as of one moment. */
struct stats_view {
	const struct proxy *proxy;
	const struct book *book;
	const struct kept *kept;	/* NULL: the store has not been read yet */
	struct usage_sums since;	/* the start or the last reset */
	struct usage_sums ever, display;
	bool local;			/* the caller may see single requests and settings */
};

/* Dollars of picodollars. */
static inline double
stats_usd(int64_t picodollars)
{
	return (double)picodollars / (double)PRICE_DOLLAR;
}

/* "2026-01-31T23:59:59Z" and a NUL. */
void stats_clock(int64_t wall_ms, char out[25]);

/* A member with such a time; null for 0. */
void stats_time(struct json_writer *w, const char *key, int64_t wall_ms);

/* 100 × part / whole; 0 of nothing. */
static inline double
stats_percent(double part, double whole)
{
	return whole > 0 ? 100.0 * part / whole : 0.0;
}

/* Prompt tokens as they would have been without headroom. */
static inline int64_t
stats_before(const struct usage_sums *s)
{
	return s->v[USAGE_prompt_tokens] + s->v[USAGE_saved_tokens];
}

/* Of this moment; the figures of the store are those of a moment ago. */
void stats_view_of(const struct admin_call *c, struct stats_view *v);

/* Sets what the store remembers, and its sums. */
void stats_view_kept(struct stats_view *v, const struct kept *k, int64_t now_ms);

void stats_summary(const struct stats_view *v, struct json_writer *w);
void stats_agents(const struct stats_view *v, struct json_writer *w);
void stats_savings(const struct stats_view *v, struct json_writer *w);
void stats_requests(const struct stats_view *v, struct json_writer *w);
void stats_tokens(const struct stats_view *v, struct json_writer *w);
void stats_times(const struct stats_view *v, struct json_writer *w);
void stats_prefix_cache(const struct stats_view *v, struct json_writer *w);
void stats_cost(const struct stats_view *v, struct json_writer *w);
void stats_display_session(const struct stats_view *v, struct json_writer *w);

/* lifetime, display_session and its policy; and projects of all time: also of
 * GET /stats-history. */
void stats_lifetime(const struct stats_view *v, struct json_writer *w);
void stats_projects(const struct stats_view *v, const char *key, struct json_writer *w);
void stats_persistent(const struct stats_view *v, struct json_writer *w);
void stats_neutral(struct json_writer *w);
void stats_recent(const struct stats_view *v, struct json_writer *w);

#endif
