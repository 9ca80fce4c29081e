/* Fetching an original, or a part of it. */
#ifndef HR_ADMIN_RETRIEVE_H
#define HR_ADMIN_RETRIEVE_H

#include "admin/retrieve_ask.h"
#include "json/write.h"
#include "store/store.h"

struct retrieval {
	struct store_found found;
	struct span text;	/* what was asked for: the original, or the part */
	bool whole;
	struct slice_result part;	/* unless whole */
};

/* Looks it up and cuts the part out, into `part`. 200; else the status of `why`: 400 for a
 * part that is not understood or not there, 404 for an original that is not there
 * (out->found.miss says why; final, and worded so that an agent runs its command again), 503.
 * Waits for the store's writer: not on the event loop's thread. */
int retrieve(const struct retrieve_ask *ask, struct span tenant, struct store_reader *reader,
	     struct arena *a, struct buf *part, struct retrieval *out, struct refusal *why);

/* "never_stored", "expired" or "evicted". */
const char *retrieve_miss_name(enum store_miss m);

/* Writes the members that every answer with an original has: hash, original_content, how many
 * items there are in it and in its form, and how much of it a part is. */
void retrieve_write(struct json_writer *w, const struct retrieval *r);

/* Writes "ignored_options" when there are any. */
void retrieve_write_ignored(struct json_writer *w, const struct retrieve_ask *ask);

#endif
