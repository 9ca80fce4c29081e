#include "unit.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <zstd.h>

#include "scratch.h"

enum { DAY = 86400, MB = 1 << 20 };

static const struct span tenant = { "local", 5 };

static char folder[128];
static struct arena arena;
static char why[STORE_WHY];
static struct store *store;
static struct store_reader *reader;
static atomic_llong fake_now;

static int64_t
fake_clock(void)
{
	return atomic_load(&fake_now);
}

static void
start(uint64_t bytes)
{
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 7, .busy_ms = 5000, .queue_limit = 1000,
		.originals_bytes = bytes, .now = fake_clock,
	};

	assert_int_equal(store_open(&o, &store, why), OK);
	assert_int_equal(store_reader_open(store, &reader), OK);
}

static void
stop(void)
{
	store_reader_close(&reader);
	store_close(&store);
}

static int
setup(void **state)
{
	(void)state;
	scratch_make(folder);
	arena_init(&arena, (size_t)256 << 20);
	atomic_store(&fake_now, 1000 * DAY);
	start(0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	stop();
	arena_free(&arena);
	scratch_remove(folder);
	return 0;
}

/* A text that zstd can not make smaller. */
static struct span
noise(uint32_t seed, size_t n)
{
	char *const p = arena_alloc(&arena, n);
	uint64_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < n; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		p[i] = (char)x;
	}
	return span_of(p, n);
}

static struct store_original
original(struct span of, struct span text)
{
	struct store_original o = {
		.tenant = of, .tool = SPAN("Bash"), .text = text, .tokens = 1000, .tokens_after = 100,
		.items = 40, .items_after = 4,
	};

	store_original_hash(store_secret(store), of, text, o.hash);
	return o;
}

static enum err
keep(const struct store_original *o, uint32_t n)
{
	struct store_batch b = {
		.originals = o, .original_count = n, .arena = &arena, .done = scratch_never_called,
	};

	return store_write(store, &b);
}

static struct store_found
get(struct span of, const char *hash)
{
	struct store_found f;

	memset(&f, 0xff, sizeof f);
	assert_int_equal(store_original_get(reader, of, span_str(hash), &arena, &f), OK);
	return f;
}

static struct store_stats
stats(void)
{
	struct store_stats s;

	assert_int_equal(store_originals_stats(reader, &s), OK);
	return s;
}

static void
the_hash_is_what_it_says(void **state)
{
	(void)state;
	const uint8_t secret[STORE_SECRET_BYTES] = "0123456789abcdef0123456789abcde";
	char hex[STORE_HASH_DIGITS + 1];
	char other[STORE_HASH_DIGITS + 1];

	/* printf '\5\0\0\0\0\0\0\0local\5\0\0\0\0\0\0\0a\0b\xff\n' | openssl dgst -sha256 -mac
	 * HMAC -macopt hexkey:…, the first 24 digits. */
	store_original_hash(secret, tenant, span_of("a\0b\xff\n", 5), hex);
	assert_string_equal(hex, "d05773005eafe00d53f8c093");
	/* Lengths are part of it: nothing can move between tenant and text. */
	store_original_hash(secret, SPAN("local1"), SPAN("23"), hex);
	store_original_hash(secret, SPAN("local"), SPAN("123"), other);
	assert_string_not_equal(hex, other);
}

static void
an_original_comes_back_to_the_byte(void **state)
{
	(void)state;
	const struct span texts[] = {
		SPAN("x"), span_of("\0\xff\xfe, no UTF-8 at all \0", 22), noise(1, 3 * MB),
		SPAN("{\"a\":[1,2,3]}\r\n"),
	};
	struct store_original o[4];

	for (int i = 0; i < 4; i++)
		o[i] = original(tenant, texts[i]);
	o[3].tool = SPAN_NONE;
	assert_int_equal(keep(o, 4), OK);
	for (int again = 0; again < 2; again++) {
		for (int i = 0; i < 4; i++) {
			const struct store_found f = get(tenant, o[i].hash);

			assert_int_equal(f.miss, STORE_NO_MISS);
			assert_true(span_eq(f.original.text, texts[i]));
			assert_true(span_eq(f.original.tool, o[i].tool));
			assert_true(!f.original.tool.p == (i == 3));
			assert_string_equal(f.original.hash, o[i].hash);
			assert_int_equal(f.original.tokens, 1000);
			assert_int_equal(f.original.tokens_after, 100);
			assert_int_equal(f.original.items, 40);
			assert_int_equal(f.original.items_after, 4);
			assert_int_equal(f.created, 1000 * DAY);
			assert_int_equal(f.retrievals, again + 1);
		}
		stop();
		start(0);
	}
}

static void
a_hash_is_looked_up_in_either_case(void **state)
{
	(void)state;
	const struct store_original o = original(tenant, SPAN("some text"));
	char upper[STORE_HASH_DIGITS + 1];

	assert_int_equal(keep(&o, 1), OK);
	for (int i = 0; i <= STORE_HASH_DIGITS; i++)
		upper[i] = (char)(o.hash[i] >= 'a' ? o.hash[i] - 32 : o.hash[i]);
	assert_int_equal(get(tenant, upper).miss, STORE_NO_MISS);
	assert_string_equal(get(tenant, upper).original.hash, o.hash);
}

static void
what_is_no_hash_was_never_stored(void **state)
{
	(void)state;
	static const char *const hashes[] = {
		"", "abc", "0123456789abcdef0123456", "0123456789abcdef012345678",
		"0123456789abcdef0123456g", "0123456789abcdef01234567", "' OR 1=1 --             ",
	};

	for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
		assert_int_equal(get(tenant, hashes[i]).miss, STORE_NEVER);
	assert_int_equal(stats().misses, sizeof hashes / sizeof *hashes);
}

static void
tenants_do_not_see_each_other(void **state)
{
	(void)state;
	const struct store_original mine = original(tenant, SPAN("the same text"));
	const struct store_original theirs = original(SPAN("other"), SPAN("the same text"));

	assert_string_not_equal(mine.hash, theirs.hash);
	assert_int_equal(keep(&mine, 1), OK);
	assert_int_equal(get(SPAN("other"), mine.hash).miss, STORE_NEVER);
	assert_int_equal(get(SPAN_NONE, mine.hash).miss, STORE_NEVER);
	assert_int_equal(get(SPAN("other"), theirs.hash).miss, STORE_NEVER);
	assert_int_equal(get(tenant, mine.hash).miss, STORE_NO_MISS);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_hash_is_what_it_says),
		T(an_original_comes_back_to_the_byte),
		T(a_hash_is_looked_up_in_either_case),
		T(what_is_no_hash_was_never_stored),
		T(tenants_do_not_see_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
