#include "stats/histogram.h"

void
histogram_add(struct histogram *h, const struct histogram_edges *edges, uint64_t value)
{
	unsigned i = 0;

	while (i < HISTOGRAM_EDGES && value > edges->edge[i])
		i++;
	h->counts[i]++;
	h->least = h->n == 0 || value < h->least ? value : h->least;
	h->most = value > h->most ? value : h->most;
	h->sum += value;
	h->n++;
}
