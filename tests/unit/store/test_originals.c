#include "unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <zstd.h>

#include "each_store.h"

enum { MB = 1 << 20 };

static const struct span tenant = { "local", 5 };

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

static void
an_original_may_have_any_size(void **state)
{
	(void)state;
	/* Around zstd's block and SQLite's page sizes. */
	static const size_t sizes[] = { 0, 1, 4095, 4096, 4097, 131071, 131072, 131073, 9 * MB };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const struct store_original o = original(tenant, noise((uint32_t)i, sizes[i]));

		assert_int_equal(keep(&o, 1), OK);
		const struct store_found f = get(tenant, o.hash);
		assert_int_equal(f.miss, STORE_NO_MISS);
		assert_true(span_eq(f.original.text, o.text));
	}
}

static void
a_text_that_does_not_fit_into_memory_is_not_cut(void **state)
{
	(void)state;
	const struct store_original o = original(tenant, noise(1, 1 * MB));
	struct store_found f = { .created = 7 };
	struct arena tiny;

	assert_int_equal(keep(&o, 1), OK);
	arena_init(&tiny, 64 << 10);
	assert_int_equal(store_original_get(reader, tenant, span_str(o.hash), &tiny, &f), ERR_NOMEM);
	assert_int_equal(f.created, 7);
	arena_free(&tiny);
	assert_true(store_healthy(store));
	/* Nor is there memory to keep it: the batch is refused as a whole. */
	struct store_form form = scratch_form(3, "", &arena);
	struct store_batch b = {
		.originals = &o, .original_count = 1, .forms = &form, .form_count = 1, .arena = &tiny,
		.done = scratch_never_called,
	};
	bool found = true;
	assert_int_equal(store_write(store, &b), ERR_NOMEM);
	assert_int_equal(store_forms_get(reader, &form.key, 1, &arena, &form, &found), OK);
	assert_false(found);
	arena_free(&tiny);
}

static void
the_same_text_is_kept_once(void **state)
{
	(void)state;
	struct store_original o[2] = { original(tenant, SPAN("text")), original(tenant, SPAN("text")) };

	o[1].tool = SPAN("other");
	assert_int_equal(keep(o, 2), OK);
	assert_int_equal(keep(o, 1), OK);
	assert_int_equal(stats().entries, 1);
	assert_span_eq(get(tenant, o->hash).original.tool, "Bash");
}

/* ---- forms that name one ---- */

static struct store_form
form_naming(const struct store_original *o, uint64_t key)
{
	struct store_form f = scratch_form(key, "names it", &arena);

	memcpy(f.hash, o->hash, sizeof f.hash);
	return f;
}

static void
a_form_says_what_became_of_its_original(void **state)
{
	(void)state;
	const struct store_original o = original(tenant, SPAN("text"));
	const struct store_original never = original(tenant, SPAN("never kept"));
	struct store_form forms[3] = { form_naming(&o, 3), form_naming(&never, 6),
				       scratch_form(9, "names none", &arena) };
	struct store_batch b = {
		.originals = &o, .original_count = 1, .forms = forms, .form_count = 3, .arena = &arena,
		.done = scratch_never_called,
	};
	struct store_form got[3];
	struct store_key keys[3];
	bool found[3];

	assert_int_equal(store_write(store, &b), OK);
	for (int i = 0; i < 3; i++)
		keys[i] = forms[i].key;
	assert_int_equal(store_forms_get(reader, keys, 3, &arena, got, found), OK);
	for (int i = 0; i < 3; i++) {
		assert_true(found[i] && scratch_same(&got[i], &forms[i]));
		assert_string_equal(got[i].hash, forms[i].hash);
		assert_int_equal(got[i].gone, i == 1);
		assert_int_equal(got[i].stale, i == 1);
	}
	/* Whoever comes second hears the same from the writer. */
	assert_int_equal(scratch_record(store, forms, 3, &arena), OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(forms[i].gone, i == 1);
	/* Ten minutes later only what names one is to be recorded again. */
	atomic_fetch_add(&fake_now, 601);
	assert_int_equal(store_forms_get(reader, keys, 3, &arena, got, found), OK);
	assert_true(got[0].stale && !got[0].gone && !got[2].stale);
	assert_int_equal(keep(&o, 1), OK);
	assert_int_equal(store_forms_get(reader, keys, 3, &arena, got, found), OK);
	assert_false(got[0].stale);
}

/* ---- retention ---- */

static void
idle_originals_expire_and_used_ones_stay(void **state)
{
	(void)state;
	enum { N = 300, FETCHED = 1, KEPT_AGAIN = 2 };
	struct store_original o[N];

	for (uint32_t i = 0; i < N; i++)
		o[i] = original(tenant, noise(i, 100));
	assert_int_equal(keep(o, N), OK);
	for (int day = 1; day <= 6; day++) {
		atomic_fetch_add(&fake_now, DAY);
		assert_int_equal(get(tenant, o[FETCHED].hash).miss, STORE_NO_MISS);
		assert_int_equal(keep(&o[KEPT_AGAIN], 1), OK);
	}
	atomic_fetch_add(&fake_now, DAY);	/* seven days: not yet over */
	store_tidy(store);
	assert_int_equal(stats().entries, N);
	atomic_fetch_add(&fake_now, 1);
	store_tidy(store);
	assert_int_equal(stats().entries, 2);
	assert_int_equal(stats().expirations, N - 2);
	assert_int_equal(stats().evictions, 0);
	for (int i = 0; i < N; i++)
		assert_int_equal(get(tenant, o[i].hash).miss,
				 i == FETCHED || i == KEPT_AGAIN ? STORE_NO_MISS : STORE_EXPIRED);
	assert_int_equal(get(SPAN("other"), o[5].hash).miss, STORE_NEVER);
	/* It may come back. */
	assert_int_equal(keep(&o[5], 1), OK);
	assert_int_equal(get(tenant, o[5].hash).miss, STORE_NO_MISS);
}

static void
the_least_recently_used_make_room(void **state)
{
	(void)state;
	enum { N = 60, SIZE = 100000, LIMIT = 2 * MB };
	struct store_original o[N];

	stop();
	start(LIMIT);
	for (uint32_t i = 0; i < N; i++) {
		o[i] = original(tenant, noise(i, SIZE));
		atomic_fetch_add(&fake_now, 1);
		assert_int_equal(keep(&o[i], 1), OK);
		assert_true(stats().bytes <= LIMIT);
		/* The first one is fetched again and again. */
		atomic_fetch_add(&fake_now, 1);
		assert_int_equal(get(tenant, o[0].hash).miss, STORE_NO_MISS);
	}
	const struct store_stats st = stats();
	assert_int_equal(st.entries, LIMIT / (SIZE + 256));
	assert_int_equal(st.evictions, N - st.entries);
	assert_int_equal(st.text_bytes, st.entries * SIZE);
	assert_int_equal(st.tokens, st.entries * 1000);
	assert_int_equal(st.tokens_after, st.entries * 100);
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(get(tenant, o[i].hash).miss,
				 i == 0 || i > N - st.entries ? STORE_NO_MISS : STORE_EVICTED);
}

static void
a_batch_never_drops_what_it_keeps(void **state)
{
	(void)state;
	enum { N = 40, SIZE = 100000 };
	struct store_original o[N];

	stop();
	start(2 * MB);
	for (uint32_t i = 0; i < N; i++)
		o[i] = original(tenant, noise(i, SIZE));
	assert_int_equal(keep(o, N), OK);
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(get(tenant, o[i].hash).miss, STORE_NO_MISS);
	/* A second later the limit is a limit again, without anybody's asking. */
	atomic_fetch_add(&fake_now, 1);
	assert_int_equal(keep(o, 1), OK);
	store_tidy(store);
	assert_true(stats().bytes <= 2 * MB);
}

static void
a_smaller_limit_is_met_by_tidying(void **state)
{
	(void)state;
	enum { N = 400 };
	struct store_original o[N];

	for (uint32_t i = 0; i < N; i++)
		o[i] = original(tenant, noise(i, 10000));
	assert_int_equal(keep(o, N), OK);
	stop();
	start(MB);
	atomic_fetch_add(&fake_now, 1);
	store_tidy(store);
	const struct store_stats st = stats();
	assert_true(st.bytes <= MB && st.bytes > MB - 20000);
	assert_int_equal(st.bytes_limit, MB);
	assert_int_equal(st.evictions, N - st.entries);
}

static void
tombstones_are_bounded(void **state)
{
	(void)state;
	enum { N = 10300, A_BATCH = 100 };
	struct store_original *const o = calloc(N, sizeof *o);
	uint64_t *const texts = calloc(N, sizeof *texts);

	for (uint64_t i = 0; i < N; i++) {
		texts[i] = i;
		o[i] = original(tenant, span_of((const char *)&texts[i], sizeof texts[i]));
	}
	for (uint32_t i = 0; i < N; i += A_BATCH)
		assert_int_equal(keep(o + i, A_BATCH), OK);
	atomic_fetch_add(&fake_now, 8 * DAY);
	store_tidy(store);
	assert_int_equal(stats().entries, 0);
	assert_int_equal(get(tenant, o[N - 1].hash).miss, STORE_EXPIRED);
	assert_int_equal(get(tenant, o[N - 10000].hash).miss, STORE_EXPIRED);
	assert_int_equal(get(tenant, o[N - 10001].hash).miss, STORE_NEVER);
	assert_int_equal(get(tenant, o[0].hash).miss, STORE_NEVER);
	free(texts);
	free(o);
}

/* ---- decay ---- */

static void
raw_sql(const char *sql)
{
	char path[200];
	sqlite3 *db = NULL;

	snprintf(path, sizeof path, "%s/headroom.db", folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
what_the_disk_spoils_is_dropped_and_kept_anew(void **state)
{
	(void)state;
	static const char *const spoils[] = {
		"UPDATE original_texts SET packed = zeroblob(100)",
		"UPDATE original_texts SET packed = substr(packed, 1, length(packed) - 1)",
		"UPDATE original_texts SET packed ="
		" (SELECT packed FROM original_texts other WHERE other.id <> original_texts.id)",
		"DELETE FROM original_texts",
		"UPDATE originals SET size = size + 1",
		"UPDATE originals SET size = -1",
		"UPDATE originals SET tokens = tokens + 1",
		"UPDATE originals SET tool = 'other'",
		"UPDATE originals SET tenant = 'other'",
		"UPDATE originals SET created = created - 1",
	};
	const struct store_original o[2] = { original(tenant, noise(1, 5000)), original(tenant, noise(2, 5000)) };

	for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++) {
		assert_int_equal(keep(o, 2), OK);
		assert_int_equal(get(tenant, o[1].hash).miss, STORE_NO_MISS);
		raw_sql(spoils[i]);
		/* A stranger can neither tell nor change anything. */
		assert_int_equal(get(SPAN("stranger"), o[1].hash).miss, STORE_NEVER);
		if (get(tenant, o[1].hash).miss != STORE_DAMAGED)
			fail_msg("%s: not noticed", spoils[i]);
		assert_int_not_equal(get(tenant, o[1].hash).miss, STORE_NO_MISS);
		assert_true(store_healthy(store));
		assert_int_equal(keep(o, 2), OK);
		const struct store_found f = get(tenant, o[1].hash);
		assert_int_equal(f.miss, STORE_NO_MISS);
		assert_true(span_eq(f.original.text, o[1].text));
		/* The other one likewise. */
		get(tenant, o[0].hash);
	}
}

/* ---- figures ---- */

static void
hits_and_misses_are_counted_for_ever(void **state)
{
	(void)state;
	const struct store_original o = original(tenant, SPAN("text"));

	assert_int_equal(keep(&o, 1), OK);
	for (int i = 0; i < 3; i++)
		get(tenant, o.hash);
	get(tenant, "0123456789abcdef01234567");
	get(SPAN("other"), o.hash);
	for (int again = 0; again < 2; again++) {
		const struct store_stats st = stats();

		assert_int_equal(st.hits, 3);
		assert_int_equal(st.misses, 2);
		assert_int_equal(st.entries, 1);
		assert_int_equal(st.text_bytes, 4);
		assert_int_equal(st.idle_s, 7 * DAY);
		assert_true(st.bytes_limit == (uint64_t)2 << 30);
		stop();
		start(0);
	}
}

static void
the_latest_retrievals_are_remembered(void **state)
{
	(void)state;
	struct store_retrieval one = { .tool = "Bash", .items = 3, .items_total = 9 };

	assert_int_equal(stats().recent_count, 0);
	for (int i = 0; i < STORE_RECENT + 5; i++) {
		snprintf(one.query, sizeof one.query, "lines %d", i);
		store_retrieval_note(reader, &one);
		const struct store_stats st = stats();
		assert_string_equal(st.recent[0].query, one.query);
		assert_int_equal(st.recent_count, i < STORE_RECENT ? i + 1 : STORE_RECENT);
	}
	const struct store_stats st = stats();
	assert_string_equal(st.recent[STORE_RECENT - 1].query, "lines 5");
	assert_string_equal(st.recent[0].tool, "Bash");
	assert_int_equal(st.recent[0].items_total, 9);
	assert_int_equal(st.recent[0].at, 1000 * DAY);
}

/* ---- a store of the first version ---- */

/* Puts the file there as headroom.db. */
static void
unpack_store(const char *name)
{
	char path[256];
	char packed[4096];
	char file[32768];

	int fd = open(name, O_RDONLY);
	assert_true(fd >= 0);
	const ssize_t n = read(fd, packed, sizeof packed);
	close(fd);
	const size_t size = ZSTD_decompress(file, sizeof file, packed, (size_t)n);
	assert_false(ZSTD_isError(size));
	snprintf(path, sizeof path, "%s/headroom.db", folder);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, file, size), (ssize_t)size);
	close(fd);
}

static void
a_store_of_version_1_goes_on(void **state)
{
	(void)state;
	enum { N = 12 };
	struct store_form got[N];
	struct store_key keys[N];
	bool found[N];
	char secret[2 * STORE_SECRET_BYTES + 1];

	stop();
	unpack_store(TEST_DATA "/store/version-1.db.zst");
	start(0);
	hex_encode(store_secret(store), STORE_SECRET_BYTES, secret);
	assert_string_equal(secret, "efadfa509127f548a567453c6b3d4e123a2ba15c58b129b5fbe3151bdc52eb60");
	for (uint32_t i = 0; i < N; i++)
		keys[i] = scratch_key(i);
	assert_int_equal(store_forms_get(reader, keys, N, &arena, got, found), OK);
	for (uint32_t i = 0; i < N; i++) {
		const struct store_form want = scratch_form(i, "version 1", &arena);

		assert_true(found[i] && scratch_same(&got[i], &want));
		assert_string_equal(got[i].hash, "");
		assert_false(got[i].gone);
	}
	const struct store_original o = original(tenant, SPAN("text"));
	struct store_form f = form_naming(&o, 99);
	struct store_batch b = {
		.originals = &o, .original_count = 1, .forms = &f, .form_count = 1, .arena = &arena,
		.done = scratch_never_called,
	};
	assert_int_equal(store_write(store, &b), OK);
	assert_int_equal(get(tenant, o.hash).miss, STORE_NO_MISS);
	assert_int_equal(stats().entries, 1);
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
		T(an_original_may_have_any_size),
		T(a_text_that_does_not_fit_into_memory_is_not_cut),
		T(the_same_text_is_kept_once),
		T(a_form_says_what_became_of_its_original),
		T(idle_originals_expire_and_used_ones_stay),
		T(the_least_recently_used_make_room),
		T(a_batch_never_drops_what_it_keeps),
		T(a_smaller_limit_is_met_by_tidying),
		T(tombstones_are_bounded),
		T(what_the_disk_spoils_is_dropped_and_kept_anew),
		T(hits_and_misses_are_counted_for_ever),
		T(the_latest_retrievals_are_remembered),
		T(a_store_of_version_1_goes_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
