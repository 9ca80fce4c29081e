/* A table as it is read: its columns, and cells that are made of others. */
#ifndef HR_COMPRESS_READER_TABLE_H
#define HR_COMPRESS_READER_TABLE_H

#include "compress/moment.h"
#include "compress/reader.h"

struct segment {
	struct span key;	/* "name": as JSON, colon included */
	uint32_t item;
	bool is_item;
};

/* "text[0] group 0 text[1] group 1 text[2]", texts escaped, quotes included.
 * One group is another column's value, the other this one's cell, or absent. */
struct template {
	struct span text[3];
	uint32_t source_group;
	struct span source_path;
	uint32_t source;	/* which column */
	char after;		/* only of its part behind the last of these; 0: all */
};

struct read_wording {
	struct span keyword;
	struct span text;	/* with its "{}", escaped, quotes left out */
};

/* A column of moments in equal steps. */
struct read_sequence {
	struct span step;	/* "+60s" */
	struct moment moment;	/* in the row that is read next */
	int64_t add;
	bool number;
};

struct read_column {
	struct segment *path;
	struct span spelled;	/* the path as it stands there */
	uint32_t depth;		/* segments */
	uint32_t common;	/* of them shared with the column before */
	bool text;
	bool no_cell;		/* constant, or made of another column alone */
	bool marked;		/* cells say only that the value is there */
	bool pattern;
	bool derived;
	bool usually;		/* where its cell says so, and only then */
	struct span value;	/* JSON, of a constant or marked column */
	uint32_t value_part;	/* 1 + the part that is it instead, or 0 */
	struct span before, after;	/* of a pattern, escaped */
	struct template template;	/* of a derived one */
	struct read_sequence *sequence;	/* NULL: it is none */
	bool has_wordings;
	struct read_wording *wordings;
	uint32_t wording_count;
};

struct read_table {
	uint32_t rows;
	enum separator separator;
	bool keyed;		/* rows are an object's members, the first column their names */
	bool empty_is_null;	/* else it is no member */
	struct read_column *columns;
	uint32_t column_count;
	bool has_cells;		/* some column has */
	struct read_table *kinds;	/* NULL: all rows have these columns */
	uint32_t kind_count;
	bool has_sequences;
	const char **cells;	/* where the row's begin; NULL: no column is derived */
};

/* Reads a derived column's template, spelled as a JSON string. */
enum err template_parse(struct read_column *c, struct span json) MUST_CHECK;

/* Reads the line of columns, and the lines that belong to it; stays at the end of the
 * last. */
enum err reader_columns(struct form_reader *r, struct read_table *t) MUST_CHECK;

/* Reads a row up to the end of its line, as one value, behind its name among members. */
enum err reader_row(struct form_reader *r, const struct read_table *t) MUST_CHECK;

/* Appends a bare value as JSON: a number or word, else a string; of a column of text
 * all but null are strings. */
void reader_add_bare(struct span s, bool text, struct buf *out);

/* Finds the columns that the templates name; those have cells of their own. */
enum err template_resolve(struct form_reader *r, struct read_table *t) MUST_CHECK;

/* At the start of a row: finds where its cells begin, and stays there. */
enum err template_locate(struct form_reader *r, const struct read_table *t) MUST_CHECK;

/* Appends what the row has for a derived column; reads its cell if it has one. */
enum err template_fill(struct form_reader *r, const struct read_table *t,
		       const struct read_column *c) MUST_CHECK;

/* Reads the lines, each behind its "\n", with the wordings of the columns that have
 * them. */
enum err wording_read(struct form_reader *r, struct read_table *t) MUST_CHECK;

/* Appends what a bare cell of such a column stands for. */
enum err wording_fill(struct form_reader *r, const struct read_column *c,
		     struct span cell) MUST_CHECK;

/* Reads a scalar in the columns line, bare or in quotes, as JSON. The closing bracket
 * of a constant ends the column, so a bare one may hold others. */
enum err reader_value(struct form_reader *r, char sep, const struct read_column *c,
		      struct span *json) MUST_CHECK;

/* Reads the line before a row, behind its "\n", with the moments of the columns
 * that step. */
enum err sequence_read(struct form_reader *r, const struct read_table *t) MUST_CHECK;

/* Appends the column's moment in the row and steps on. */
enum err sequence_fill(struct form_reader *r, const struct read_column *c) MUST_CHECK;

/* Reads the cell of a column that is not derived. */
enum err reader_cell(struct form_reader *r, const struct read_column *c, char sep) MUST_CHECK;

/* Reads a string, in quotes or bare, and appends it escaped but without quotes. */
enum err reader_inner(struct form_reader *r, char sep) MUST_CHECK;

/* Skips a cell that is nothing but `mark`. */
bool reader_skip_mark(struct form_reader *r, struct span mark, char sep);

#endif
