/* What requests used and saved: kept for ever in sums, and for a while one by one. */
#ifndef HR_STORE_USAGE_H
#define HR_STORE_USAGE_H

#include <stdint.h>

#include "base/span.h"

enum usage_sum {
#define USAGE_SUM(member, help) USAGE_##member,
#include "store/usage.def"
#undef USAGE_SUM
	USAGE_SUMS,
};

struct usage_sums {
	int64_t v[USAGE_SUMS];
};

/* Adds; a sum that would overflow stops at the largest number. */
void usage_sums_add(struct usage_sums *to, const struct usage_sums *more);

/* By what sums are kept apart. */
struct usage_key {
	struct span provider;
	struct span model;
	struct span project;
	struct span client;
};

/* The times that sums are kept for. Rows of a session and of all time have a project
 * in their key and nothing else. */
enum usage_period {
	USAGE_HOUR,
	USAGE_DAY,
	USAGE_SESSION,		/* since a pause of USAGE_PAUSE_MS: the display session */
	USAGE_EVER,
};

#define USAGE_PAUSE_MS (60 * 60 * 1000)
#define USAGE_HOUR_MS ((int64_t)60 * 60 * 1000)

struct usage_row {
	int64_t at;		/* hours or days since 1970, UTC; else 0 */
	int64_t last_ms;	/* wall time of the last request; set by the store */
	struct usage_key key;
	struct usage_sums sums;
};

/* Part of a batch for the store: recorded as a whole or not at all. */
struct usage_batch {
	const struct usage_row *rows;	/* by hour */
	uint32_t row_count;
	struct span events;	/* packed by the caller; never looked into */
	uint32_t event_count;
	int64_t first_ms;	/* wall time of the first and the last event */
	int64_t last_ms;
};

/* The display session; both 0 before the first request. */
struct usage_session {
	int64_t started_ms;
	int64_t last_ms;
};

#endif
