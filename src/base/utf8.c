#include "base/utf8.h"

#include <stdint.h>

/* The second byte of a sequence decides about overlong forms, surrogates and
 * the upper end; these are its bounds by lead byte (RFC 3629, section 4). */
struct lead {
	uint8_t length;		/* 0: no sequence begins so */
	uint8_t low, high;	/* bounds of the second byte */
};

static inline struct lead
lead_of(uint8_t c)
{
	if (c >= 0xc2 && c <= 0xdf)
		return (struct lead){ 2, 0x80, 0xbf };
	if (c >= 0xe0 && c <= 0xef)
		return (struct lead){ 3, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf };
	if (c >= 0xf0 && c <= 0xf4)
		return (struct lead){ 4, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf };
	return (struct lead){ 0, 0, 0 };
}

size_t
utf8_sequence(struct span s, size_t *bad)
{
	const uint8_t *const p = (const uint8_t *)s.p;

	if (p[0] < 0x80)
		return 1;
	const struct lead lead = lead_of(p[0]);
	size_t good = 1;

	if (lead.length && s.n > 1 && p[1] >= lead.low && p[1] <= lead.high) {
		good = 2;
		while (good < lead.length && good < s.n && (p[good] & 0xc0) == 0x80)
			good++;
	}
	if (lead.length && good == lead.length)
		return good;
	*bad = good;
	return 0;
}

/* Bytes at the front of `s` that are ASCII, in whole words. */
static inline size_t
ascii_words(struct span s)
{
	size_t at = 0;
	uint64_t word;

	while (at + sizeof(word) <= s.n) {
		memcpy(&word, s.p + at, sizeof(word));
		if (word & 0x8080808080808080u)
			break;
		at += sizeof(word);
	}
	return at;
}

bool
utf8_valid_scalar(struct span s)
{
	size_t at = 0;

	while (at < s.n) {
		at += ascii_words(span_from(s, at));
		if (at == s.n)
			return true;
		size_t bad;
		const size_t length = utf8_sequence(span_from(s, at), &bad);
		if (!length)
			return false;
		at += length;
	}
	return true;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define BLOCK sizeof(__m256i)

/* Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte"
 * (2020): every fault shows in two neighbouring bytes, save a third or fourth
 * byte that is missing or in excess. Each of the three nibbles that matter maps
 * to the set of faults it allows; a fault all three allow is there. */
enum {
	TOO_SHORT = 1 << 0,	/* a lead without its continuation */
	TOO_LONG = 1 << 1,	/* ASCII, then a continuation */
	OVERLONG_3 = 1 << 2,
	TOO_LARGE = 1 << 3,
	SURROGATE = 1 << 4,
	OVERLONG_2 = 1 << 5,
	FAR_TOO_LARGE = 1 << 6,	/* f5 and up, second byte 80..8f */
	OVERLONG_4 = 1 << 6,
	TWO_CONTS = 1 << 7,	/* right only as third or fourth byte */
	CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS,	/* the low nibble says nothing */
};

#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

AVX2 static inline __m256i
by_first_high(__m256i nibble)
{
	return _mm256_shuffle_epi8(
		TWICE(TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
		      TOO_LONG, (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS,
		      TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
		      TOO_SHORT | TOO_LARGE | FAR_TOO_LARGE | OVERLONG_4),
		nibble);
}

AVX2 static inline __m256i
by_first_low(__m256i nibble)
{
#define LARGE (char)(CARRY | TOO_LARGE | FAR_TOO_LARGE)
	return _mm256_shuffle_epi8(
		TWICE((char)(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4),
		      (char)(CARRY | OVERLONG_2), (char)CARRY, (char)CARRY,
		      (char)(CARRY | TOO_LARGE), LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE,
		      LARGE, (char)(CARRY | TOO_LARGE | FAR_TOO_LARGE | SURROGATE), LARGE, LARGE),
		nibble);
#undef LARGE
}

AVX2 static inline __m256i
by_second_high(__m256i nibble)
{
	enum { CONT = TOO_LONG | OVERLONG_2 | TWO_CONTS };

	return _mm256_shuffle_epi8(
		TWICE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
		      TOO_SHORT, (char)(CONT | OVERLONG_3 | FAR_TOO_LARGE | OVERLONG_4),
		      (char)(CONT | OVERLONG_3 | TOO_LARGE), (char)(CONT | SURROGATE | TOO_LARGE),
		      (char)(CONT | SURROGATE | TOO_LARGE), TOO_SHORT, TOO_SHORT, TOO_SHORT,
		      TOO_SHORT),
		nibble);
}

/* The bytes of `now` moved up by `n`, the last of `before` moved in. */
#define MOVED_UP(before, now, n)                                               \
	_mm256_alignr_epi8((now), _mm256_permute2x128_si256((before), (now), 0x21), 16 - (n))

/* Not zero where `now`, which follows `before`, has a fault. */
AVX2 static inline __m256i
block_faults(__m256i before, __m256i now)
{
	const __m256i low = _mm256_set1_epi8(0x0f);
	const __m256i one = MOVED_UP(before, now, 1);
	const __m256i pair = _mm256_and_si256(
		_mm256_and_si256(by_first_high(_mm256_and_si256(_mm256_srli_epi16(one, 4), low)),
				 by_first_low(_mm256_and_si256(one, low))),
		by_second_high(_mm256_and_si256(_mm256_srli_epi16(now, 4), low)));
	const __m256i third = _mm256_subs_epu8(MOVED_UP(before, now, 2),
					       _mm256_set1_epi8((char)(0xe0 - 0x80)));
	const __m256i fourth = _mm256_subs_epu8(MOVED_UP(before, now, 3),
						_mm256_set1_epi8((char)(0xf0 - 0x80)));
	const __m256i wanted = _mm256_and_si256(_mm256_or_si256(third, fourth),
						_mm256_set1_epi8((char)TWO_CONTS));

	return _mm256_xor_si256(wanted, pair);
}

AVX2 static bool
valid_avx2(struct span s)
{
	__m256i faults = _mm256_setzero_si256();
	__m256i before = faults;
	size_t at = 0;

	for (; s.n - at >= BLOCK; at += BLOCK) {
		const __m256i now = _mm256_loadu_si256((const void *)(s.p + at));

		faults = _mm256_or_si256(faults, block_faults(before, now));
		before = now;
	}
	/* The zeros after the last byte end a sequence that was cut off. */
	char rest[BLOCK] = { 0 };
	memcpy(rest, s.p + at, s.n - at);
	faults = _mm256_or_si256(
		faults, block_faults(before, _mm256_loadu_si256((const void *)rest)));
	return _mm256_testz_si256(faults, faults);
}

bool
utf8_valid(struct span s)
{
	return s.n >= BLOCK && __builtin_cpu_supports("avx2") ? valid_avx2(s) : utf8_valid_scalar(s);
}
#else
bool
utf8_valid(struct span s)
{
	return utf8_valid_scalar(s);
}
#endif
