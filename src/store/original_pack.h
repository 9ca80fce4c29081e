/* Originals at rest: zstd frames. */
#ifndef HR_STORE_ORIGINAL_PACK_H
#define HR_STORE_ORIGINAL_PACK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

/* ERR_NOMEM. */
enum err original_pack(struct span text, struct arena *a, struct span *packed) MUST_CHECK;

/* Of a text known to have `n` bytes. ERR_NOMEM; ERR_SYNTAX when it is none of such a
 * text. */
enum err original_unpack(struct span packed, size_t n, struct arena *a, struct span *text) MUST_CHECK;

#endif
