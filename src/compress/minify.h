/* JSON values without the white space between their tokens, and without the
 * quotes that say nothing. */
#ifndef HR_COMPRESS_MINIFY_H
#define HR_COMPRESS_MINIFY_H

#include "base/buf.h"
#include "compress/source.h"

/* Numbers the containers that stand elsewhere as tables, in the order in which
 * their references are written. */
struct table_refs {
	/* Per node of the tape: 1 + the place in a list of tables, or 0. Only
	 * containers are looked at. */
	const uint32_t *table_of;
	uint32_t *queue;	/* places in that list, in the order written */
	uint32_t queued;
};

/* Appends the whole source: a JSON value, or JSON Lines joined by "\n". Spelling
 * of numbers and strings, order and duplicates stay. */
void minify_source(const struct source *s, struct buf *out);

/* Appends the value `node` as relaxed JSON (relaxed.h). With `refs`, a container
 * that has a table is written as a reference "[table N]" and queued. Returns
 * whether a string stands bare. */
bool minify_relaxed(const struct json_doc *d, uint32_t node, struct table_refs *refs,
		    struct buf *out);

/* Appends the whole source in that way. */
bool minify_relaxed_source(const struct source *s, struct table_refs *refs, struct buf *out);

#endif
