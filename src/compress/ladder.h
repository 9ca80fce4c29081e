/* The forms that are tried for one block, and their proof. */
#ifndef HR_COMPRESS_LADDER_H
#define HR_COMPRESS_LADDER_H

#include "base/buf.h"
#include "compress/compress.h"
#include "compress/source.h"

/* Has a replacement so many tokens fewer that it may be used? */
static inline bool
meets_p6(const size_t before, const size_t after)
{
	return after + COMPRESS_MIN_SAVED_TOKENS <= before && after * 100 <= before * 95;
}

/* Decodes `form`, which begins with the source's head, and compares it with the source: OK, ERR_CONFLICT when it
 * stands for anything else; ERR_FUEL, ERR_NOMEM, ERR_LIMIT. Takes no more memory
 * than `a` has left, and gives it back. */
enum err ladder_prove(const struct source *s, struct span form, const struct arena *a,
		      struct fuel *fuel) MUST_CHECK;

/* Builds the forms of a source and proves the one with the fewest tokens; of
 * equals the plainer. Where the profile and a hash allow it, rows are left out of
 * the tables if that takes clearly fewer tokens still. Sets form, text (in `result`) and counts of `out`, or the
 * reason when none meets P6 or none is proven. `a` holds the source and says how
 * much memory there is. */
void ladder_climb(const struct source *s, const struct compress_in *in, struct arena *a,
		  struct arena *result, struct fuel *fuel, struct compress_out *out);

#endif
