/* Texts that are JSON from end to end. */
#ifndef HR_COMPRESS_VALUE_H
#define HR_COMPRESS_VALUE_H

#include "base/buf.h"
#include "compress/compress.h"

/* compress_block for a text that is JSON, JSON Lines, or one JSON string that holds
 * such, after profile and floor. `out` says verbatim so far. */
void value_compress(const struct compress_in *in, struct arena *a, struct fuel *fuel,
		    struct compress_out *out);

/* compress_decode for such texts: appends to `out`. */
enum err value_decode(struct span form, struct arena *a, struct fuel *fuel,
		      struct buf *out) MUST_CHECK;

#endif
