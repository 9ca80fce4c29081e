/* Columns of moments that follow one another in equal steps. Their rows have no
 * cells; a line before every tenth row says its values. */
#ifndef HR_COMPRESS_SEQUENCE_H
#define HR_COMPRESS_SEQUENCE_H

#include "compress/table.h"

#define SEQUENCE_ROWS 10u	/* that one such line is for */
#define SEQUENCE_LINE "@ "	/* it begins so */

/* Finds such columns: in every row, and worth it. Where rows are left out they
 * have cells like others, so it comes after affix_choose. ERR_FUEL, ERR_NOMEM. */
enum err sequence_choose(const struct json_doc *d, struct table *t, struct arena *a,
			 struct fuel *fuel) MUST_CHECK;

/* Do the rows lack a cell for this column, for the step says it? */
static inline bool
sequence_is_used(const struct table *t, const struct column *c)
{
	return c->step.n && !t->reasons;
}

#endif
