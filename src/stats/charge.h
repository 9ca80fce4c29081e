/* What a request cost, and what it would have cost more. */
#ifndef HR_STATS_CHARGE_H
#define HR_STATS_CHARGE_H

#include "stats/event.h"
#include "stats/prices.h"

#define CHARGE_PARTS 32

/* Tokens that were not sent, by where they would have stood in the prompt as it was
 * sent: in so many equal parts of it. */
struct charge_saved {
	uint64_t part[CHARGE_PARTS];
};

/* Fills the costs of an event whose tokens are known. A saved token is worth the rate
 * of its place: the provider read the first cache_read tokens of the prompt from its
 * cache, wrote the next ones to it, and charged the rest in full. Tokens that we added
 * stand at the prompt's beginning, where tool definitions do. */
void charge_event(struct usage_event *e, const struct price_list *prices,
		  const struct charge_saved *saved);

#endif
