#include "base/arena.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#if defined(__GNUC__) && !defined(__clang__)
/* gcc takes poisoning fresh memory for a read of it. */
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#define RED_ZONE 16u
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#define RED_ZONE 0u
#endif

#define ALIGN 16u
#define FIRST_CHUNK ((size_t)4096)
#define LARGEST_STEP ((size_t)1 << 20)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;		/* of the whole block, this header included */
};

#define HEADER ((sizeof(struct arena_chunk) + ALIGN - 1) & ~(size_t)(ALIGN - 1))

void
arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit, .next_chunk = FIRST_CHUNK };
}

void
arena_free(struct arena *a)
{
	struct arena_chunk *c = a->chunks;

	while (c) {
		struct arena_chunk *const older = c->older;

		UNPOISON(c, c->size);
		free(c);
		c = older;
	}
	arena_init(a, a->limit);
}

/* Adds a chunk with room for `n` bytes after its header. */
static bool
add_chunk(struct arena *a, size_t n)
{
	size_t size = a->next_chunk;

	if (n > SIZE_MAX - HEADER)
		return false;
	if (size < n + HEADER)
		size = n + HEADER;
	if (size > a->limit - a->used)
		size = n + HEADER;
	if (size > a->limit - a->used)
		return false;
	struct arena_chunk *const c = malloc(size);
	if (!c)
		return false;
	*c = (struct arena_chunk){ a->chunks, size };
	a->chunks = c;
	a->at = (char *)c + HEADER;
	a->end = (char *)c + size;
	a->used += size;
	if (a->next_chunk < LARGEST_STEP)
		a->next_chunk *= 2;
	POISON(a->at, (size_t)(a->end - a->at));
	return true;
}

static size_t
rounded(size_t n)
{
	return (n + RED_ZONE + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 2)
		return NULL;
	const size_t room = n ? rounded(n) : ALIGN;

	if ((size_t)(a->end - a->at) < room && !add_chunk(a, room))
		return NULL;
	a->last = a->at;
	a->at += room;
	UNPOISON(a->last, n);
	return a->last;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	void *const p = arena_alloc(a, n);

	if (p)
		memset(p, 0, n);
	return p;
}

/* Makes the newest chunk, which holds only the latest piece, large enough for
 * `n` bytes of it; the C library often does so without copying. */
static void *
grow_chunk(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->chunks;
	const size_t size = HEADER + rounded(n);

	if (size - c->size > a->limit - a->used)
		return NULL;
	UNPOISON(c, c->size);
	c = realloc(c, size);
	if (!c)
		return NULL;
	a->used += size - c->size;
	c->size = size;
	a->chunks = c;
	a->last = (char *)c + HEADER;
	a->at = a->end = (char *)c + size;
	POISON(a->last + n, (size_t)(a->end - a->last) - n);
	return a->last;
}

void *
arena_grow(struct arena *a, void *p, size_t old, size_t n)
{
	if (n > SIZE_MAX / 2)
		return NULL;
	if (p && p == a->last && rounded(n) <= (size_t)(a->end - a->last)) {
		a->at = a->last + (n ? rounded(n) : ALIGN);
		UNPOISON(a->last, n);
		POISON(a->last + n, (size_t)(a->end - a->last) - n);
		return p;
	}
	if (p && p == a->last && p == (char *)a->chunks + HEADER)
		return grow_chunk(a, n);
	void *const fresh = arena_alloc(a, n);
	if (fresh && old)
		memcpy(fresh, p, old < n ? old : n);
	return fresh;
}

struct span
arena_copy(struct arena *a, struct span s)
{
	char *const p = arena_alloc(a, s.n + 1);

	if (!p)
		return SPAN_NONE;
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return span_of(p, s.n);
}
