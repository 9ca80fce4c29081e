/* What happened, counted: one table of plain counters per loop. */
#ifndef HR_STATS_COUNTERS_H
#define HR_STATS_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

/* Written by one thread with plain adds; other threads read copies made by
 * that thread. */
struct counters {
#define COUNTER(member, help) uint64_t member;
#include "stats/counters.def"
#undef COUNTER
};

struct counter_row {
	const char *name;
	const char *help;
	size_t offset;		/* of the member in struct counters */
};

/* The table, for whoever shows it; `*n` rows. */
const struct counter_row *counter_rows(size_t *n);

/* The value that a row names. */
uint64_t counter_value(const struct counters *c, const struct counter_row *row);

/* Adds every counter of `from` to `to`. */
void counters_add(struct counters *to, const struct counters *from);

#endif
