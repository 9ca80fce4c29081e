/* An array of objects, or an object of objects, seen as rows and columns. */
#ifndef HR_COMPRESS_TABLE_H
#define HR_COMPRESS_TABLE_H

#include "compress/cell.h"
#include "compress/define.h"
#include "compress/source.h"

#define TABLE_COLUMNS 512	/* members and containers in a table's columns */
#define TABLE_DEPTH 6		/* objects and arrays within one another in a row */
#define TABLE_ITEMS 4		/* elements of an array that become columns */
#define TABLE_ROWS 3		/* fewer make no table */
#define COST_TABLE 80		/* reference and title of a table, in quarters of a token */
#define TABLE_KEY "key"		/* the column with an object's member names */
#define TABLE_MISFITS 4	/* rows in which a member may contradict its columns freely */

struct wording;

/* A member path; a node of the tree of columns, number 0 being the row itself.
 * A path that holds a plain value in some row has cells; one whose container
 * was opened in some row has children; it may be both. */
struct column {
	struct span name;	/* the key's text; of a raw one, its bytes between quotes */
	uint32_t parent;
	uint32_t child;		/* first one; 0: none */
	uint32_t sibling;	/* next one in key order; 0: none */
	uint32_t item;		/* an array's element: which */
	uint16_t depth;
	bool is_item;
	bool raw_name;
	bool is_key;		/* the members' names, where the rows are an object's */
	bool closed;		/* its containers stay JSON in one cell */

	uint32_t cells;		/* rows with a cell here */
	uint32_t opened;	/* rows with an opened container here */
	uint32_t misfits;	/* of these, whose keys contradict the columns */
	uint32_t fewest, most;	/* elements of opened arrays */
	uint32_t model;		/* the first opened container */
	bool uniform;		/* the others are the same bytes */

	/* Of the cells, in row order. */
	uint32_t first, last;	/* places of these */
	uint32_t strings, nulls, typed;
	uint32_t shortest;	/* bytes of a string */
	uint32_t prefix, suffix;/* bytes that every string begins and ends with */
	unsigned flags;		/* of all strings */
	bool same;		/* all are equal */
	uint32_t longs;		/* that cell_is_long; the first one, and are they equal? */
	uint32_t first_long;
	bool alike;

	struct span pattern;	/* prefix{}suffix, or a derived column's template */
	bool constant;		/* said once, no cells */
	bool marked;		/* its long value is said once, its cells have a mark */
	bool text;		/* bare cells are strings */
	bool derived;		/* made of another column's value */
	bool has_hole;		/* and of what its cell keeps */
	bool usually;		/* where its cell says so */
	bool from_part;		/* only of that value's part behind a mark */
	struct span step;	/* from each row's moment to the next (sequence.h) */
	bool is_source;		/* others are made of it: it stays as it is */
	struct wording *wordings;	/* said once, its cells name them (wording.h) */
	uint32_t wording_count;
};

/* A plain value of one row. */
struct cell {
	struct span text;	/* a string's text, a value's name, else its bytes */
	uint32_t node;
	uint16_t column;
	uint16_t flags;		/* enum cell_flag, of a string */
};

struct row {
	uint32_t node;
	uint32_t cells;		/* place of its first cell; they are in column order */
	bool json;		/* fits no columns, stands as JSON */
	uint8_t kind;		/* in a table with kinds: which */
};

/* The columns of one kind of rows: places in `order`, and the number of columns
 * before them. */
struct table_kind {
	uint32_t from, to;
	uint32_t columns;
};

struct table {
	uint32_t container;	/* the node of the array or object; of no meaning in a pool */
	uint32_t pool;		/* 1 + which pool has its columns; 0: they are its own */
	uint64_t bytes;		/* of its rows */
	bool keyed;		/* an object: column 1 has its members' names */
	struct column *columns;
	uint32_t column_count;
	uint16_t *order;	/* columns with cells, in key order */
	uint32_t order_count;
	struct row *rows;	/* one more than there are, to end the last one's cells */
	uint32_t row_count;
	uint32_t json_rows;
	int64_t gain;		/* roughly what it saves, in quarters of a token */
	struct cell *cells;
	uint32_t cell_count;
	struct table_kind *kinds;	/* NULL: all rows have the same columns */
	uint32_t kind_count;
	enum separator separator;
	bool full;		/* no row lacks a member */
	uint32_t nulls;		/* in cells */
	uint8_t *reasons;	/* per row: why it stays (elide.h), 0: left out; NULL: all stay */
	struct elide_totals *totals;	/* where rows are left out: what there is in all */
};

/* Long enough to be said once and marked where rows have it. */
static inline bool
cell_is_long(struct span text)
{
	return text.n > 8;
}

static inline bool
column_has_affix(const struct column *c)
{
	return c->prefix + c->suffix != 0;
}

/* Nulls that are worth saying that empty cells are. */
#define TABLE_NULLS 8

/* Are empty cells null? Else they stand for no member. */
static inline bool
table_empty_is_null(const struct table *t)
{
	return t->full && t->nulls >= TABLE_NULLS && t->separator != SEPARATOR_SPACE;
}

/* Is it a member that is named like the column of keys? */
static inline bool
column_hides_key(const struct table *t, const struct column *c)
{
	return t->keyed && c->parent == 0 && !c->is_key && span_eq(c->name, SPAN(TABLE_KEY));
}

/* What stands before the rows of a kind. */
static inline char
table_kind_letter(uint32_t kind)
{
	return (char)('A' + kind);
}

/* Do rows have a cell for it? */
static inline bool
column_has_cells(const struct column *c)
{
	return !c->constant && (!c->derived || c->has_hole || c->usually);
}

/* Rows, of one container or of several alike. */
struct row_list {
	const uint32_t *nodes;	/* in text order; members: of the values, keys before them */
	uint32_t count;
	bool keyed;		/* members of objects */
	uint64_t bytes;		/* of all */
};

/* Rows that are read as a table of their own, and their members' names in the
 * order in which the columns stand. */
struct row_kind {
	const uint8_t *of;	/* per row of the list: its kind */
	uint8_t number;		/* this one */
	uint32_t rows;		/* how many are */
	const uint32_t *keys;	/* nodes */
	uint32_t key_count;
};

/* Finds the columns of the rows of a list, or of those of one kind (NULL: all),
 * whose table costs less to name. `work` is room for
 * TABLE_COLUMNS columns, used again by the next call. ERR_UNSUPPORTED: a table
 * would not pay; ERR_FUEL; ERR_NOMEM. What `definitions` (or NULL) name stays whole. */
enum err table_read(const struct json_doc *d, const struct definitions *definitions,
		    const struct row_list *list, const struct row_kind *kind, struct column *work,
		    struct arena *a, struct fuel *fuel, struct table *out) MUST_CHECK;

/* The same for the definitions of a group, each a row. All rows fit the columns, and
 * the one after which they are named stays as it is. */
enum err table_read_group(const struct json_doc *d, const struct definitions *definitions,
			  const struct definition_group *g, const struct row_list *list,
			  struct column *work, struct arena *a, struct fuel *fuel,
			  struct table *out) MUST_CHECK;

#endif
