/* Counts against byte-pair encoding spelt out (tests/unit/tokens/naive.h) over the
 * pieces that PCRE2 cuts by the published patterns. The first byte chooses the
 * encoding and how the rest becomes text. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "../unit/tokens/naive.h"
#include "base/check.h"
#include "tokens/merge.h"
#include "tokens/split.h"
#include "tokens/tokens.h"

#define MOST 1000

static struct naive naive[2];
static pcre2_code *pattern[2];
static struct tokens_memo *memo[2];	/* of all inputs */

/* One of each class and whatever the patterns name, of characters that have been in
 * Unicode for long. */
static const char *const letters[] = {
	"a", "b", "e", "s", "t", "l", "v", "r", "m", "d", "A", "S", "L", "Z", "'", "'", " ", " ", "\n", "\r",
	"\t", "0", "7", "/", "-", "=", ".", "(", "_", "\\", "\"", "{", "é", "É", "ß", "ſ", "ǅ", "ʰ", "中", "文", "ا",
	"ا", "\u0301", "\u093e", "\u00a0", "\u3000", "\u2028", "\xc2\x85", "\ufeff", "½", "٣", "Ⅷ", "😀", "€", "\u200d", "\x7f",
	"\x01", "the", "ing", "tion", "    ", "//", "ll", "LL",
};

static const char *const patterns[2] = {
	[TOKENS_O200K] = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
		"|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
		"|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
	[TOKENS_CL100K] = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+"
		"| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++\\z|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	static struct arena memos;

	arena_init(&memos, (size_t)1 << 20);
	naive[TOKENS_O200K] = naive_load(RANK_FILES, "o200k_base");
	naive[TOKENS_CL100K] = naive_load(RANK_FILES, "cl100k_base");
	for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
		int error;
		PCRE2_SIZE at;
		pattern[e] = pcre2_compile((PCRE2_SPTR)patterns[e], PCRE2_ZERO_TERMINATED,
					   PCRE2_UTF | PCRE2_UCP, &error, &at, NULL);
		CHECK(pattern[e]);
		memo[e] = tokens_memo_new((enum tokens_encoding)e, &memos);
		CHECK(memo[e]);
		pcre2_jit_compile(pattern[e], PCRE2_JIT_COMPLETE);
	}
	return 0;
}

/* Valid UTF-8 against the published pattern. */
static size_t
count_by_pattern(enum tokens_encoding e, const uint8_t *p, size_t n)
{
	pcre2_match_data *const match = pcre2_match_data_create(1, NULL);
	size_t count = 0;

	for (size_t at = 0; at < n;) {
		CHECK(pcre2_match(pattern[e], p, n, at, PCRE2_ANCHORED, match, NULL) > 0);
		const size_t to = pcre2_get_ovector_pointer(match)[1];
		const uint8_t *const end =
			e == TOKENS_O200K ? split_o200k(p + at, p + n) : split_cl100k(p + at, p + n);
		CHECK(end == p + to);
		count += naive_piece(&naive[e], p + at, to - at);
		at = to;
	}
	pcre2_match_data_free(match);
	return count;
}

/* Any bytes, by our own cuts: what remains to check is the look-up and the merging. */
static size_t
count_by_pieces(enum tokens_encoding e, const uint8_t *p, size_t n)
{
	const uint8_t *const end = p + n;
	size_t count = 0;

	while (p < end) {
		const uint8_t *const q = e == TOKENS_O200K ? split_o200k(p, end) : split_cl100k(p, end);
		CHECK(q > p && q <= end);
		count += naive_piece(&naive[e], p, (size_t)(q - p));
		p = q;
	}
	return count;
}

static void
check_counts(enum tokens_encoding e, const uint8_t *p, size_t n, size_t want)
{
	const struct span text = span_of((const char *)p, n);

	CHECK(tokens_count(e, text) == want);
	CHECK(tokens_memo_count(memo[e], text) == want);
	CHECK(tokens_at_least(e, text, want));
	CHECK(!tokens_at_least(e, text, want + 1));
	CHECK(tokens_at_least(e, text, want / 2));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const enum tokens_encoding e = data[0] & 1 ? TOKENS_CL100K : TOKENS_O200K;
	const uint8_t how = data[0] >> 1;
	size_t n = size - 1 < MOST ? size - 1 : MOST;

	if (how % 4 == 0) {
		check_counts(e, data + 1, n, count_by_pieces(e, data + 1, n));
	} else if (how % 4 == 1) {
		CHECK(merge_count_windowed(&ranks_of[e], data + 1, n, 40 + how, 16) ==
		      naive_merge(&naive[e], data + 1, n));
	} else {
		uint8_t *const text = malloc(n * 4);
		size_t used = 0;
		for (size_t i = 0; i < n && used < MOST; i++) {
			const char *const s = letters[data[1 + i] % (sizeof letters / sizeof *letters)];
			memcpy(text + used, s, strlen(s));
			used += strlen(s);
		}
		uint8_t *const exact = realloc(text, used);
		check_counts(e, exact, used, count_by_pattern(e, exact, used));
		free(exact);
	}
	return 0;
}
