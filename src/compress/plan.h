/* Which arrays and objects of a source become tables. */
#ifndef HR_COMPRESS_PLAN_H
#define HR_COMPRESS_PLAN_H

#include "compress/define.h"
#include "compress/table.h"

/* Tables with the same columns: those of `whole`, which has the rows of all. */
struct table_pool {
	struct table whole;
	uint32_t first;		/* the first of them, a place in the plan's tables */
	uint32_t number;	/* of the one whose text has the columns; 0: not yet written */
};

struct plan {
	const struct source *source;
	const struct definitions *definitions;	/* values written by name, or NULL */
	struct table *tables;
	uint32_t count;
	uint32_t room;
	struct tokens_memo *memo;	/* what counting remembers, or NULL */
	struct table_pool *pools;
	uint32_t pool_count, pool_room;
	uint32_t *table_of;	/* per node: 1 + its place in `tables`, or 0 */
	/* Per group of definitions: the table that they are, or NULL. */
	struct table **definition_tables;
	/* Rows are left out of tables, and a marker names the original by these
	 * COMPRESS_HASH_DIGITS; NULL: every row is written. */
	const char *hash;
	/* Per node: an item of a list that is left out. NULL: none. */
	uint8_t *left_out;
	uint32_t items, items_kept;	/* of the lists that are written without some */
};

/* Reads every array and object that pays as a table: the outermost first, then those in
 * its cells; none within what `definitions` (or NULL) name. There may be none:
 * count 0. ERR_FUEL, ERR_NOMEM. Source and definitions must outlive the plan. */
enum err plan_tables(const struct source *s, const struct definitions *definitions,
		     struct arena *a, struct fuel *fuel, struct plan *out) MUST_CHECK;

#endif
