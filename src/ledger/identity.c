#include "ledger/identity.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "json/text.h"

/* Most bytes handed to the library at once; it takes an int. */
#define STRIDE ((size_t)1 << 30)

/* Spellings remembered; 256 KB, touched as they come. */
#define MEMO_SLOTS 4096u

/* Shorter spellings are unescaped faster than they are looked up. */
#define MEMO_LEAST_BYTES 512u

#define IDENTITY_MAGIC 0x4944454eu

/* An escaped spelling and the text it stands for. */
struct memo {
	uint8_t spelling[IDENTITY_TAG_BYTES];
	uint64_t spelling_size;	/* 0: an empty slot */
	struct identity_text text;
};

struct identity {
	uint32_t magic;
	EVP_CIPHER_CTX *gmac;
	EVP_MD_CTX *sha;
	EVP_CIPHER *cipher;
	EVP_MD *digest;
	struct memo *memo;	/* MEMO_SLOTS; NULL before the first */
	uint8_t key[SHA256_BYTES];
};

static const uint8_t nonce[12];

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

struct identity *
identity_make(const uint8_t *secret)
{
	struct identity *id = calloc(1, sizeof *id);
	uint8_t key[SHA256_BYTES];

	if (!id)
		return NULL;
	id->magic = IDENTITY_MAGIC;
	/* Fetched once: the library looks a name up under a lock. */
	id->gmac = EVP_CIPHER_CTX_new();
	id->sha = EVP_MD_CTX_new();
	id->cipher = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	id->digest = EVP_MD_fetch(NULL, "SHA256", NULL);
	derive(secret, SPAN("headroom identity text 1"), key);
	derive(secret, SPAN("headroom identity key 1"), id->key);
	if (!id->gmac || !id->sha || !id->cipher || !id->digest ||
	    EVP_EncryptInit_ex2(id->gmac, id->cipher, key, nonce, NULL) != 1)
		identity_free(&id);
	explicit_bzero(key, sizeof key);
	return id;
}

void
identity_free(struct identity **id)
{
	struct identity *const i = *id;

	if (!i)
		return;
	CHECK_OBJ(i, IDENTITY_MAGIC);
	EVP_CIPHER_CTX_free(i->gmac);
	EVP_MD_CTX_free(i->sha);
	EVP_CIPHER_free(i->cipher);
	EVP_MD_free(i->digest);
	free(i->memo);
	explicit_bzero(i, sizeof *i);
	free(i);
	*id = NULL;
}

static void
drop_attached(void *identity)
{
	struct identity *id = identity;

	identity_free(&id);
}

struct identity *
identity_of(struct store_reader *r)
{
	struct identity *id = store_reader_attached(r);

	if (!id) {
		id = identity_make(store_reader_secret(r));
		if (id)
			store_reader_attach(r, id, drop_attached);
	}
	return id;
}

/* The nonce is the same each time: that gives the GMAC key away only to whoever
 * sees tags. */
static bool
tag_of(struct identity *id, struct span bytes, uint8_t tag[IDENTITY_TAG_BYTES])
{
	int n = 0;

	if (EVP_EncryptInit_ex2(id->gmac, NULL, NULL, nonce, NULL) != 1)
		return false;
	while (bytes.n) {
		const struct span part = span_head(bytes, STRIDE);

		if (EVP_EncryptUpdate(id->gmac, NULL, &n, (const uint8_t *)part.p, (int)part.n) != 1)
			return false;
		bytes = span_from(bytes, part.n);
	}
	return EVP_EncryptFinal_ex(id->gmac, tag, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(id->gmac, EVP_CTRL_AEAD_GET_TAG, IDENTITY_TAG_BYTES, tag) == 1;
}

enum err
identity_text(struct identity *id, struct span text, struct identity_text *out)
{
	struct identity_text t = { .size = text.n };

	CHECK_OBJ(id, IDENTITY_MAGIC);
	if (!tag_of(id, text, t.tag))
		return ERR_IO;
	*out = t;
	return OK;
}

/* The slot for a spelling; NULL when there is none. */
static struct memo *
memo_slot(struct identity *id, struct span inner, uint8_t tag[IDENTITY_TAG_BYTES])
{
	uint32_t at;

	if (inner.n < MEMO_LEAST_BYTES)
		return NULL;
	if (!id->memo)
		id->memo = calloc(MEMO_SLOTS, sizeof *id->memo);
	if (!id->memo || !tag_of(id, inner, tag))
		return NULL;
	/* As good as random to whoever does not know the key. */
	memcpy(&at, tag, sizeof at);
	return &id->memo[at % MEMO_SLOTS];
}

enum err
identity_json(struct identity *id, struct span inner, bool escaped, size_t limit,
	      struct identity_text *out)
{
	uint8_t tag[IDENTITY_TAG_BYTES];
	struct arena scratch;
	struct span text;

	CHECK_OBJ(id, IDENTITY_MAGIC);
	if (!escaped)
		return identity_text(id, inner, out);
	struct memo *const m = memo_slot(id, inner, tag);
	if (m && m->spelling_size == inner.n && memcmp(m->spelling, tag, sizeof tag) == 0) {
		*out = m->text;
		return OK;
	}
	/* For this long only: of most blocks the text is not wanted again. */
	arena_init(&scratch, limit);
	enum err e = json_unescape(inner, &scratch, &text);
	if (e == OK)
		e = identity_text(id, text, out);
	arena_free(&scratch);
	if (e == OK && m) {
		m->spelling_size = inner.n;
		m->text = *out;
		memcpy(m->spelling, tag, sizeof tag);
	}
	return e;
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

/* What else callers name than a use: only where they do, so that the keys of others
 * are what they always were. */
static bool
add_variant(struct identity *id, uint64_t variant)
{
	return variant == 0 || EVP_DigestUpdate(id->sha, &variant, sizeof variant) == 1;
}

enum err
identity_key(struct identity *id, struct span tenant, struct span call_id,
	     const struct identity_text *text, uint64_t use, struct store_key *out)
{
	uint8_t tail[IDENTITY_TAG_BYTES + sizeof text->size + 1];
	struct store_key key;

	_Static_assert(STORE_KEY_BYTES == SHA256_BYTES, "a key is a SHA-256");
	CHECK_OBJ(id, IDENTITY_MAGIC);
	memcpy(tail, text->tag, IDENTITY_TAG_BYTES);
	memcpy(tail + IDENTITY_TAG_BYTES, &text->size, sizeof text->size);
	tail[sizeof tail - 1] = (uint8_t)use;
	if (EVP_DigestInit_ex2(id->sha, id->digest, NULL) != 1 ||
	    EVP_DigestUpdate(id->sha, id->key, sizeof id->key) != 1 || !add_framed(id, tenant) ||
	    !add_framed(id, call_id) || EVP_DigestUpdate(id->sha, tail, sizeof tail) != 1 ||
	    !add_variant(id, use >> 8) || EVP_DigestFinal_ex(id->sha, key.b, NULL) != 1)
		return ERR_IO;
	*out = key;
	return OK;
}
