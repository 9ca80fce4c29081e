/* Counts of values by size, for a Prometheus exposition. */
#ifndef HR_STATS_HISTOGRAM_H
#define HR_STATS_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_EDGES 16

/* Embed it, zeroed. One thread. */
struct histogram {
	uint64_t counts[HISTOGRAM_EDGES + 1];	/* one more for what is above all edges */
	uint64_t sum;
	uint64_t n;
	uint64_t least, most;		/* when n > 0 */
};

/* Upper edges, inclusive, ascending; the same for all values of one histogram. */
struct histogram_edges {
	uint64_t edge[HISTOGRAM_EDGES];
};

void histogram_add(struct histogram *h, const struct histogram_edges *edges, uint64_t value);

#endif
