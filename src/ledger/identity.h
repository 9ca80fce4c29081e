/* What makes a block the same block on the next turn. */
#ifndef HR_LEDGER_IDENTITY_H
#define HR_LEDGER_IDENTITY_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "store/store.h"

struct identity;	/* keys and contexts; one thread at a time */

#define IDENTITY_TAG_BYTES 16

/* A text's part of its block's identity. */
struct identity_text {
	uint8_t tag[IDENTITY_TAG_BYTES];
	uint64_t size;		/* of the unescaped text, in bytes */
};

/* `secret` has STORE_SECRET_BYTES. NULL when there is no memory. */
struct identity *identity_make(const uint8_t *secret);
void identity_free(struct identity **id);

/* The one that belongs to the reader, made at the first call and closed with it.
 * NULL when there is no memory. */
struct identity *identity_of(struct store_reader *r);

/* Of plain text. It goes through GMAC (NIST SP 800-38D) under a key of the
 * deployment, at 7 GB/s where SHA-256 does 1.5. Two texts meet with a probability
 * below 2^-100 for anybody who does not know the key; tags, which would tell about
 * it, never leave the process. ERR_IO when the library fails. */
enum err identity_text(struct identity *id, struct span text,
		       struct identity_text *out) MUST_CHECK;

/* Of the text that the inner bytes of a JSON string stand for; how they are spelled
 * takes no part. Clients spell a block the same way on each turn, so what an escaped
 * spelling stood for is remembered by the spelling's own tag, and most blocks are
 * not unescaped again. ERR_UNSUPPORTED: half a surrogate pair. ERR_NOMEM: also
 * when it would take more than `limit` bytes. */
enum err identity_json(struct identity *id, struct span inner, bool escaped, size_t limit,
		       struct identity_text *out) MUST_CHECK;

/* For whom a form is: decisions for one are none for another. */
enum identity_use {
	IDENTITY_PLAIN,		/* requests that can not redeem a marker */
	IDENTITY_REDEEMABLE,	/* … and those that can */
	IDENTITY_PROFILE,	/* + enum profile: callers who name it with each call; what else
				 * they name stands above the low 8 bits */
};

/* The key of a block: of the tenant, the call's id (SPAN_NONE: absent, which is not
 * empty), the text, and the enum identity_use; SHA-256 over these,
 * each with its length, after a key of the deployment. Whatever else a client
 * changes about a block takes no part: its marks, string or parts, its place.
 * ERR_IO when the library fails. */
enum err identity_key(struct identity *id, struct span tenant, struct span call_id,
		      const struct identity_text *text, uint64_t use,
		      struct store_key *out) MUST_CHECK;

#endif
