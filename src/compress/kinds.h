/* Kinds of rows: those of an array or object that have their members in
 * different orders, or few in common, get columns of their own. */
#ifndef HR_COMPRESS_KINDS_H
#define HR_COMPRESS_KINDS_H

#include "compress/table.h"

#define KINDS 16u		/* named by letters from A on */
#define KIND_NONE UINT8_MAX	/* of a row that stands as JSON */

struct kinds {
	uint8_t *of;		/* per row */
	struct row_kind kind[KINDS];
	uint32_t count;
};

/* Room for kinds_find, used again by each call. NULL: no memory. */
struct kinds_finder *kinds_finder_new(struct arena *a);

/* Finds the kinds of the list's rows, by the members of the rows alone. One
 * kind where a table would not gain by more; none where none is alike.
 * ERR_UNSUPPORTED: there are too few rows, or too many members to tell; ERR_FUEL,
 * ERR_NOMEM. */
enum err kinds_find(struct kinds_finder *f, const struct json_doc *d,
		    const struct row_list *list, struct arena *a, struct fuel *fuel,
		    struct kinds *out) MUST_CHECK;

/* Puts the tables of the kinds together as one: rows in the list's order,
 * columns one kind after another. ERR_UNSUPPORTED: more than half of the rows
 * would stand as JSON; ERR_NOMEM. */
enum err kinds_join(const struct row_list *list, const struct kinds *kinds,
		    const struct table *parts, struct arena *a, struct table *out) MUST_CHECK;

#endif
