/* Texts that hold JSON between other text, which stays as it is to the byte. */
#ifndef HR_COMPRESS_PROSE_H
#define HR_COMPRESS_PROSE_H

#include "base/buf.h"
#include "compress/compress.h"

/* compress_block for a text that is not JSON as a whole, after profile and floor. `out` says verbatim
 * so far. */
void prose_compress(const struct compress_in *in, struct arena *a, struct fuel *fuel,
		    struct compress_out *out);

/* Does the text begin like a form of such a text? */
bool prose_is_form(struct span text);

/* Appends what a form stands for. ERR_SYNTAX: damaged; ERR_UNSUPPORTED: of a later version;
 * ERR_ELIDED, ERR_FUEL, ERR_NOMEM, ERR_LIMIT (of `out`). */
enum err prose_decode(struct span form, struct arena *a, struct fuel *fuel,
		      struct buf *out) MUST_CHECK;

#endif
