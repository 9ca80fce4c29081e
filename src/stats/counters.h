/* What happened, counted: one table of plain counters per loop. */
#ifndef HR_STATS_COUNTERS_H
#define HR_STATS_COUNTERS_H

#include <stdint.h>

/* Written by one thread with plain adds; other threads read copies made by
 * that thread. */
struct counters {
#define COUNTER(member, help) uint64_t member;
#include "stats/counters.def"
#undef COUNTER
};

#endif
