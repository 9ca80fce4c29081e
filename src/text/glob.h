/* Names with * and ?. */
#ifndef HR_TEXT_GLOB_H
#define HR_TEXT_GLOB_H

#include <stdbool.h>

#include "base/span.h"

/* Does the whole of `s` match: * stands for any bytes, ? for one? Without regard to
 * ASCII case. */
bool glob_match(struct span pattern, struct span s);

#endif
