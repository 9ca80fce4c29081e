/* Hashes: a strong one for identity, a fast one for tables in memory. */
#ifndef HR_BASE_HASH_H
#define HR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define SHA256_BYTES 32

/* FIPS 180-4 SHA-256 of `s` (OpenSSL's, which uses the CPU's instructions). */
void sha256(struct span s, uint8_t out[SHA256_BYTES]);

/* Incremental form; embed it. sha256_end may be called once. */
struct sha256 {
	void *ctx;
};
void sha256_begin(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *p, size_t n);
void sha256_end(struct sha256 *h, uint8_t out[SHA256_BYTES]);

/* Lower-case hex of `n` bytes, 2n characters and a NUL. */
void hex_encode(const uint8_t *bytes, size_t n, char *out);

/* SipHash-2-4 (Aumasson, Bernstein 2012) under a key drawn once per process:
 * for hash tables whose keys an outsider chooses. Never let its value or a
 * table's order decide a byte that leaves. */
uint64_t hash_table_key(struct span s);

/* 64-bit FNV-1a, unkeyed and equal everywhere: for content-derived choices
 * that must be deterministic. Collisions can be made at will; compare after. */
static inline uint64_t
hash_stable(struct span s)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h;
}

#endif
