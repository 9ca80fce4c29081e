/* POST /v1/compress: a messages array in, a smaller one out. */
#ifndef HR_ADMIN_COMPRESS_REQUEST_H
#define HR_ADMIN_COMPRESS_REQUEST_H

#include "admin/refusal.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"
#include "compress/profile.h"
#include "store/store.h"

struct compress_request {
	struct span body;		/* decoded from any content-encoding */
	bool bypass;			/* x-headroom-bypass: echo the messages */
	enum profile profile;		/* unless config names one */
	uint32_t floor_tokens;		/* the min-tokens setting */
	const char *exclude_tools;
	const struct must_keep *must_keep;
	struct span tenant;
};

/* Appends the JSON answer to `out` and returns 200, or returns 400 or 503 (memory
 * ran out) with the reason in `why`; `out` then means nothing. Waits for the store's writer,
 * so it belongs on a worker. Without a
 * store (both NULL) the messages come back unchanged: a form that is not remembered
 * might not be given again. */
int compress_request_answer(const struct compress_request *r, struct store *store,
			    struct store_reader *reader, struct arena *a, struct buf *out,
			    struct refusal *why);

#endif
