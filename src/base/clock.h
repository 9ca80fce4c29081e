/* Time. Only outer layers ask for it; no byte sent upstream depends on it. */
#ifndef HR_BASE_CLOCK_H
#define HR_BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds of a clock that never goes back; the origin means nothing. */
uint64_t clock_ns(void);

/* Milliseconds since 1970-01-01T00:00:00Z. */
int64_t clock_wall_ms(void);

/* Writes "2026-01-31T23:59:59.123Z" and a NUL (25 bytes) for `wall_ms`, a time
 * of the years 0 to 9999. */
void clock_iso(int64_t wall_ms, char out[25]);

#endif
