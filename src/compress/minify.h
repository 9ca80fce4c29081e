/* JSON values without the white space between their tokens, and without the
 * quotes that say nothing. */
#ifndef HR_COMPRESS_MINIFY_H
#define HR_COMPRESS_MINIFY_H

#include "base/buf.h"
#include "compress/define.h"
#include "compress/source.h"

/* What stands elsewhere: containers as tables, numbered in the order in which their
 * references are written, and values by name. */
struct table_refs {
	/* Per node of the tape: 1 + the place in a list of tables, or 0. Only
	 * containers are looked at. NULL: there are none. */
	const uint32_t *table_of;
	uint32_t *queue;	/* places in that list, in the order written */
	uint32_t queued;
	const struct definitions *definitions;	/* NULL: none */
	bool *named;		/* per definition: its name was written */
	uint32_t defining;	/* the node whose definition is written, or 0 */
	const uint8_t *left_out;	/* per node: an item that a list is written without */
};

/* Appends the whole source: a JSON value, or JSON Lines joined by "\n". Spelling
 * of numbers and strings, order and duplicates stay. */
void minify_source(const struct source *s, struct buf *out);

/* Appends the value `node` in that spelling. */
void minify_value(const struct json_doc *d, uint32_t node, struct buf *out);

/* Appends "*name" if the value is defined; else false. */
bool minify_name(struct table_refs *refs, uint32_t node, struct buf *out);

/* What relaxed JSON used that a reader must be told. */
enum relaxed_feature {
	RELAXED_BARE = 1,	/* a string without quotes */
	RELAXED_RANGES = 2,	/* one name for many members */
};

/* Appends the value `node` as relaxed JSON (relaxed.h). With `refs`, a container
 * that has a table is written as a reference "[table N]" and queued, a defined
 * value as "*name". Returns whether a string stands bare. */
unsigned minify_relaxed(const struct json_doc *d, uint32_t node, struct table_refs *refs,
		    struct buf *out);

/* Appends the whole source in that way. */
unsigned minify_relaxed_source(const struct source *s, struct table_refs *refs, struct buf *out);

#endif
