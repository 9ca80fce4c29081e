/* Where JSON stands in a text that is something else: after a command line, behind an HTTP head,
 * between sentences. */
#ifndef HR_COMPRESS_PASSAGE_H
#define HR_COMPRESS_PASSAGE_H

#include "base/fuel.h"
#include "base/span.h"

/* Most passages of one text that are looked for. */
#define PASSAGES_MOST 16

/* A value, or values that each begin on a line of their own, with nothing but the line breaks
 * between them. */
struct passage {
	size_t off, len;
	uint32_t values;
	bool broken;	/* a line break stands within one of several values */
};

/* Finds passages of at least 200 bytes, in order: brackets that match and hold nothing that JSON can not;
 * whether it is JSON is for a scan to say. Returns how many. Linear: what brackets without end
 * cost is charged, and once the fuel is used up there are no more. */
uint32_t passages_find(struct span text, struct fuel *fuel, struct passage out[PASSAGES_MOST]);

#endif
