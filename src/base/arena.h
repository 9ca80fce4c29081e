/* Bump allocation for everything that lives as long as one piece of work. */
#ifndef HR_BASE_ARENA_H
#define HR_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct arena_chunk;

/* Embed it; the members are private to arena.c. One owner, one thread at a
 * time. */
struct arena {
	struct arena_chunk *chunks;	/* newest first */
	char *at;			/* next free byte of the newest chunk */
	char *end;
	char *last;			/* start of the latest allocation, for arena_grow */
	size_t used;			/* bytes held in chunks */
	size_t limit;			/* most bytes the chunks may hold together */
	size_t next_chunk;
};

/* An arena that takes at most `limit` bytes from the heap. It takes nothing
 * before the first allocation. */
void arena_init(struct arena *a, size_t limit);

/* Gives everything back. The arena may be used again afterwards. */
void arena_free(struct arena *a);

/* `n` bytes, 16-aligned, not cleared; NULL when memory or the limit is used up.
 * Under AddressSanitizer every piece is poisoned apart from its neighbours. */
void *arena_alloc(struct arena *a, size_t n) MUST_CHECK;

/* Like arena_alloc, cleared. */
void *arena_zalloc(struct arena *a, size_t n) MUST_CHECK;

/* Makes the piece `p` of `old` bytes `n` bytes long: in place if it is the
 * latest and room is left, else by copying. p may be NULL (old 0). NULL on
 * failure; `p` is then still valid. */
void *arena_grow(struct arena *a, void *p, size_t old, size_t n) MUST_CHECK;

/* Bytes of the limit that are not taken from the heap yet. */
static inline size_t
arena_room(const struct arena *a)
{
	return a->limit - a->used;
}

/* A copy of `s` with a NUL after it; p == NULL on failure. */
struct span arena_copy(struct arena *a, struct span s) MUST_CHECK;

/* A typed array, not cleared; overflow of the product gives NULL. */
#define ARENA_ARRAY(a, type, count)                                            \
	((size_t)(count) > SIZE_MAX / sizeof(type)                             \
	     ? NULL                                                            \
	     : (type *)arena_alloc((a), (size_t)(count) * sizeof(type)))

#endif
