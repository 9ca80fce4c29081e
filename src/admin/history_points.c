#include "admin/history_points.h"

#include <stdlib.h>

/* Filled from the end, since the sums are known there. */
struct filling {
	struct history_point *points;
	uint32_t at;		/* the oldest one filled */
	int64_t saved_tokens, saved_cost, prompt_tokens, prompt_cost;
};

static void
take(struct filling *f, const struct usage_event *e)
{
	const int64_t saved = event_saved_tokens(e);

	if (saved != 0)
		f->points[--f->at] = (struct history_point){ *e, f->saved_tokens, f->saved_cost,
							     f->prompt_tokens, f->prompt_cost };
	f->saved_tokens -= saved;
	f->saved_cost -= event_net_saved(e);
	f->prompt_tokens -= (int64_t)event_prompt_tokens(e);
	f->prompt_cost -= e->prompt_cost;
}

/* One batch, newest event first. */
static enum err
take_batch(struct filling *f, struct span packed, struct names *names)
{
	struct usage_event *events;
	uint32_t n;
	const enum err e = events_unpack(packed, names, &events, &n);

	if (e != OK)
		return e == ERR_SYNTAX ? ERR_IO : e;
	while (n > 0 && f->at > 0)
		take(f, &events[--n]);
	free(events);
	return OK;
}

enum err
history_points(struct store_reader *r, const struct usage_sums *ever, struct names *names,
	       struct arena *a, struct history_point **out, uint32_t *count)
{
	struct filling f = {
		.points = ARENA_ARRAY(a, struct history_point, HISTORY_POINTS),
		.at = HISTORY_POINTS,
		.saved_tokens = ever->v[USAGE_saved_tokens],
		.saved_cost = sums_net_saved(ever),
		.prompt_tokens = ever->v[USAGE_prompt_tokens],
		.prompt_cost = ever->v[USAGE_prompt_cost],
	};
	int64_t id = INT64_MAX;

	if (!f.points)
		return ERR_NOMEM;
	while (f.at > 0) {
		struct arena batch;
		struct span packed;

		arena_init(&batch, (size_t)16 << 20);
		enum err e = store_usage_events(r, id, &batch, &packed, &id);
		if (e == OK && id)
			e = take_batch(&f, packed, names);
		arena_free(&batch);
		if (e != OK)
			return e;
		if (!id)
			break;
	}
	*out = f.points + f.at;
	*count = HISTORY_POINTS - f.at;
	return OK;
}

void
history_compact(struct history_point *points, uint32_t *count)
{
	const uint32_t n = *count, newest = HISTORY_COMPACT / 3, older = HISTORY_COMPACT - newest;

	if (n <= HISTORY_COMPACT)
		return;
	for (uint32_t i = 0; i < older; i++)
		points[i] = points[(uint64_t)(n - newest - 1) * i / (older - 1)];
	memmove(points + older, points + n - newest, newest * sizeof *points);
	*count = HISTORY_COMPACT;
}
