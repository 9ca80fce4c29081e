/* Reading a form with tables: the cursor and the text that it becomes. */
#ifndef HR_COMPRESS_READER_H
#define HR_COMPRESS_READER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/fuel.h"
#include "compress/cell.h"

/* Segments of a column's path that we follow. */
#define READER_PATH 32

/* The outline or a table, as read: part of the flat text. */
struct part {
	size_t start;
	uint32_t holes;	/* references before it */
};

struct form_reader {
	const char *at;
	const char *end;
	struct arena *a;
	struct fuel *fuel;
	/* Outline and tables one after the other, a hole where a table belongs. */
	struct buf flat;
	size_t *holes;
	uint32_t hole_count, hole_room;
	struct part *parts;
	uint32_t part_count, part_room;
	bool no_outline;	/* table 1 is the whole */
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

/* Appends one value of relaxed JSON as JSON. Escapes and numbers in quotes and at
 * the outermost level are for a scan of the result. "[table N]" makes a hole
 * where `refs` allow it. */
enum err reader_json(struct form_reader *r, bool refs) MUST_CHECK;

/* Reads a string in quotes, or \"a JSON string", and appends it as JSON. */
enum err reader_quoted(struct form_reader *r, struct buf *out) MUST_CHECK;

/* Bytes up to `sep` or the end of the line. */
struct span reader_bare(struct form_reader *r, char sep);

/* Starts the next part at the end of the flat text. */
enum err reader_part(struct form_reader *r) MUST_CHECK;

/* Reads "table N: …", its columns and rows as the next part. `bare`: rows are
 * lines, not elements of an array. */
enum err reader_table(struct form_reader *r, bool bare) MUST_CHECK;

/* Puts every table where its reference stands. Each was referred to once, by an
 * earlier part. */
enum err reader_assemble(struct form_reader *r, struct buf *out) MUST_CHECK;

#endif
