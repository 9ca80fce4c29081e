/* What the parts of planning share. */
#ifndef HR_COMPRESS_PLANNER_H
#define HR_COMPRESS_PLANNER_H

#include "compress/kinds.h"
#include "compress/plan.h"

struct planner {
	struct plan *plan;
	struct arena *a;
	struct fuel *fuel;
	struct column *work;
	struct kinds_finder *finder;
};

/* Lists the rows of `n` containers, at least one, all of one type. */
enum err plan_list(struct planner *pl, const uint32_t *containers, uint32_t n,
		   struct row_list *out) MUST_CHECK;

/* Chooses how the columns of a table that was read are written. */
enum err plan_columns(struct planner *pl, struct table *t) MUST_CHECK;

/* Finds the kinds of the rows, their columns, and how these are written.
 * ERR_UNSUPPORTED: no table of them pays. */
enum err plan_rows(struct planner *pl, const struct row_list *list,
		   struct table *out) MUST_CHECK;

/* Adds the table of t->container to the plan. */
enum err plan_add(struct planner *pl, const struct table *t) MUST_CHECK;

/* May a table stand within the cell? A value that is said once for many rows
 * refers to none. */
static inline bool
plan_is_within(const struct json_doc *d, const struct table *t, const struct cell *cell)
{
	const struct column *const c = &t->columns[cell->column];

	return json_type(d, cell->node) >= JSON_ARRAY && !c->constant && !c->marked;
}

/* Makes one pool of the lists in each column of the table, where they are alike:
 * tables of their own, but with the same columns. */
enum err plan_pools(struct planner *pl, const struct table *t) MUST_CHECK;

#endif
