/* Sums by time: hours, days, weeks and months out of what the store keeps. */
#ifndef HR_STATS_HISTORY_H
#define HR_STATS_HISTORY_H

#include "store/store.h"

enum history_series { HISTORY_HOURLY, HISTORY_DAILY, HISTORY_WEEKLY, HISTORY_MONTHLY, HISTORY_SERIES };

/* "hourly", … */
const char *history_name(enum history_series s);

/* One provider or one model within a bucket. */
struct history_part {
	struct span name;
	struct usage_sums sums;
};

struct history_bucket {
	int64_t start_ms;	/* wall time, UTC: the hour, day, Monday or first of the month */
	struct usage_sums sums;
	struct history_part *providers, *models;
	uint32_t provider_count, model_count;
};

/* Which rows a series is made of, from now_ms back: hours of 31 days, or all days.
 * *from is in the period's unit. */
enum usage_period history_source(enum history_series s, int64_t now_ms, int64_t *from);

/* Adds rows, oldest first, up to buckets; those without requests are left out. Names are the
 * rows'. ERR_NOMEM. */
enum err history_buckets(enum history_series s, const struct usage_row *rows, uint32_t n,
			 struct arena *a, struct history_bucket **out, uint32_t *count) MUST_CHECK;

#endif
