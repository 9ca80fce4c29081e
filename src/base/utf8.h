/* Is it UTF-8? Overlong forms, surrogates and anything past U+10FFFF are not. */
#ifndef HR_BASE_UTF8_H
#define HR_BASE_UTF8_H

#include "base/span.h"

/* All of `s` is well-formed (RFC 3629). An empty span is. Several GB/s. */
bool utf8_valid(struct span s);

/* Bytes of the well-formed sequence at the front of `s`, 1 to 4. 0 when there
 * is none: *bad is then how many bytes (1 to 3) one U+FFFD stands for, by the
 * practice of browsers (WHATWG "maximal subpart"). `s` is not empty. */
size_t utf8_sequence(struct span s, size_t *bad);

/* The twin without vector instructions, for tests and other processors. */
bool utf8_valid_scalar(struct span s);

#endif
