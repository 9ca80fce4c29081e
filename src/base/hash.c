#include "base/hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sys/random.h>

#include "base/check.h"

void
sha256_begin(struct sha256 *h)
{
	EVP_MD_CTX *const ctx = EVP_MD_CTX_new();

	CHECK(ctx != NULL);
	CHECK(EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1);
	h->ctx = ctx;
}

void
sha256_add(struct sha256 *h, const void *p, size_t n)
{
	CHECK(EVP_DigestUpdate(h->ctx, p, n) == 1);
}

void
sha256_end(struct sha256 *h, uint8_t out[SHA256_BYTES])
{
	CHECK(EVP_DigestFinal_ex(h->ctx, out, NULL) == 1);
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
}

void
sha256(struct span s, uint8_t out[SHA256_BYTES])
{
	struct sha256 h;

	sha256_begin(&h);
	sha256_add(&h, s.p, s.n);
	sha256_end(&h, out);
}

void
hex_encode(const uint8_t *bytes, size_t n, char *out)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*out++ = digit[bytes[i] >> 4];
		*out++ = digit[bytes[i] & 15];
	}
	*out = '\0';
}

static uint64_t table_key[2];
static pthread_once_t table_key_once = PTHREAD_ONCE_INIT;

static void
draw_table_key(void)
{
	CHECK(getrandom(table_key, sizeof table_key, 0) == (ssize_t)sizeof table_key);
}

#define ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))
#define SIPROUND                                                               \
	do {                                                                   \
		v0 += v1, v1 = ROTL(v1, 13), v1 ^= v0, v0 = ROTL(v0, 32);      \
		v2 += v3, v3 = ROTL(v3, 16), v3 ^= v2;                         \
		v0 += v3, v3 = ROTL(v3, 21), v3 ^= v0;                         \
		v2 += v1, v1 = ROTL(v1, 17), v1 ^= v2, v2 = ROTL(v2, 32);      \
	} while (0)

uint64_t
hash_table_key(struct span s)
{
	pthread_once(&table_key_once, draw_table_key);
	uint64_t v0 = 0x736f6d6570736575u ^ table_key[0];
	uint64_t v1 = 0x646f72616e646f6du ^ table_key[1];
	uint64_t v2 = 0x6c7967656e657261u ^ table_key[0];
	uint64_t v3 = 0x7465646279746573u ^ table_key[1];
	uint64_t m = 0;
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		memcpy(&m, s.p + i, 8);
		v3 ^= m;
		SIPROUND;
		SIPROUND;
		v0 ^= m;
	}
	m = (uint64_t)s.n << 56;
	for (size_t k = 0; i + k < s.n; k++)
		m |= (uint64_t)(unsigned char)s.p[i + k] << (8 * k);
	v3 ^= m;
	SIPROUND;
	SIPROUND;
	v0 ^= m;
	v2 ^= 0xff;
	SIPROUND;
	SIPROUND;
	SIPROUND;
	SIPROUND;
	return v0 ^ v1 ^ v2 ^ v3;
}
