/* Single requests of the past with what had been saved until then. */
#ifndef HR_ADMIN_HISTORY_POINTS_H
#define HR_ADMIN_HISTORY_POINTS_H

#include "stats/event.h"
#include "store/store.h"

#define HISTORY_POINTS 5000		/* the newest; compact shows fewer of them */
#define HISTORY_COMPACT 500

/* A request that saved or cost tokens of ours, and the sums of all time after it. */
struct history_point {
	struct usage_event event;
	int64_t saved_tokens;
	int64_t saved_cost;	/* net, picodollars */
	int64_t prompt_tokens;
	int64_t prompt_cost;
};

/* The newest HISTORY_POINTS at most, oldest first, in `a`; `ever` are the sums of all time
 * after the newest of them. Names are numbered in `names`. ERR_IO, ERR_BUSY, ERR_NOMEM. */
enum err history_points(struct store_reader *r, const struct usage_sums *ever, struct names *names,
			struct arena *a, struct history_point **out, uint32_t *count) MUST_CHECK;

/* Thins to HISTORY_COMPACT: the newest third as they are, the older ones evenly. */
void history_compact(struct history_point *points, uint32_t *count);

#endif
