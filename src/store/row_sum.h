/* Sums of rows, against decay only: SQLite's file has none, and a rotten text would
 * be sent as if it were the tool's. */
#ifndef HR_STORE_ROW_SUM_H
#define HR_STORE_ROW_SUM_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t
row_sum(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ (h >> 29);
}

/* Eight bytes a step; a tail is padded with zeros, so add the length too where it is
 * not fixed. */
static inline uint64_t
row_sum_bytes(uint64_t h, const void *bytes, size_t n)
{
	const char *p = bytes;

	for (; n >= 8; p += 8, n -= 8) {
		uint64_t v;

		memcpy(&v, p, 8);
		h = row_sum(h, le64toh(v));
	}
	if (n) {
		uint64_t v = 0;

		memcpy(&v, p, n);
		h = row_sum(h, le64toh(v));
	}
	return h;
}

#endif
