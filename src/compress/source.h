/* What a block holds: one JSON value, or JSON Lines, as one tape. */
#ifndef HR_COMPRESS_SOURCE_H
#define HR_COMPRESS_SOURCE_H

#include "base/fuel.h"
#include "json/scan.h"

/* Containers open at once in a block that is compressed. */
#define SOURCE_DEPTH 512

struct source {
	struct json_doc doc;
	/* JSON Lines: the root is an array that the text does not have, with
	 * one element a line; the document's text is a copy in the arena. */
	bool lines;
	struct span head;	/* a line that its forms begin with (strings.h), or SPAN_NONE */
};

/* Reads the whole text: a JSON object or array, or at least two non-blank lines
 * of one value each, the first of them an object or array. Anything else, be it
 * a byte order mark, a NUL or one bad byte: ERR_UNSUPPORTED. Also ERR_FUEL,
 * ERR_NOMEM, ERR_LIMIT. `text` must outlive the tape. */
enum err source_read(struct span text, struct arena *a, struct fuel *fuel,
		     struct source *out) MUST_CHECK;

#endif
