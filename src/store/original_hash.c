#include "store/original_hash.h"

#include <endian.h>

#include "base/hash.h"

#define BLOCK_BYTES 64

/* RFC 2104's inner and outer key: the secret, padded with zeros to a block. */
static void
add_key(struct sha256 *h, const uint8_t *secret, uint8_t pad)
{
	uint8_t key[BLOCK_BYTES];

	_Static_assert(STORE_SECRET_BYTES <= BLOCK_BYTES, "a longer key would have to be hashed");
	memset(key, pad, sizeof key);
	for (int i = 0; i < STORE_SECRET_BYTES; i++)
		key[i] ^= secret[i];
	sha256_add(h, key, sizeof key);
	explicit_bzero(key, sizeof key);
}

static void
add_framed(struct sha256 *h, struct span s)
{
	const uint64_t n = htole64(s.n);

	sha256_add(h, &n, sizeof n);
	sha256_add(h, s.p, s.n);
}

struct original_hash
original_hash_of(const uint8_t *secret, struct span tenant, struct span text)
{
	struct original_hash out;
	uint8_t digest[SHA256_BYTES];
	struct sha256 h;

	sha256_begin(&h);
	add_key(&h, secret, 0x36);
	add_framed(&h, tenant);
	add_framed(&h, text);
	sha256_end(&h, digest);
	sha256_begin(&h);
	add_key(&h, secret, 0x5c);
	sha256_add(&h, digest, sizeof digest);
	sha256_end(&h, digest);
	memcpy(out.b, digest, sizeof out.b);
	return out;
}

void
store_original_hash(const uint8_t *secret, struct span tenant, struct span text,
		    char hex[STORE_HASH_DIGITS + 1])
{
	const struct original_hash h = original_hash_of(secret, tenant, text);

	original_hash_print(&h, hex);
}

void
original_hash_print(const struct original_hash *h, char hex[STORE_HASH_DIGITS + 1])
{
	hex_encode(h->b, sizeof h->b, hex);
}

static int
digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
original_hash_parse(struct span hex, struct original_hash *out)
{
	struct original_hash h;

	if (hex.n != STORE_HASH_DIGITS)
		return false;
	for (size_t i = 0; i < sizeof h.b; i++) {
		const int high = digit_value(hex.p[2 * i]);
		const int low = digit_value(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		h.b[i] = (uint8_t)(high << 4 | low);
	}
	*out = h;
	return true;
}
