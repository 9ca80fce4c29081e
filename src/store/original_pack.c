#include "store/original_pack.h"

#include <zstd.h>
#include <zstd_errors.h>

/* 400 MB/s; higher levels take a third of that for a tenth less. */
#define LEVEL 1

enum err
original_pack(struct span text, struct arena *a, struct span *packed)
{
	const size_t room = ZSTD_compressBound(text.n);
	char *const to = arena_alloc(a, room);

	if (!to)
		return ERR_NOMEM;
	const size_t n = ZSTD_compress(to, room, text.p, text.n, LEVEL);
	/* With room for the worst case nothing but memory can fail. */
	if (ZSTD_isError(n))
		return ERR_NOMEM;
	*packed = span_of(arena_grow(a, to, room, n), n);
	return OK;
}

enum err
original_unpack(struct span packed, size_t n, struct arena *a, struct span *text)
{
	if (ZSTD_getFrameContentSize(packed.p, packed.n) != n)
		return ERR_SYNTAX;
	char *const to = arena_alloc(a, n + 1);
	if (!to)
		return ERR_NOMEM;
	const size_t got = ZSTD_decompress(to, n, packed.p, packed.n);
	if (ZSTD_isError(got) && ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
		return ERR_NOMEM;
	if (got != n)
		return ERR_SYNTAX;
	to[n] = '\0';
	*text = span_of(to, n);
	return OK;
}
