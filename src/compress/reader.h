/* Reading a form with tables: the cursor and the text that it becomes. */
#ifndef HR_COMPRESS_READER_H
#define HR_COMPRESS_READER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/fuel.h"
#include "compress/cell.h"

/* Segments of a column's path that we follow. */
#define READER_PATH 32

/* A definition, the outline or a table, as read: part of the flat text. */
struct part {
	size_t start;
	uint32_t holes;	/* of parts before it */
};

/* Where another part belongs. */
struct hole {
	size_t at;
	uint32_t target;	/* a part; if `table`, the number of one that follows */
	bool table;
};

/* Values defined so far, by name. */
struct read_names {
	struct span *names;	/* per slot; absent: free */
	uint32_t *parts;
	uint32_t room;		/* slots, a power of two or 0 */
	uint32_t count;
};

struct read_table;

struct form_reader {
	const char *at;
	const char *end;
	uint32_t version;	/* of the engine that wrote the form */
	struct arena *a;
	struct fuel *fuel;
	/* Definitions, outline and tables one after the other, a hole where another
	 * belongs. */
	struct buf flat;
	struct hole *holes;
	uint32_t hole_count, hole_room;
	struct part *parts;
	uint32_t part_count, part_room;
	struct read_names names;
	uint32_t *table_parts;	/* of the tables read */
	struct read_table *tables;	/* these, for those that are like them */
	uint32_t table_count, table_room;
	uint32_t tables_referred;	/* to, that is; each once, in order */
	uint32_t root;		/* the outline or table 1 */
	bool no_outline;	/* table 1 is the whole */
	bool defining;		/* definitions refer to no tables */
	bool gaps;		/* rows may be left out: they become null */
	struct buf scratch;
};

static inline bool
reader_skip(struct form_reader *r, struct span s)
{
	if (!span_starts(span_of(r->at, (size_t)(r->end - r->at)), s))
		return false;
	r->at += s.n;
	return true;
}

static inline bool
reader_is_at(const struct form_reader *r, char c)
{
	return r->at < r->end && *r->at == c;
}

/* Reads digits without leading zeros, at most UINT32_MAX. */
enum err reader_number(struct form_reader *r, uint32_t *out) MUST_CHECK;

/* Behind the "[table " of a reference: makes a hole. Its number must be the next. */
enum err reader_reference(struct form_reader *r) MUST_CHECK;

/* At a quote: moves behind the JSON string. */
enum err reader_skip_string(struct form_reader *r) MUST_CHECK;

/* Behind the mark of a gap: "A" or "A-B", numbers of what is left out, of which the first
 * must be `first`. Takes fuel for each. ERR_ELIDED if gaps are not asked for. */
enum err reader_gap(struct form_reader *r, uint32_t first, uint32_t *last) MUST_CHECK;

/* Appends one value of relaxed JSON as JSON. Escapes and numbers in quotes and at
 * the outermost level are for a scan of the result. "*name" makes a hole, "[table N]"
 * where `refs` allow it. */
enum err reader_json(struct form_reader *r, bool refs) MUST_CHECK;

/* Reads a string in quotes, or \"a JSON string", and appends it as JSON. */
enum err reader_quoted(struct form_reader *r, struct buf *out) MUST_CHECK;

/* Bytes up to `sep` or the end of the line. */
struct span reader_bare(struct form_reader *r, char sep);

/* At a mark that stands for a defined value? Without definitions it is text. */
static inline bool
reader_is_at_name(const struct form_reader *r)
{
	return (r->names.count || r->defining) && reader_is_at(r, '*');
}

/* Reads "*name" of a value defined before: the part that it is. */
enum err reader_name(struct form_reader *r, uint32_t *part) MUST_CHECK;

/* Is a definition next, "*name=", or a table of them, "*member: " or "*: "? */
bool reader_is_at_definition(const struct form_reader *r);

/* Reads "*name=value" or the table, with its line break. What a value names is
 * defined before. */
enum err reader_definition(struct form_reader *r) MUST_CHECK;

/* The part that `name` stands for from here on. ERR_SYNTAX: it has one. */
enum err reader_define(struct form_reader *r, struct span name, uint32_t part) MUST_CHECK;

/* Behind "*member: " or "*: ": reads rows that are definitions, each named by what it
 * begins with, or after that member. */
enum err reader_named_rows(struct form_reader *r, struct span member) MUST_CHECK;

/* Leaves room for another part. */
enum err reader_hole(struct form_reader *r, uint32_t target, bool table) MUST_CHECK;

/* Starts the next part at the end of the flat text. */
enum err reader_part(struct form_reader *r) MUST_CHECK;

/* Reads "table N: …", its columns and rows as the next part. `bare`: rows are
 * lines, not elements of an array. */
enum err reader_table(struct form_reader *r, bool bare) MUST_CHECK;

/* Puts every part where it is referred to. Tables are, once, by an earlier part;
 * definitions by later ones, as often as the fuel allows. */
enum err reader_assemble(struct form_reader *r, struct buf *out) MUST_CHECK;

#endif
