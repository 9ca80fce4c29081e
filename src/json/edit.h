/* Replacing parts of a text without touching the rest. */
#ifndef HR_JSON_EDIT_H
#define HR_JSON_EDIT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

struct json_edit {
	size_t off;		/* first byte replaced */
	size_t len;		/* bytes replaced; 0 inserts */
	struct span with;	/* bytes put there instead, already JSON */
};

/* The edited text as pieces in order, for vectored writes. `pieces` has room
 * for 2 * n + 1; returns how many are used (empty ones are left out).
 * Edits are sorted by `off`, do not overlap and lie within the text (checked:
 * a breach aborts). */
size_t json_pieces(struct span text, const struct json_edit *edits, size_t n, struct span *pieces);

/* Length of the edited text. */
size_t json_edited_size(struct span text, const struct json_edit *edits, size_t n);

/* Appends the edited text. */
void json_splice(struct span text, const struct json_edit *edits, size_t n, struct buf *out);

#endif
