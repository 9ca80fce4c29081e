/* Numbers as elision compares them. */
#ifndef HR_COMPRESS_ELIDE_NUMBER_H
#define HR_COMPRESS_ELIDE_NUMBER_H

#include <stdbool.h>

#include "base/span.h"

/* Exact enough to compare with, and the same on every machine and in every locale. False:
 * no number, or one beyond 1e300. */
bool elide_number(struct span text, double *out);

#endif
