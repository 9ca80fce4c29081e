/* Values that occur more than once: written once, above, and named elsewhere. */
#ifndef HR_COMPRESS_DEFINE_H
#define HR_COMPRESS_DEFINE_H

#include "base/fuel.h"
#include "json/scan.h"

struct plan;

/* Begins a definition and a name that stands for one. */
#define DEFINE_MARK '*'

struct definition {
	uint32_t node;		/* where the value occurs first */
	struct span name;	/* see define_is_name */
};

/* Objects with the same members, side by side in the list, or one other value. Several may be the rows
 * of a table. */
struct definition_group {
	uint32_t first, count;
	/* The member after whose value each is named; absent: none. */
	struct span named_by;
};

/* Values that are written by name: containers, and long texts. */
struct definitions {
	const uint32_t *of;	/* per node: 1 + its definition, or 0 */
	struct definition *list;	/* what one holds stands before it */
	uint32_t count;
	struct definition_group *groups;	/* all of them, in that order */
	uint32_t group_count;
};

/* The definition of a node; 0: none. `d` may be NULL. */
static inline uint32_t
define_of(const struct definitions *d, uint32_t node)
{
	return d && d->count ? d->of[node] : 0;
}

/* May it be in a name? ASCII letters, digits and "_-./". */
bool define_is_name_char(char c);

/* Chooses the objects, arrays and texts whose repetition costs more than a definition
 * and its names, judged by what they cost in the forms of `plain`, a plan without
 * definitions. None found, or too little to gain: count 0. ERR_FUEL, ERR_NOMEM. */
enum err define_choose(const struct plan *plain, struct arena *a, struct fuel *fuel,
		       struct definitions *out) MUST_CHECK;

/* Would a name say which value it is? */
bool define_tells(const struct json_doc *d, uint32_t node);

/* Names the definitions, each unlike the others: after a member or text of the value
 * that tells them apart, else by letters. ERR_FUEL, ERR_NOMEM. */
enum err define_name(const struct json_doc *d, struct definitions *defs, struct arena *a,
		     struct fuel *fuel) MUST_CHECK;

#endif
