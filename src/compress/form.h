/* The text of our JSON forms, written and read. docs/internals/compress.md has
 * the grammar. */
#ifndef HR_COMPRESS_FORM_H
#define HR_COMPRESS_FORM_H

#include "base/buf.h"
#include "compress/plan.h"

/* What a form begins with; the version's digits follow. Without tables it is
 * relaxed JSON. */
#define FORM_JSON "[JSON as tables v"
#define FORM_LINES "[JSON Lines as tables v"
#define FORM_RELAXED "[JSON with fewer quotes v"
#define FORM_RELAXED_LINES "[JSON Lines with fewer quotes v"

/* Appends the source's head, and the source with the plan's arrays as tables; with a hash in the plan,
 * without the rows that are left out, which takes that the whole was written before.
 * ERR_LIMIT when it does not fit `out`; ERR_FUEL, ERR_NOMEM. `out` then holds part of it. */
enum err form_write(struct plan *p, struct arena *a, struct fuel *fuel,
		    struct buf *out) MUST_CHECK;

/* Does the text begin like one of these? */
bool form_is_ours(struct span text);

/* Is it a form of JSON Lines? */
bool form_is_lines(struct span text);

/* Appends what a form stands for, minified; with `gaps`, null for
 * each row that is left out, else that is ERR_ELIDED. ERR_SYNTAX: damaged (or well-formed but no JSON: the caller scans it);
 * ERR_FUEL (a step for each byte read or written), ERR_LIMIT (of `out`),
 * ERR_NOMEM. */
enum err form_read(struct span form, bool gaps, struct arena *a, struct fuel *fuel,
		   struct buf *out) MUST_CHECK;

#endif
