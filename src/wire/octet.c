#include "wire/octet.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Octets that are treated alike; each set is the one before and more. */
#define F OCTET_FIELD
#define V (F | OCTET_TARGET)
#define H (V | OCTET_HOST)		/* host, but not token */
#define T (V | OCTET_TOKEN)		/* token, but not host */
#define A (V | OCTET_TOKEN | OCTET_HOST)
#define X (A | OCTET_HEX)
#define D (X | OCTET_DIGIT)

const uint8_t octet_class[256] = {
	['\t'] = F, [' '] = F, ['#'] = F | OCTET_TOKEN,
	['"'] = V, [','] = V, ['/'] = V, [':'] = V, ['<'] = V, ['>'] = V, ['?'] = V, ['@'] = V,
	['['] = V, ['\\'] = V, [']'] = V, ['{'] = V, ['}'] = V,
	['('] = H, [')'] = H, [';'] = H, ['='] = H,
	['^'] = T, ['`'] = T, ['|'] = T,
	['!'] = A, ['$'] = A, ['%'] = A, ['&'] = A, ['\''] = A, ['*'] = A, ['+'] = A, ['-'] = A,
	['.'] = A, ['_'] = A, ['~'] = A,
	['0' ... '9'] = D,
	['A' ... 'F'] = X, ['G' ... 'Z'] = A,
	['a' ... 'f'] = X, ['g' ... 'z'] = A,
	[0x80 ... 0xff] = F,
};

size_t
octet_field_run(struct span s)
{
	size_t i = 0;

#ifdef __SSE2__
	const __m128i top = _mm_set1_epi8(0x1f);
	const __m128i tab = _mm_set1_epi8('\t');
	const __m128i del = _mm_set1_epi8(0x7f);

	for (; s.n - i >= 16; i += 16) {
		const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
		/* min(v, 0x1f) == v holds for the controls alone */
		const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, top), v);
		const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(v, tab), low),
						 _mm_cmpeq_epi8(v, del));
		const int hits = _mm_movemask_epi8(bad);

		if (hits)
			return i + (size_t)__builtin_ctz((unsigned)hits);
	}
#endif
	return i + octet_run(span_from(s, i), OCTET_FIELD);
}
