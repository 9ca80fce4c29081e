#include "unit.h"

#include <stdio.h>

#include "ledger/identity.h"

static const uint8_t secret[STORE_SECRET_BYTES] = "a secret of thirty-two bytes....";

static struct store_key
key_from(struct identity *id, struct span tenant, struct span call, struct span text, bool redeemable)
{
	struct identity_text t;
	struct store_key k;

	assert_int_equal(identity_text(id, text, &t), OK);
	assert_int_equal(identity_key(id, tenant, call, &t, redeemable, &k), OK);
	return k;
}

static struct store_key
key_with(const uint8_t *s, struct span tenant, struct span call, struct span text, bool redeemable)
{
	struct identity *id = identity_make(s);

	assert_non_null(id);
	const struct store_key k = key_from(id, tenant, call, text, redeemable);
	identity_free(&id);
	assert_null(id);
	return k;
}

static struct store_key
key(struct span tenant, struct span call, struct span text)
{
	return key_with(secret, tenant, call, text, false);
}

static bool
same(struct store_key a, struct store_key b)
{
	return memcmp(a.b, b.b, sizeof a.b) == 0;
}

static void
the_same_block_has_the_same_key(void **state)
{
	(void)state;
	const struct store_key want = key(SPAN("local"), SPAN("call_1"), SPAN("text"));
	struct identity *id = identity_make(secret);

	assert_true(same(want, key(SPAN("local"), SPAN("call_1"), SPAN("text"))));
	/* Also when other blocks went before. */
	assert_false(same(want, key_from(id, SPAN("local"), SPAN("x"), SPAN("other"), false)));
	assert_true(same(want, key_from(id, SPAN("local"), SPAN("call_1"), SPAN("text"), false)));
	identity_free(&id);
}

/* `inner` is a JSON string's, and stands for `text`. */
static void
stands_for(struct identity *id, struct span inner, struct span text)
{
	struct identity_text want;
	struct identity_text got;

	assert_int_equal(identity_text(id, text, &want), OK);
	memset(&got, 0, sizeof got);
	assert_int_equal(identity_json(id, inner, true, 1 << 20, &got), OK);
	assert_memory_equal(got.tag, want.tag, sizeof got.tag);
	assert_int_equal(got.size, text.n);
}

/* As clients spell it, or every character as \uXXXX. */
static size_t
spell(const char *text, size_t n, bool all, char *out)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (all)
			at += (size_t)snprintf(out + at, 7, "\\u%04X", (unsigned)text[i]);
		else if (text[i] == '\n')
			at += (size_t)snprintf(out + at, 3, "\\n");
		else
			out[at++] = text[i];
	}
	return at;
}

/* Long spellings are remembered; there are more than slots, so some meet there. */
static void
a_spelling_is_no_part(void **state)
{
	(void)state;
	enum { N = 700, ROUNDS = 20000 };
	struct identity *id = identity_make(secret);
	char text[N];
	char spelling[N * 6 + 1];

	for (unsigned round = 0; round < ROUNDS; round++) {
		const size_t n = N - round % 100;

		memset(text, 'x', n);
		snprintf(text, 9, "%08x", round);
		text[8] = '\n';
		for (int again = 0; again < 2; again++)
			stands_for(id, span_of(spelling, spell(text, n, false, spelling)),
				   span_of(text, n));
		if (round % 64 == 0)
			stands_for(id, span_of(spelling, spell(text, n, true, spelling)),
				   span_of(text, n));
	}
	identity_free(&id);
}

static void
what_has_no_text_has_no_identity(void **state)
{
	(void)state;
	enum { N = 700 };
	struct identity *id = identity_make(secret);
	struct identity_text t;
	char spelling[N];

	memset(spelling, 'x', N);
	memcpy(spelling + 5, "\\ud800", 6);
	for (int again = 0; again < 2; again++)
		assert_int_equal(identity_json(id, span_of(spelling, N), true, 1 << 20, &t),
				 ERR_UNSUPPORTED);
	memcpy(spelling + 5, "\\u0041", 6);
	assert_int_equal(identity_json(id, span_of(spelling, N), true, 64, &t), ERR_NOMEM);
	assert_int_equal(identity_json(id, span_of(spelling, N), true, 1 << 20, &t), OK);
	assert_int_equal(t.size, N - 5);
	identity_free(&id);
}

static void
every_part_counts(void **state)
{
	(void)state;
	uint8_t other[STORE_SECRET_BYTES];
	memcpy(other, secret, sizeof other);
	other[31] ^= 1;
	const struct store_key keys[] = {
		key(SPAN("a"), SPAN("b"), SPAN("c")),
		key(SPAN("b"), SPAN("a"), SPAN("c")),
		key(SPAN("a"), SPAN("b"), SPAN("d")),
		key(SPAN("a"), SPAN("b"), SPAN("c\0")),
		key(SPAN("a"), SPAN("b"), SPAN("")),
		key(SPAN("ab"), SPAN(""), SPAN("c")),
		key(SPAN(""), SPAN("ab"), SPAN("c")),
		key(SPAN("a"), SPAN(""), SPAN("bc")),
		key(SPAN("a"), SPAN_NONE, SPAN("bc")),
		key(SPAN("a"), SPAN("bc"), SPAN("")),
		key_with(secret, SPAN("a"), SPAN("b"), SPAN("c"), true),
		key_with(other, SPAN("a"), SPAN("b"), SPAN("c"), false),
	};

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(same(keys[i], keys[j]));
}

/* GMAC pads with zeros and ends with the length; long texts go in pieces. */
static void
lengths_and_single_bits_of_long_texts_count(void **state)
{
	(void)state;
	enum { N = 70000 };
	char *const text = calloc(1, N);
	struct store_key keys[40];
	size_t n = 0;

	for (size_t len = 0; len < 20; len++)
		keys[n++] = key(SPAN("a"), SPAN("b"), span_of(text, len));
	for (size_t len = N - 10; len <= N; len++)
		keys[n++] = key(SPAN("a"), SPAN("b"), span_of(text, len));
	for (size_t at = 0; at < N; at += 9000) {
		text[at] = 1;
		keys[n++] = key(SPAN("a"), SPAN("b"), span_of(text, N));
		text[at] = 0;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(same(keys[i], keys[j]));
	free(text);
}

/* Recorded forms are found by these bytes: a change of the construction forgets
 * every conversation, so it must never happen unseen. */
static void
the_construction_is_fixed(void **state)
{
	(void)state;
	const struct store_key k = key(SPAN("local"), SPAN("toolu_01"), SPAN("{\"a\": 1}"));
	static const uint8_t want[STORE_KEY_BYTES] = {
		0x0a, 0x6b, 0x4d, 0xdf, 0x26, 0x86, 0x3f, 0x13,
		0x69, 0x42, 0x45, 0xa8, 0x81, 0x7c, 0x5f, 0xd1,
		0x26, 0x65, 0x7c, 0x11, 0x26, 0xc0, 0xa6, 0x23,
		0x77, 0x9c, 0x92, 0xae, 0x99, 0xc7, 0x7a, 0x96,
	};

	assert_memory_equal(k.b, want, sizeof want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_block_has_the_same_key),
		cmocka_unit_test(a_spelling_is_no_part),
		cmocka_unit_test(what_has_no_text_has_no_identity),
		cmocka_unit_test(every_part_counts),
		cmocka_unit_test(lengths_and_single_bits_of_long_texts_count),
		cmocka_unit_test(the_construction_is_fixed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
