/* What makes a block the same block on the next turn. */
#ifndef HR_LEDGER_IDENTITY_H
#define HR_LEDGER_IDENTITY_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "store/store.h"

/* One request's worth of hashing; on the stack of one thread. */
struct identity {
	void *gmac;	/* EVP_CIPHER_CTX */
	void *sha;	/* EVP_MD_CTX */
	void *cipher;	/* EVP_CIPHER */
	void *digest;	/* EVP_MD */
	uint8_t key[32];
	struct span tenant;
};

/* `secret` has STORE_SECRET_BYTES; `tenant` is kept by reference. ERR_NOMEM. */
enum err identity_begin(struct identity *id, const uint8_t *secret, struct span tenant) MUST_CHECK;
void identity_end(struct identity *id);

/* The key of a block: of the tenant, the call's id (SPAN_NONE: absent, which is not
 * empty), the block's unescaped text, and whether its form may carry a marker.
 * Whatever else a client changes about a block takes no part: its marks, its
 * spelling of escapes, string or parts, its place. ERR_IO when the library fails.
 *
 * The text goes through GMAC (NIST SP 800-38D) under a key of the deployment, which
 * runs at 7 GB/s where SHA-256 does 1.5; the short rest, with the tag and the
 * text's length, through SHA-256 after a second key. Two texts meet with a
 * probability below 2^-100 for anybody who does not know the secret, and
 * tags, which would tell about it, never leave this file. */
enum err identity_key(struct identity *id, struct span call_id, struct span text, bool redeemable,
		      struct store_key *out) MUST_CHECK;

#endif
