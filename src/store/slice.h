/* A part of a kept text: the lines, rows or values that somebody asks for. Pure. */
#ifndef HR_STORE_SLICE_H
#define HR_STORE_SLICE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fuel.h"
#include "base/span.h"

/* What can be asked for; docs/internals/slice.md has the grammars. Lines and rows count from 1. */
enum slice_option {
	SLICE_LINES,	/* "200-260", "200-", "200": lines of the text */
	SLICE_GREP,	/* a regular expression: lines that match, numbered */
	SLICE_CONTEXT,	/* with grep: so many lines around each, 2 unless given */
	SLICE_PATH,	/* "$.items[3].error": a value of JSON as it is spelled */
	SLICE_ROWS,	/* "where level=ERROR", "212-640": elements of an array, or JSON lines */
	SLICE_HEAD,	/* the first so many of the lines or rows that are left */
	SLICE_TAIL,	/* the last so many */
	SLICE_OPTIONS,	/* how many options there are */
};

/* "lines", …; never NULL. */
const char *slice_option_name(enum slice_option o);

/* False, *out untouched, for a name that is none of them. */
bool slice_option_find(struct span name, enum slice_option *out);

/* The options as somebody spelled them; SPAN_NONE: not given. */
struct slice_query {
	struct span value[SLICE_OPTIONS];
};

/* Is nothing asked for, so that the whole text is meant? */
bool slice_query_is_empty(const struct slice_query *q);

#define SLICE_WHY 320	/* bytes of a sentence, NUL included */

/* A query that was understood. It does not refer to the query's bytes. */
struct slice;

/* ERR_SYNTAX: an option is not of its form, or options that do not go together; `why` has a
 * sentence that names the option and what it takes. ERR_NOMEM. */
enum err slice_parse(const struct slice_query *q, struct slice **out, char why[SLICE_WHY]) MUST_CHECK;

/* Sets *s to NULL. */
void slice_free(struct slice **s);

struct slice_result {
	const char *unit;	/* "lines", "rows" or "values" */
	uint64_t total;		/* of them in the text, or in the array; values: those at the path */
	uint64_t matched;	/* of them in the range that match, before head or tail */
	uint64_t given;		/* of them in the answer; lines around a match not counted */
};

/* Steps that any honest query over `n` bytes may take. */
uint64_t slice_fuel_for(size_t n);

/* Appends the part of `text` to `out`: exact bytes of it, but for the line numbers and the
 * excerpts of long lines of a grep and the brackets around rows and several values. Temporary
 * memory comes from `a`. With a sentence in `why`: ERR_NOT_FOUND when the text has no such
 * lines, path or column, ERR_UNSUPPORTED when it is no JSON or has no rows, ERR_FUEL when it
 * takes too many steps; without: ERR_NOMEM, ERR_LIMIT (of `out`). */
enum err slice_take(const struct slice *s, struct span text, struct arena *a, struct fuel *fuel,
		    struct buf *out, struct slice_result *result, char why[SLICE_WHY]) MUST_CHECK;

#endif
