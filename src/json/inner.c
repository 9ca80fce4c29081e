#include "json/inner.h"

#include <stdbool.h>
#include <stdint.h>

/* What the byte after a backslash stands for; 0: it is no escape of one byte. */
static const char simple_escape[256] = {
	['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
	['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

/* A hex digit's value plus 1; 0: it is none. */
static const uint8_t hex_digit[256] = {
	['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The four hex digits at `p` as a number, -1 when they are not that. */
static inline int
hex4(const char *p, const char *end)
{
	if (end - p < 4)
		return -1;
	const int a = hex_digit[(uint8_t)p[0]], b = hex_digit[(uint8_t)p[1]];
	const int c = hex_digit[(uint8_t)p[2]], d = hex_digit[(uint8_t)p[3]];

	if (!a || !b || !c || !d)
		return -1;
	return (a - 1) << 12 | (b - 1) << 8 | (c - 1) << 4 | (d - 1);
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

/* 64 bytes of a string, a bit for each byte. */
struct block {
	uint64_t stops;		/* quotes and control characters */
	uint64_t slashes;	/* backslashes */
	uint64_t simple;	/* letters of escapes of one letter */
};

#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/* Not zero where a byte is one of "\/bfnrt: its high nibble chooses a set of
 * low nibbles, 1 {2 f}, 2 {c}, 4 {2 6 e}, 8 {2 4}. */
AVX2 static inline __m256i
simple32(__m256i v)
{
	const __m256i low = _mm256_set1_epi8(0x0f);
	const __m256i sets = _mm256_shuffle_epi8(
		TWICE(0, 0, 1, 0, 0, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0),
		_mm256_and_si256(_mm256_srli_epi16(v, 4), low));
	const __m256i members = _mm256_shuffle_epi8(
		TWICE(0, 0, 1 | 4 | 8, 0, 8, 0, 4, 0, 0, 0, 0, 0, 2, 0, 4, 1),
		_mm256_and_si256(v, low));

	return _mm256_and_si256(sets, members);
}

AVX2 static inline uint64_t
mask64(__m256i a, __m256i b)
{
	return (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

AVX2 static inline __m256i
stops32(__m256i v)
{
	return _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
			       _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1f)), v));
}

AVX2 static inline struct block
read_block(__m256i a, __m256i b)
{
	const __m256i slash = _mm256_set1_epi8('\\');
	const __m256i zero = _mm256_setzero_si256();

	return (struct block){
		.stops = mask64(stops32(a), stops32(b)),
		.slashes = mask64(_mm256_cmpeq_epi8(a, slash), _mm256_cmpeq_epi8(b, slash)),
		.simple = ~mask64(_mm256_cmpeq_epi8(simple32(a), zero),
				  _mm256_cmpeq_epi8(simple32(b), zero)),
	};
}

/* The bytes that follow an escaping backslash. *carry: the first byte of this
 * block does, and then of the next. */
static inline uint64_t
escaped_bytes(uint64_t slashes, uint64_t *carry)
{
	uint64_t first = slashes & ~*carry;	/* backslashes that may begin an escape */
	uint64_t escaped = *carry;

	if (__builtin_expect((first & first << 1) == 0, 1)) {
		*carry = first >> 63;
		return escaped | first << 1;
	}
	*carry = 0;
	while (first) {
		const uint64_t lowest = first & -first;

		escaped |= lowest << 1;
		*carry = lowest >> 63;
		first &= ~(lowest | lowest << 1);
	}
	return escaped;
}

/* `events` are the bits of the block at `p` that may end the string or spoil
 * it; those among `escaped` are letters of no simple escape. Returns the closing
 * quote's index, 64 when the string goes on, -1 when it is malformed. */
static inline int
judge(const char *p, const char *end, uint64_t events, uint64_t escaped)
{
	while (events) {
		const int i = __builtin_ctzll(events);

		if (!(escaped >> i & 1))
			return p[i] == '"' ? i : -1;
		if (p[i] != 'u' || hex4(p + i + 1, end) < 0)
			return -1;
		events &= events - 1;
	}
	return 64;
}

AVX2 const char *
inner_end_avx2(const char *p, const char *end, unsigned *seen)
{
	__m256i high = _mm256_setzero_si256();
	uint64_t slashes = 0;
	uint64_t carry = 0;

	for (; end - p >= 64; p += 64) {
		const __m256i a = _mm256_loadu_si256((const void *)p);
		const __m256i b = _mm256_loadu_si256((const void *)(p + 32));
		const struct block at = read_block(a, b);
		const uint64_t escaped = escaped_bytes(at.slashes, &carry);
		const uint64_t events = (at.stops & ~escaped) | (escaped & ~at.simple);

		if (events) {
			const int i = judge(p, end, events, escaped);

			if (i < 0)
				return NULL;
			if (i < 64) {
				const uint64_t before = ((uint64_t)1 << i) - 1;

				*seen |= (slashes | (at.slashes & before)) ? INNER_ESCAPED : 0;
				*seen |= (mask64(a, b) & before) || _mm256_movemask_epi8(high) ? INNER_HIGH : 0;
				return p + i;
			}
		}
		high = _mm256_or_si256(high, _mm256_or_si256(a, b));
		slashes |= at.slashes;
	}
	*seen |= slashes ? INNER_ESCAPED : 0;
	*seen |= _mm256_movemask_epi8(high) ? INNER_HIGH : 0;
	/* A backslash at the end of the last block is read again with its letter. */
	return inner_end_sse2(p - carry, end, seen);
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

/* Copies at least up to the next backslash or to `end`, and perhaps more, which
 * the caller writes over. Returns how many bytes stand before the backslash. */
static inline size_t
copy_plain(const char *p, const char *end, char *to)
{
	size_t n = 0;

#if defined(__SSE2__)
	for (; end - p >= (ptrdiff_t)n + 16; n += 16) {
		const __m128i v = _mm_loadu_si128((const void *)(p + n));
		const uint32_t slashes =
			(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

		_mm_storeu_si128((void *)(to + n), v);
		if (slashes)
			return n + (size_t)__builtin_ctz(slashes);
	}
#endif
	for (; p + n < end && p[n] != '\\'; n++)
		to[n] = p[n];
	return n;
}

char *
inner_unescape(const char *p, const char *end, char *to)
{
	for (;;) {
		const size_t n = copy_plain(p, end, to);
		size_t wrote = 1;
		size_t took = 2;

		p += n;
		to += n;
		if (p == end)
			return to;
		/* The text of an escape is shorter than the escape, so there is room. */
		*to = end - p >= 2 ? simple_escape[(uint8_t)p[1]] : 0;
		if (!*to)
			took = inner_decode(p, end, to, &wrote);
		if (!took)
			return NULL;
		p += took;
		to += wrote;
	}
}
