/* What the reader of a block is after, as phrases to look for. */
#ifndef HR_COMPRESS_ELIDE_HINTS_H
#define HR_COMPRESS_ELIDE_HINTS_H

#include "compress/compress.h"
#include "compress/elide_words.h"

/* Adds the hints' phrases: first quoted ones, then names, paths and the like, which
 * have several words or a digit, then other words but for those that every
 * question has. ERR_FUEL, ERR_NOMEM. */
enum err hints_add(const struct compress_hints *h, struct lexicon *x, struct arena *a,
		   struct fuel *fuel) MUST_CHECK;

#endif
