/* Long texts that occur more than once. */
#ifndef HR_COMPRESS_DEFINE_TEXT_H
#define HR_COMPRESS_DEFINE_TEXT_H

#include "compress/intern.h"

/* What strings cost and which nodes can not be named. */
struct text_costs {
	const uint32_t *cost;	/* per node, where the plan writes it (node_cost.h) */
	const uint8_t *is_key;	/* per node */
};

/* Marks in `chosen` the classes of texts whose repetition costs more than a definition
 * and names. Those of containers are marked there already: what is within the second
 * and further uses of one is not written. Adds what that gains, in quarters of a token.
 * ERR_FUEL, ERR_NOMEM. */
enum err define_texts(const struct json_doc *d, const struct interned *values,
		      const struct text_costs *costs, struct arena *a, struct fuel *fuel,
		      bool *chosen, uint64_t *gain) MUST_CHECK;

#endif
