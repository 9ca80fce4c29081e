/* Which arrays and objects of a source become tables. */
#ifndef HR_COMPRESS_PLAN_H
#define HR_COMPRESS_PLAN_H

#include "compress/table.h"

struct plan {
	const struct source *source;
	struct table *tables;
	uint32_t count;
	uint32_t room;
	uint32_t *table_of;	/* per node: 1 + its place in `tables`, or 0 */
	/* Rows are left out of tables, and a marker names the original by these
	 * COMPRESS_HASH_DIGITS; NULL: every row is written. */
	const char *hash;
};

/* Reads every array and object that pays as a table: the outermost first, then those in
 * its cells. There may be none. ERR_FUEL, ERR_NOMEM. The source must outlive the
 * plan. */
enum err plan_tables(const struct source *s, struct arena *a, struct fuel *fuel,
		     struct plan *out) MUST_CHECK;

#endif
