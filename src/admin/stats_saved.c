/* display_session, persistent_savings and savings of GET /stats: what the store
 * remembers beyond this process. */
#include "admin/stats.h"
#include "base/clock.h"

#define PROJECTS_SHOWN 50

static void
write_sums(struct json_writer *w, const struct usage_sums *s)
{
	jw_ki64(w, "requests", s->v[USAGE_requests]);
	jw_ki64(w, "tokens_saved", s->v[USAGE_saved_tokens]);
	jw_knumber(w, "compression_savings_usd", stats_usd(sums_net_saved(s)), 6);
	jw_ki64(w, "total_input_tokens", s->v[USAGE_prompt_tokens]);
	jw_knumber(w, "total_input_cost_usd", stats_usd(s->v[USAGE_prompt_cost]), 6);
}

static void
write_savings_percent(struct json_writer *w, const struct usage_sums *s)
{
	jw_knumber(w, "savings_percent",
		   stats_percent((double)s->v[USAGE_saved_tokens], (double)stats_before(s)), 2);
}

/* By project, as far as they have names; those that saved most first. */
static void
write_projects(struct json_writer *w, const char *key, const struct usage_row *rows, uint32_t n)
{
	bool shown[4096] = { false };

	jw_key(w, key);
	jw_object(w);
	for (int k = 0; k < PROJECTS_SHOWN; k++) {
		uint32_t best = n;

		for (uint32_t i = 0; i < n && i < 4096; i++)
			if (!shown[i] && rows[i].key.project.n &&
			    (best == n || rows[i].sums.v[USAGE_saved_tokens] >
						  rows[best].sums.v[USAGE_saved_tokens]))
				best = i;
		if (best == n)
			break;
		shown[best] = true;
		jw_key_span(w, rows[best].key.project);
		jw_object(w);
		write_sums(w, &rows[best].sums);
		stats_time(w, "last_activity_at", rows[best].last_ms);
		write_savings_percent(w, &rows[best].sums);
		jw_end_object(w);
	}
	jw_end_object(w);
}

static void
write_display(const struct stats_view *v, struct json_writer *w)
{
	const struct kept *const k = v->kept;
	const bool over = !k || kept_session_over(k, clock_wall_ms());

	write_sums(w, &v->display);
	write_savings_percent(w, &v->display);
	stats_time(w, "started_at", over ? 0 : k->session.started_ms);
	stats_time(w, "last_activity_at", over ? 0 : k->session.last_ms);
	write_projects(w, "projects", over ? NULL : k->display, over ? 0 : k->display_count);
}

void
stats_display_session(const struct stats_view *v, struct json_writer *w)
{
	jw_key(w, "display_session");
	jw_object(w);
	write_display(v, w);
	jw_end_object(w);
}

void
stats_lifetime(const struct stats_view *v, struct json_writer *w)
{
	jw_key(w, "lifetime");
	jw_object(w);
	write_sums(w, &v->ever);
	jw_end_object(w);
	stats_display_session(v, w);
	jw_key(w, "display_session_policy");
	jw_object(w);
	jw_ki64(w, "rollover_inactivity_minutes", USAGE_PAUSE_MS / 60000);
	jw_end_object(w);
}

void
stats_projects(const struct stats_view *v, const char *key, struct json_writer *w)
{
	write_projects(w, key, v->kept ? v->kept->ever : NULL, v->kept ? v->kept->ever_count : 0);
}

void
stats_persistent(const struct stats_view *v, struct json_writer *w)
{
	jw_key(w, "persistent_savings");
	jw_object(w);
	jw_ku64(w, "schema_version", 3);
	stats_lifetime(v, w);
	stats_projects(v, "projects", w);
	jw_ku64(w, "projects_limit", PROJECTS_SHOWN);
	jw_end_object(w);
}

static void
write_layer(struct json_writer *w, const char *name, int64_t tokens, const char *description)
{
	jw_key(w, name);
	jw_object(w);
	jw_ki64(w, "tokens", tokens);
	jw_kstring(w, "description", description);
	jw_end_object(w);
}

void
stats_savings(const struct stats_view *v, struct json_writer *w)
{
	const int64_t *const s = v->since.v;

	jw_key(w, "savings");
	jw_object(w);
	jw_ki64(w, "total_tokens", s[USAGE_saved_tokens]);
	stats_projects(v, "per_project", w);
	jw_key(w, "by_layer");
	jw_object(w);
	write_layer(w, "cli_filtering", 0, "No command-line filter is part of this proxy.");
	write_layer(w, "compression", s[USAGE_saved_tokens],
		    "Prompt tokens that were not sent because tool output was replaced by a smaller form.");
	jw_key(w, "prefix_cache");
	jw_object(w);
	jw_knumber(w, "discount_usd", stats_usd(s[USAGE_cache_saved_cost]), 4);
	jw_kstring(w, "description", "What the provider's prompt cache took off the price; not counted as a saving of ours.");
	jw_end_object(w);
	jw_end_object(w);
	jw_end_object(w);
}
