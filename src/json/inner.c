#include "json/inner.h"

#include <stdbool.h>
#include <stdint.h>

/* What the byte after a backslash stands for; 0: it is no escape of one byte. */
static const char simple_escape[256] = {
	['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
	['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

static inline int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	const char lower = (char)(c | 0x20);
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The four hex digits at `p` as a number, -1 when they are not that. */
static inline int
hex4(const char *p, const char *end)
{
	int v = 0;

	if (end - p < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		const int digit = hex_value(p[i]);

		if (digit < 0)
			return -1;
		v = v << 4 | digit;
	}
	return v;
}

/* The byte after the escape at `p` (its backslash), NULL when it is none. */
static inline const char *
escape_end(const char *p, const char *end)
{
	if (end - p < 2)
		return NULL;
	if (simple_escape[(uint8_t)p[1]])
		return p + 2;
	return p[1] == 'u' && hex4(p + 2, end) >= 0 ? p + 6 : NULL;
}

const char *
inner_end_scalar(const char *p, const char *end, unsigned *seen)
{
	while (p < end) {
		const uint8_t c = (uint8_t)*p;

		if (c == '"')
			return p;
		if (c < 0x20)
			return NULL;
		if (c == '\\') {
			*seen |= INNER_ESCAPED;
			p = escape_end(p, end);
			if (!p)
				return NULL;
			continue;
		}
		if (c >= 0x80)
			*seen |= INNER_HIGH;
		p++;
	}
	return NULL;
}

static inline const char *
plain_scalar(const char *p, const char *end)
{
	while (p < end && (uint8_t)*p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return p;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

/* A bit for each of 16 bytes that ends a plain run: quote, backslash, control. */
static inline uint32_t
stops16(__m128i v)
{
	const __m128i stop = _mm_or_si128(
		_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
			     _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
		_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1f)), v));

	return (uint32_t)_mm_movemask_epi8(stop);
}

AVX2 static inline uint32_t
stops32(__m256i v)
{
	const __m256i stop = _mm256_or_si256(
		_mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
				_mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'))),
		_mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v));

	return (uint32_t)_mm256_movemask_epi8(stop);
}

/* `p` stands on a byte of a stop mask. Returns the next byte to look at; NULL
 * with *closed false when the string is malformed, the quote with *closed true
 * when it ends here. */
static inline const char *
past_stop(const char *p, const char *end, bool *closed)
{
	*closed = *p == '"';
	if (*closed)
		return p;
	return *p == '\\' ? escape_end(p, end) : NULL;
}

const char *
inner_end_sse2(const char *p, const char *end, unsigned *seen)
{
	uint32_t high = 0;
	bool closed = false;

	while (end - p >= 16) {
		const __m128i v = _mm_loadu_si128((const void *)p);
		const uint32_t stops = stops16(v);
		const uint32_t bits = (uint32_t)_mm_movemask_epi8(v);

		if (!stops) {
			high |= bits;
			p += 16;
			continue;
		}
		high |= bits & (stops - 1) & ~stops;
		p = past_stop(p + __builtin_ctz(stops), end, &closed);
		if (!p || closed)
			break;
		*seen |= INNER_ESCAPED;
	}
	*seen |= high ? INNER_HIGH : 0;
	return !p || closed ? p : inner_end_scalar(p, end, seen);
}

AVX2 const char *
inner_end_avx2(const char *p, const char *end, unsigned *seen)
{
	uint32_t high = 0;
	bool closed = false;

	while (end - p >= 32) {
		const __m256i v = _mm256_loadu_si256((const void *)p);
		const uint32_t stops = stops32(v);
		const uint32_t bits = (uint32_t)_mm256_movemask_epi8(v);

		if (!stops) {
			high |= bits;
			p += 32;
			continue;
		}
		high |= bits & (stops - 1) & ~stops;
		p = past_stop(p + __builtin_ctz(stops), end, &closed);
		if (!p || closed)
			break;
		*seen |= INNER_ESCAPED;
	}
	*seen |= high ? INNER_HIGH : 0;
	return !p || closed ? p : inner_end_scalar(p, end, seen);
}

const char *
inner_end(const char *p, const char *end, unsigned *seen)
{
	return __builtin_cpu_supports("avx2") ? inner_end_avx2(p, end, seen)
					      : inner_end_sse2(p, end, seen);
}

const char *
inner_plain(const char *p, const char *end)
{
	for (; end - p >= 16; p += 16) {
		const uint32_t stops = stops16(_mm_loadu_si128((const void *)p));

		if (stops)
			return p + __builtin_ctz(stops);
	}
	return plain_scalar(p, end);
}
#else
const char *
inner_end(const char *p, const char *end, unsigned *seen)
{
	return inner_end_scalar(p, end, seen);
}

const char *
inner_plain(const char *p, const char *end)
{
	return plain_scalar(p, end);
}
#endif

/* Writes a scalar value as UTF-8; returns the bytes written. */
static size_t
encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

size_t
inner_decode(const char *p, const char *end, char out[4], size_t *wrote)
{
	if (end - p < 2)
		return 0;
	out[0] = simple_escape[(uint8_t)p[1]];
	if (out[0]) {
		*wrote = 1;
		return 2;
	}
	const int unit = p[1] == 'u' ? hex4(p + 2, end) : -1;
	if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return 0;
	if (unit < 0xd800 || unit > 0xdbff) {
		*wrote = encode((uint32_t)unit, out);
		return 6;
	}
	if (end - p < 12 || p[6] != '\\' || p[7] != 'u')
		return 0;
	const int low = hex4(p + 8, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*wrote = encode(0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00), out);
	return 12;
}
