/* What is said of a table as a whole where rows of it are left out. */
#ifndef HR_COMPRESS_ELIDE_TOTALS_H
#define HR_COMPRESS_ELIDE_TOTALS_H

#include "compress/elide_rows.h"

#define TOTALS_GROUPS 12u

struct elide_totals {
	/* The rows by the column that tells best what they are. */
	uint8_t *group;		/* per row: 1 + which, 0: none; NULL: there is no such column */
	struct span names[TOTALS_GROUPS];
	uint32_t least_gap;	/* rows; shorter gaps do not say how many of each they hold */
	struct span text;	/* lines, a "\n" before each: counts, ranges, kinds of trouble */
};

/* Counts what there is, in rows that stay and others alike. Needs what
 * rows_keep_rare, rows_keep_extremes and rows_keep_trouble found. ERR_FUEL, ERR_NOMEM. */
enum err totals_make(struct rows_work *w, struct elide_totals **out) MUST_CHECK;

#endif
