/* Strings that hold JSON: opened, so that the JSON takes part in forms, and closed again. */
#ifndef HR_COMPRESS_STRINGS_H
#define HR_COMPRESS_STRINGS_H

#include "base/buf.h"
#include "compress/source.h"

/* A source whose strings are open. Where a string held JSON there is the value itself: under the
 * member's name with "~" and its layout's word behind it, for an element of an array in an object
 * of one member of such a name. Names like that stand for nothing else in it. */
struct strings {
	struct source source;	/* its head says what is open, "\n" included */
	size_t opened;		/* bytes of the outermost strings that were opened */
};

/* Opens a text: a source, or one JSON string that holds one. `plain` is what source_read gave for
 * the text, NULL when it gave ERR_UNSUPPORTED. Only strings that the layouts spell to the byte are
 * opened, a string within a string up to three deep. Proven: strings_close gives the values of the text.
 * ERR_NOT_FOUND: there is nothing worth it, or names of the text are like those of open
 * strings; ERR_FUEL, ERR_NOMEM, ERR_LIMIT; ERR_CONFLICT: not proven. */
enum err strings_open(struct span text, const struct source *plain, struct arena *a,
		      struct fuel *fuel, struct strings *out) MUST_CHECK;

/* Does the text begin like a form of open strings? */
bool strings_is_form(struct span text);

/* Bytes of its first line, "\n" included; 0 when that is damaged. */
size_t strings_head(struct span text);

/* Appends the text that an open source stands for. ERR_SYNTAX: the head, or what is open, is
 * damaged; ERR_FUEL (a step for each byte read or written), ERR_NOMEM, ERR_LIMIT (of `out`). */
enum err strings_close(const struct source *s, struct span head, struct arena *a,
		       struct fuel *fuel, struct buf *out) MUST_CHECK;

#endif
