/* JSON numbers compared as they are spelled, whatever their size. */
#ifndef HR_JSON_NUMBER_H
#define HR_JSON_NUMBER_H

#include <stdbool.h>

#include "base/span.h"

/* Is all of `s` one number of RFC 8259? */
bool json_is_number(struct span s);

/* Below 0, 0 or above 0 as the value of `a` is less than, equal to or greater than
 * that of `b`; both are JSON numbers. Exact for any count of digits; exponents beyond
 * 10^15 count as that. */
int json_number_compare(struct span a, struct span b);

#endif
