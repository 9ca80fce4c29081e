/* Sums by hour, provider, model, project and client. One thread. */
#ifndef HR_STATS_SUMS_H
#define HR_STATS_SUMS_H

#include "stats/event.h"

/* Different keys; events of further ones are added under the name "(other)" for all of
 * theirs but the provider. */
#define SUMS_ROWS 512

struct sums_row {
	int64_t hour;		/* since 1970; 0 in a table without hours */
	uint16_t provider, model, project, client;	/* numbers in struct names */
	struct usage_sums sums;
};

/* Embed it, zeroed: it is empty then. */
struct sums_table {
	struct sums_row *rows;
	uint32_t count, room;
	uint16_t slots[2 * SUMS_ROWS];	/* 1 + place in `rows`, by hash; 0: free */
};

void sums_free(struct sums_table *t);

/* Empties it, keeps its memory. */
void sums_clear(struct sums_table *t);

/* Adds to the key's sums. ERR_NOMEM: nothing was added. */
enum err sums_add(struct sums_table *t, const struct sums_row *row) MUST_CHECK;

/* Of all rows. */
void sums_total(const struct sums_table *t, struct usage_sums *out);

#endif
