/* How long things are kept. */
#ifndef HR_STORE_RETENTION_H
#define HR_STORE_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

struct retention {
	int64_t forms_idle_s;
	int64_t originals_idle_s;
	int64_t originals_bytes;
	int64_t events_s;	/* from an event's end */
};

/* A row is used at most this part of the idle time before a use is recorded again:
 * replay costs no write on all other turns. */
#define RETENTION_FRESH_PART 8

/* Originals also go when room is needed, the least recently used first, so their use
 * must be known better than that. */
#define RETENTION_ORIGINALS_FRESH_S 600

static inline bool
forms_stale(int64_t used, int64_t now, int64_t idle_s)
{
	return used < now - idle_s / RETENTION_FRESH_PART;
}

static inline bool
originals_stale(int64_t used, int64_t now, const struct retention *keep)
{
	const int64_t part = keep->originals_idle_s / RETENTION_FRESH_PART;

	return used < now - (part < RETENTION_ORIGINALS_FRESH_S ? part : RETENTION_ORIGINALS_FRESH_S);
}

/* One that is idle is as good as gone, whether or not it was dropped yet. */
static inline bool
originals_idle(int64_t used, int64_t now, const struct retention *keep)
{
	return used < now - keep->originals_idle_s;
}

#endif
