/* What is read of the line that a form begins with. */
#ifndef HR_COMPRESS_FIRST_LINE_H
#define HR_COMPRESS_FIRST_LINE_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* Takes digits without leading zeros, at most nine, from the front of *rest. */
enum err first_line_number(struct span *rest, uint32_t *out) MUST_CHECK;

/* Takes the version; ERR_UNSUPPORTED for one that is not known yet. */
enum err first_line_version(struct span *rest) MUST_CHECK;

/* Takes `s`, if it stands at the front of *rest. */
static inline bool
first_line_skip(struct span *rest, struct span s)
{
	if (!span_starts(*rest, s))
		return false;
	*rest = span_from(*rest, s.n);
	return true;
}

#endif
