/* A point in time as values spell it: "2024-01-15T10:00:00Z", "2024-01-15", or the
 * number of an epoch. Read, counted on, and spelled in the same way. */
#ifndef HR_COMPRESS_MOMENT_H
#define HR_COMPRESS_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define MOMENT_BYTES 48u	/* of the longest spelling */

enum moment_kind {
	MOMENT_EPOCH,	/* a number of ten digits or more, whatever it counts */
	MOMENT_DATE,	/* counts days */
	MOMENT_TIME,	/* counts the last digit of its seconds */
};

struct moment {
	enum moment_kind kind;
	int64_t count;
	uint32_t decimals;	/* of its seconds, at most 6 */
	char between;		/* date and time: 'T' or ' ' */
	struct span zone;	/* "", "Z", "+01:00", "+0100"; part of the text that was read */
};

/* False: `text` is nothing of the kind. `number`: it is a JSON number. */
bool moment_read(struct span text, bool number, struct moment *out);

/* Spells `m`; n bytes of `out` are used. False: it is before year 1, after 9999,
 * or an epoch with too few or many digits. */
bool moment_write(const struct moment *m, char out[MOMENT_BYTES], size_t *n);

/* A step between moments of that kind: "+60s", "-0.250s", "+1d", "+1000". */
void moment_write_step(const struct moment *m, int64_t step, char out[MOMENT_BYTES], size_t *n);

/* False: `step` is none between moments like `m`. */
bool moment_read_step(const struct moment *m, struct span step, int64_t *out);

#endif
