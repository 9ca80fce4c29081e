#include "unit.h"

#include "naive.h"
#include "tokens/merge.h"

static struct naive naive[2];

static int
load(void **state)
{
	(void)state;
	naive[TOKENS_O200K] = naive_load(TEST_DATA "/../../node_modules/gpt-tokenizer/data", "o200k_base");
	naive[TOKENS_CL100K] = naive_load(TEST_DATA "/../../node_modules/gpt-tokenizer/data", "cl100k_base");
	return 0;
}

static int
unload(void **state)
{
	(void)state;
	free(naive[0].slots);
	free(naive[1].slots);
	return 0;
}

static uint32_t
draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

/* `n` bytes of one of several kinds, some of few letters, some of any bytes. */
static void
fill(uint8_t *p, size_t n, uint64_t *seed)
{
	static const char *const alphabets[] = {
		"ab", " ", "abcdefghijklmnopqrstuvwxyz", "aAbB", " \n", "etaoin shrdlu", "=-",
		"\xe4\xb8\xad\xe6\x96\x87", "0123456789abcdef", "\xf0\x9f\x98\x80",
	};
	const uint32_t kind = draw(seed) % (sizeof alphabets / sizeof *alphabets + 1);

	for (size_t i = 0; i < n; i++) {
		if (kind < sizeof alphabets / sizeof *alphabets)
			p[i] = (uint8_t)alphabets[kind][draw(seed) % strlen(alphabets[kind])];
		else
			p[i] = (uint8_t)draw(seed);
	}
}

/* Do the tables hold these 2 bytes and more, not ending in NUL, as a token? */
static bool
is_whole(const struct ranks *r, const uint8_t *p, size_t n)
{
	if (n <= 8)
		return ranks_has_short(r, ranks_word(p, n));
	if (n <= 16)
		return ranks_has_medium(r, ranks_word(p, 8), ranks_word(p + 8, n - 8));
	return ranks_has_long(r, p, n);
}

static void
every_token_is_one(void **state)
{
	(void)state;
	for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
		size_t tokens = 0;
		for (size_t i = 0; i < NAIVE_SLOTS; i++) {
			const struct naive_token *const t = &naive[e].slots[i];
			if (!t->n)
				continue;
			tokens++;
			if (merge_count(&ranks_of[e], t->bytes, t->n) != 1)
				fail_msg("rank %u is not merged to one", t->rank);
			if (t->n > 1 && t->bytes[t->n - 1] && !is_whole(&ranks_of[e], t->bytes, t->n))
				fail_msg("rank %u is not found whole", t->rank);
		}
		assert_int_equal(tokens, e == TOKENS_O200K ? 199998 : 100256);
	}
}

static void
whole_tokens_are_exactly_the_published(void **state)
{
	(void)state;
	uint64_t seed = 7;
	uint8_t p[24];

	for (int i = 0; i < 300000; i++) {
		const size_t n = 2 + draw(&seed) % 22;
		fill(p, n, &seed);
		if (p[n - 1] == 0)
			continue;
		for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
			const bool has = is_whole(&ranks_of[e], p, n);
			assert_int_equal(has, naive_rank(&naive[e], p, n) != NAIVE_NONE);
		}
	}
}

static void
pieces_of_any_length_merge_as_spelt_out(void **state)
{
	(void)state;
	uint64_t seed = 3;
	uint8_t p[700];

	for (int i = 0; i < 3000; i++) {
		const size_t n = 1 + draw(&seed) % (i % 20 ? 80 : sizeof p);
		fill(p, n, &seed);
		for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++)
			assert_int_equal(merge_count(&ranks_of[e], p, n),
					 naive_merge(&naive[e], p, n));
	}
}

/* Windows so small that tokens reach over whole overlaps and some seams share no
 * token: the count still is that of the piece merged at once. */
static void
windows_of_any_size_agree(void **state)
{
	(void)state;
	static const size_t sizes[][2] = { { 2, 1 }, { 8, 1 }, { 20, 10 }, { 130, 64 }, { 512, 200 } };
	uint64_t seed = 5;
	uint8_t p[600];

	for (int i = 0; i < 300; i++) {
		const size_t n = 1 + draw(&seed) % sizeof p;
		fill(p, n, &seed);
		for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
			const size_t want = naive_merge(&naive[e], p, n);
			for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
				assert_int_equal(merge_count_windowed(&ranks_of[e], p, n, sizes[k][0],
								      sizes[k][1]),
						 want);
		}
	}
}

/* Quadratic merging would need hours for these; the runner's time limit is two minutes. */
static void
a_long_piece_takes_no_longer_per_byte(void **state)
{
	(void)state;
	const size_t n = (size_t)1 << 20;
	uint8_t *const p = malloc(n);
	uint64_t seed = 9;

	assert_non_null(p);
	for (int kind = 0; kind < 8; kind++) {
		fill(p, n, &seed);
		for (int e = TOKENS_O200K; e <= TOKENS_CL100K; e++) {
			const size_t whole = merge_count(&ranks_of[e], p, n);
			const size_t half = merge_count(&ranks_of[e], p, n / 2);
			const size_t rest = merge_count(&ranks_of[e], p + n / 2, n - n / 2);
			/* Cutting a piece in two changes little but where it is cut. */
			assert_true(whole <= half + rest + 8 && half + rest <= whole + 8);
		}
	}
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_token_is_one),
		cmocka_unit_test(whole_tokens_are_exactly_the_published),
		cmocka_unit_test(pieces_of_any_length_merge_as_spelt_out),
		cmocka_unit_test(windows_of_any_size_agree),
		cmocka_unit_test(a_long_piece_takes_no_longer_per_byte),
	};
	return cmocka_run_group_tests(tests, load, unload);
}
