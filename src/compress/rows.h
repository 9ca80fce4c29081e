/* Walking the rows of an array into a tree of columns. */
#ifndef HR_COMPRESS_ROWS_H
#define HR_COMPRESS_ROWS_H

#include "compress/table.h"

/* A walk over one array's rows. Embed it; members are rows.c's. */
struct row_walk {
	const struct json_doc *d;
	const struct definitions *definitions;	/* values that are not opened, or NULL */
	bool defining;		/* but the rows themselves are */
	struct column *columns;
	uint32_t column_count;
	struct cell *cells;	/* NULL: cells are counted only */
	uint32_t cell_count;
	uint32_t cell_room;
	bool keyed;		/* each row's key stands before it, and is its first cell */
	uint64_t steps;		/* bytes read, for the caller's fuel */
	uint64_t compared;	/* columns looked at to find the keys' */
	struct arena *a;
};

void row_walk_init(struct row_walk *w, const struct json_doc *d, bool keyed,
		   struct column *work, struct arena *a);

/* Puts the column of a row's member `key`, a node, behind the others: it has none
 * yet. Names with escapes wait for their rows. */
enum err row_walk_add(struct row_walk *w, uint32_t key) MUST_CHECK;

/* Walks one row, adding columns that are new to the tree and cells. An object
 * within whose keys repeat or stand in an order that contradicts the columns
 * becomes one cell. *fits false: the row itself is such, or no object; its
 * cells are taken back. */
enum err row_walk(struct row_walk *w, uint32_t row, bool *fits) MUST_CHECK;

#endif
