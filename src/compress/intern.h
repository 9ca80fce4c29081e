/* Equal values of a tape get equal numbers. */
#ifndef HR_COMPRESS_INTERN_H
#define HR_COMPRESS_INTERN_H

#include "base/fuel.h"
#include "json/scan.h"

/* Values of one kind: equal to the byte but for white space between tokens. */
struct value_class {
	uint32_t first;	/* the first node that has it */
	uint32_t count;	/* nodes that do */
};

struct interned {
	/* Per node: equal for equal values and keys, different for others. Values of up to
	 * seven bytes stand for themselves; those of others have INTERN_CLASS set. */
	uint64_t *id;
	/* Those of more than seven bytes, in no order that means anything. */
	struct value_class *classes;
	uint32_t count;
};

#define INTERN_CLASS ((uint64_t)1 << 63)

/* The class of a value that has one. */
static inline uint32_t
intern_class(const struct interned *v, uint32_t node)
{
	return (uint32_t)v->id[node];
}

static inline bool
intern_has_class(const struct interned *v, uint32_t node)
{
	return (v->id[node] & INTERN_CLASS) != 0;
}

/* Compares byte by byte wherever hashes agree. Linear; what makes hashes collide is
 * paid for in fuel. ERR_FUEL, ERR_NOMEM. */
enum err intern_values(const struct json_doc *d, struct arena *a, struct fuel *fuel,
		       struct interned *out) MUST_CHECK;

#endif
