/* A table as elision looks at it: the values of each column, every one read once. */
#ifndef HR_COMPRESS_ELIDE_VIEW_H
#define HR_COMPRESS_ELIDE_VIEW_H

#include "compress/elide_words.h"
#include "compress/table.h"

/* What a column's name says about its values. */
enum meaning {
	MEANING_NONE,
	MEANING_LEVEL,		/* of a log line: "WARN", 40 */
	MEANING_STATUS,		/* HTTP status */
	MEANING_EXIT,		/* exit status: 0 is good */
	MEANING_GOOD,		/* false is bad */
	MEANING_BAD,		/* true is bad */
	MEANING_ERROR,		/* anything is bad */
	MEANING_ID,		/* names something that other rows may name too */
};

struct value {
	uint64_t exact;		/* equal values have equal ones */
	uint64_t shape;		/* so do strings that differ only in words with digits */
	uint32_t row;
	uint32_t node;
	uint32_t words;		/* of a string, those without digits */
	enum severity severity;	/* that its text speaks of */
};

/* A path; rows of several kinds may each have a column of the table for it. */
struct view_column {
	uint32_t column;	/* the first of these */
	bool constant;		/* the same in every row: tells nothing of any */
	bool has_cells;		/* stands in rows */
	enum meaning meaning;
	uint64_t phrases;	/* that the value read last holds */
	uint32_t first, end;	/* its values, at most one a row; rows ascend */
	uint32_t last_row;	/* 1 + the row that was read last */
	uint32_t kinds;		/* different ones */
	uint32_t shapes;	/* different shapes */
	/* Of a column of numbers that neither rise nor fall throughout. */
	bool numbers;
	uint32_t least, median, most;	/* places of these values */
};

struct view {
	const struct json_doc *d;
	const struct table *t;
	struct value *values;
	uint32_t value_count;
	struct view_column *columns;	/* number 0 is none */
	uint32_t column_count;
	uint32_t *path_of;		/* per column of the table: its place in `columns` */
	uint64_t *phrases;		/* per row: those of the lexicon that it holds */
	uint32_t message;		/* the column that tells what a row is about; 0: none */
	struct value *json_rows;	/* rows that fit no columns, whole */
	uint32_t json_count;
};

/* Reads a table's rows. ERR_FUEL, ERR_NOMEM. */
enum err view_read(const struct json_doc *d, const struct table *t, const struct lexicon *x,
		   struct arena *a, struct fuel *fuel, struct view *out) MUST_CHECK;

/* Does the name say that its values name something: id, userId, user_id? */
bool name_is_id(struct span name);

/* How bad the value is that column `c` has here. */
enum severity view_severity(const struct view *v, const struct view_column *c,
			    const struct value *value);

/* The value as text: a string's inside as it is spelled, else JSON. */
struct span view_text(const struct view *v, const struct value *value);

#endif
