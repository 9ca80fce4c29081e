#include "ledger/identity.h"

#include <openssl/evp.h>

#include "base/hash.h"

#define TAG_BYTES 16
#define GMAC_KEY_BYTES 16

/* Most bytes handed to the library at once; it takes an int. */
#define STRIDE ((size_t)1 << 30)

/* A key for one use out of the deployment's. */
static void
derive(const uint8_t *secret, struct span use, uint8_t out[SHA256_BYTES])
{
	struct sha256 h;

	sha256_begin(&h);
	sha256_add(&h, secret, STORE_SECRET_BYTES);
	sha256_add(&h, use.p, use.n);
	sha256_end(&h, out);
}

enum err
identity_begin(struct identity *id, const uint8_t *secret, struct span tenant)
{
	static const uint8_t nonce[12];
	uint8_t key[SHA256_BYTES];

	*id = (struct identity){
		.gmac = EVP_CIPHER_CTX_new(),
		.sha = EVP_MD_CTX_new(),
		.cipher = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL),
		.digest = EVP_MD_fetch(NULL, "SHA256", NULL),
		.tenant = tenant,
	};
	derive(secret, SPAN("headroom identity text 1"), key);
	derive(secret, SPAN("headroom identity key 1"), id->key);
	const bool ok = id->gmac && id->sha && id->cipher && id->digest &&
			EVP_EncryptInit_ex2(id->gmac, id->cipher, key, nonce, NULL) == 1;
	explicit_bzero(key, sizeof key);
	if (ok)
		return OK;
	identity_end(id);
	return ERR_NOMEM;
}

void
identity_end(struct identity *id)
{
	EVP_CIPHER_CTX_free(id->gmac);
	EVP_MD_CTX_free(id->sha);
	EVP_CIPHER_free(id->cipher);
	EVP_MD_free(id->digest);
	explicit_bzero(id, sizeof *id);
}

/* The nonce is the same each time: that gives away the GMAC key only to whoever
 * sees tags. */
static bool
text_tag(struct identity *id, struct span text, uint8_t tag[TAG_BYTES])
{
	static const uint8_t nonce[12];
	int n = 0;

	if (EVP_EncryptInit_ex2(id->gmac, NULL, NULL, nonce, NULL) != 1)
		return false;
	while (text.n) {
		const struct span part = span_head(text, STRIDE);

		if (EVP_EncryptUpdate(id->gmac, NULL, &n, (const uint8_t *)part.p, (int)part.n) != 1)
			return false;
		text = span_from(text, part.n);
	}
	return EVP_EncryptFinal_ex(id->gmac, tag, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(id->gmac, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag) == 1;
}

/* Every part is preceded by its length, so that no two rows of parts give the same
 * bytes; an absent one has a length that no span has. */
static bool
add_framed(struct identity *id, struct span s)
{
	const uint64_t n = s.p ? s.n : UINT64_MAX;

	return EVP_DigestUpdate(id->sha, &n, sizeof n) == 1 &&
	       (s.n == 0 || EVP_DigestUpdate(id->sha, s.p, s.n) == 1);
}

enum err
identity_key(struct identity *id, struct span call_id, struct span text, bool redeemable,
	     struct store_key *out)
{
	uint8_t tail[TAG_BYTES + sizeof(uint64_t) + 1];
	const uint64_t n = text.n;
	struct store_key key;

	_Static_assert(STORE_KEY_BYTES == SHA256_BYTES, "a key is a SHA-256");
	if (!text_tag(id, text, tail))
		return ERR_IO;
	memcpy(tail + TAG_BYTES, &n, sizeof n);
	tail[TAG_BYTES + sizeof n] = redeemable;
	if (EVP_DigestInit_ex2(id->sha, id->digest, NULL) != 1 ||
	    EVP_DigestUpdate(id->sha, id->key, sizeof id->key) != 1 ||
	    !add_framed(id, id->tenant) || !add_framed(id, call_id) ||
	    EVP_DigestUpdate(id->sha, tail, sizeof tail) != 1 ||
	    EVP_DigestFinal_ex(id->sha, key.b, NULL) != 1)
		return ERR_IO;
	*out = key;
	return OK;
}
