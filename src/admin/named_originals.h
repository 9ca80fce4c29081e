/* Which originals the text of an answer names. */
#ifndef HR_ADMIN_NAMED_ORIGINALS_H
#define HR_ADMIN_NAMED_ORIGINALS_H

#include "base/arena.h"
#include "store/store.h"

/* The most that are looked for beyond those that are known. */
#define NAMED_ORIGINALS_MAX 1000

/* The hashes in *list, and behind them those others in `text` that the store has: markers
 * of earlier answers that the caller sent back. Each once, in the order of the text; copies.
 * Without a reader, and where the store can not be read, the list stays as it is. ERR_NOMEM. */
enum err named_originals(struct span text, struct span tenant, struct store_reader *reader,
			 struct arena *a, struct span **list, size_t *count) MUST_CHECK;

#endif
