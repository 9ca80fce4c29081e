/* A text in pieces, and the form in which its JSON is smaller. */
#ifndef HR_COMPRESS_PROSE_FORM_H
#define HR_COMPRESS_PROSE_FORM_H

#include "base/buf.h"
#include "base/fuel.h"

/* One replaced passage: what stands before it in the text, and its form. */
struct prose_piece {
	struct span before;
	struct span form;
};

/* Appends the form of a text whose JSON was replaced in `n` places; `after` is what stands behind
 * the last. Failures are the buffer's. */
void prose_form_write(const struct prose_piece *pieces, size_t n, struct span after, struct buf *out);

bool prose_form_begins(struct span text);

/* Reads one piece after the other. */
struct prose_reader {
	struct span list;	/* what the first line still names */
	struct span rest;	/* of the form */
	uint32_t line;		/* on which `rest` begins; at its end after a piece */
	bool more;
};

/* ERR_SYNTAX, ERR_UNSUPPORTED: of a later version. */
enum err prose_reader_begin(struct span form, struct prose_reader *r) MUST_CHECK;

/* The next piece while `more`, or ERR_SYNTAX; afterwards `rest` is what stands behind the
 * last. */
enum err prose_reader_next(struct prose_reader *r, struct prose_piece *out) MUST_CHECK;

#endif
