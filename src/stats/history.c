#include "stats/history.h"

#define HOURS_KEPT (31 * 24)
#define DAY_MS (24 * USAGE_HOUR_MS)

const char *
history_name(enum history_series s)
{
	static const char *const names[HISTORY_SERIES] = { "hourly", "daily", "weekly", "monthly" };

	return names[s];
}

enum usage_period
history_source(enum history_series s, int64_t now_ms, int64_t *from)
{
	const bool hours = s == HISTORY_HOURLY;

	*from = hours ? now_ms / USAGE_HOUR_MS - HOURS_KEPT : 0;
	return hours ? USAGE_HOUR : USAGE_DAY;
}

/* ---- the calendar ---- */

/* The day of the month, from 1, of a day since 1970-01-01 in the Gregorian calendar: days
 * are counted in years that begin in March and eras of 400 years (Fliegel and Van
 * Flandern's way, CACM 11, 1968, in Howard Hinnant's form). */
static int64_t
day_of_month(int64_t day)
{
	const int64_t since_era0 = day + 719468;	/* days since 0000-03-01 */
	const int64_t of_era = since_era0 - since_era0 / 146097 * 146097;
	const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	const int64_t month = (5 * of_year + 2) / 153;

	return of_year - (153 * month + 2) / 5 + 1;
}

/* When the bucket of a row's time begins. */
static int64_t
start_of(enum history_series s, int64_t at)
{
	switch (s) {
	case HISTORY_HOURLY:
		return at * USAGE_HOUR_MS;
	case HISTORY_WEEKLY:
		/* 1970-01-01 was a Thursday. */
		return (at - (at + 3) % 7) * DAY_MS;
	case HISTORY_MONTHLY:
		return (at - (day_of_month(at) - 1)) * DAY_MS;
	case HISTORY_DAILY:
	case HISTORY_SERIES:
		break;
	}
	return at * DAY_MS;
}

/* ---- adding up ---- */

static enum err
add_part(struct history_part **parts, uint32_t *count, struct span name, const struct usage_sums *sums,
	 struct arena *a)
{
	uint32_t i = 0;

	while (i < *count && !span_eq((*parts)[i].name, name))
		i++;
	if (i == *count) {
		struct history_part *const more = arena_grow(a, *parts, i * sizeof *more,
							     (i + 1) * sizeof *more);

		if (!more)
			return ERR_NOMEM;
		more[i] = (struct history_part){ .name = name };
		*parts = more;
		*count = i + 1;
	}
	usage_sums_add(&(*parts)[i].sums, sums);
	return OK;
}

/* The rows of one bucket. */
static enum err
fill(struct history_bucket *b, const struct usage_row *rows, uint32_t n, struct arena *a)
{
	for (uint32_t i = 0; i < n; i++)
		TRY(add_part(&b->providers, &b->provider_count, rows[i].key.provider, &rows[i].sums, a));
	for (uint32_t i = 0; i < n; i++) {
		TRY(add_part(&b->models, &b->model_count, rows[i].key.model, &rows[i].sums, a));
		usage_sums_add(&b->sums, &rows[i].sums);
	}
	return OK;
}

enum err
history_buckets(enum history_series s, const struct usage_row *rows, uint32_t n, struct arena *a,
		struct history_bucket **out, uint32_t *count)
{
	struct history_bucket *const buckets = ARENA_ARRAY(a, struct history_bucket, n ? n : 1);
	uint32_t made = 0;

	if (!buckets)
		return ERR_NOMEM;
	for (uint32_t i = 0, end; i < n; i = end) {
		const int64_t start = start_of(s, rows[i].at);

		for (end = i + 1; end < n && start_of(s, rows[end].at) == start;)
			end++;
		buckets[made] = (struct history_bucket){ .start_ms = start };
		TRY(fill(&buckets[made++], rows + i, end - i, a));
	}
	*out = buckets;
	*count = made;
	return OK;
}
