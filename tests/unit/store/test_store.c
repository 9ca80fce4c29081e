#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>

#include "scratch.h"

static char folder[128];
static struct arena arena;
static char why[STORE_WHY];

static int
setup(void **state)
{
	(void)state;
	scratch_make(folder);
	arena_init(&arena, (size_t)64 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	scratch_remove(folder);
	return 0;
}

static struct store *
opened(void)
{
	struct store *s = NULL;

	assert_int_equal(scratch_open(folder, &s, why), OK);
	assert_string_equal(why, "");
	return s;
}

static unsigned
mode_of(const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof path, "%s%s", folder, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
forms_come_back_as_recorded(void **state)
{
	(void)state;
	enum { N = 300 };
	struct store *s = opened();
	struct store_reader *r = NULL;
	struct store_form forms[N];
	struct store_form got[N + 1];
	struct store_key keys[N + 1];
	bool found[N + 1];

	for (uint32_t i = 0; i < N; i++) {
		forms[i] = scratch_form(i, "first", &arena);
		keys[i] = forms[i].key;
	}
	keys[N] = scratch_key(999999);
	assert_int_equal(store_reader_open(s, &r), OK);
	assert_int_equal(store_forms_get(r, keys, N, &arena, got, found), OK);
	for (int i = 0; i < N; i++)
		assert_false(found[i]);
	assert_int_equal(scratch_record(s, forms, N, &arena), OK);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(store_forms_get(r, keys, N + 1, &arena, got, found), OK);
		for (int i = 0; i < N; i++) {
			assert_true(found[i]);
			assert_true(scratch_same(&got[i], &forms[i]));
			assert_false(got[i].stale);
		}
		assert_false(found[N]);
		/* … and after a restart. */
		store_reader_close(&r);
		store_close(&s);
		assert_null(s);
		s = opened();
		assert_int_equal(store_reader_open(s, &r), OK);
	}
	store_reader_close(&r);
	store_close(&s);
}

static void
the_first_form_wins(void **state)
{
	(void)state;
	struct store *s = opened();
	struct store_form one[2] = { scratch_form(3, "first", &arena), scratch_form(4, "", &arena) };
	struct store_form two[3] = { scratch_form(3, "second", &arena), scratch_form(4, "", &arena),
				     scratch_form(6, "second", &arena) };
	const struct store_form second = two[2];

	two[1].engine = 7;
	assert_int_equal(scratch_record(s, one, 2, &arena), OK);
	assert_int_equal(scratch_record(s, two, 3, &arena), OK);
	assert_true(scratch_same(&two[0], &one[0]));
	assert_int_equal(two[1].engine, 1);
	assert_true(scratch_same(&two[2], &second));
	store_close(&s);
}

static void
the_first_of_two_in_one_batch_wins(void **state)
{
	(void)state;
	struct store *s = opened();
	struct store_form forms[2] = { scratch_form(3, "first", &arena),
				       scratch_form(3, "second", &arena) };

	assert_int_equal(scratch_record(s, forms, 2, &arena), OK);
	assert_true(scratch_same(&forms[0], &forms[1]));
	assert_true(span_starts(forms[1].text, SPAN("first ")));
	store_close(&s);
}

static void
files_are_for_their_owner_only(void **state)
{
	(void)state;
	char deep[256];
	struct store *s = NULL;
	const mode_t old = umask(0);

	/* A folder that is there keeps its mode; new ones are made private. */
	chmod(folder, 0755);
	s = opened();
	struct store_form f = scratch_form(3, "", &arena);
	assert_int_equal(scratch_record(s, &f, 1, &arena), OK);
	assert_int_equal(mode_of(""), 0755);
	assert_int_equal(mode_of("/headroom.db"), 0600);
	assert_int_equal(mode_of("/headroom.db-wal"), 0600);
	assert_int_equal(mode_of("/headroom.db-shm"), 0600);
	store_close(&s);

	char path[256];
	snprintf(path, sizeof path, "%s/headroom.db", folder);
	chmod(path, 0644);
	s = opened();
	assert_int_equal(mode_of("/headroom.db"), 0600);
	store_close(&s);

	snprintf(deep, sizeof deep, "%s/a/b", folder);
	const struct store_options o = { .folder = deep, .forms_idle_days = 7, .queue_limit = 1 };
	assert_int_equal(store_open(&o, &s, why), OK);
	assert_int_equal(mode_of("/a"), 0700);
	assert_int_equal(mode_of("/a/b"), 0700);
	store_close(&s);
	umask(old);
	scratch_remove(deep);
	snprintf(deep, sizeof deep, "%s/a", folder);
	scratch_remove(deep);
}

static void
the_secret_is_made_once(void **state)
{
	(void)state;
	uint8_t secret[STORE_SECRET_BYTES];
	const uint8_t zero[STORE_SECRET_BYTES] = { 0 };
	struct store *s = opened();

	memcpy(secret, store_secret(s), sizeof secret);
	assert_memory_not_equal(secret, zero, sizeof secret);
	store_close(&s);
	s = opened();
	assert_memory_equal(secret, store_secret(s), sizeof secret);

	char other[128];
	struct store *t = NULL;
	scratch_make(other);
	assert_int_equal(scratch_open(other, &t, why), OK);
	assert_memory_not_equal(secret, store_secret(t), sizeof secret);
	store_close(&t);
	store_close(&s);
	scratch_remove(other);
}

/* ---- many threads, one writer ---- */

enum { THREADS = 8, EACH = 60, SHARED = 20 };

struct worker {
	pthread_t thread;
	struct store *store;
	uint64_t number;
	int failed;
};

static void *
write_and_read(void *arg)
{
	struct worker *const w = arg;
	struct store_reader *r = NULL;
	struct arena a;
	char by[32];

	arena_init(&a, (size_t)16 << 20);
	snprintf(by, sizeof by, "thread %llu", (unsigned long long)w->number);
	if (store_reader_open(w->store, &r) != OK)
		return w->failed++, NULL;
	for (uint64_t i = 0; i < EACH; i++) {
		/* One of one's own, one that all threads write differently. */
		struct store_form f[2] = { scratch_form(w->number * 1000 + i, by, &a),
					   scratch_form(500000 + i % SHARED, by, &a) };
		struct store_form got[2];
		bool found[2];
		const struct store_form own = f[0];

		if (scratch_record(w->store, f, 2, &a) != OK)
			w->failed++;
		const struct store_key keys[2] = { f[0].key, f[1].key };
		if (store_forms_get(r, keys, 2, &a, got, found) != OK || !found[0] || !found[1] ||
		    !scratch_same(&own, &got[0]) || !scratch_same(&f[1], &got[1]))
			w->failed++;
	}
	store_reader_close(&r);
	arena_free(&a);
	return NULL;
}

static void
many_threads_agree(void **state)
{
	(void)state;
	struct worker w[THREADS];
	struct store *s = opened();
	struct store *t = opened();

	/* Two stores on one file, as two processes would have. */
	for (uint64_t i = 0; i < THREADS; i++) {
		w[i] = (struct worker){ .store = i % 2 ? s : t, .number = i };
		assert_int_equal(pthread_create(&w[i].thread, NULL, write_and_read, &w[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].failed, 0);
	}
	assert_true(store_healthy(s));
	store_close(&t);
	store_close(&s);
}

/* ---- the queue ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int finished;
static atomic_int at_gate;

static void
count_done(struct store_batch *b, enum err e)
{
	(void)b;
	atomic_fetch_add(&finished, e == OK);
}

static void
wait_at_gate(struct store_batch *b, enum err e)
{
	atomic_store(&at_gate, 1);
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	count_done(b, e);
}

static void
a_full_queue_refuses_and_closing_finishes_it(void **state)
{
	(void)state;
	enum { LIMIT = 4 };
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 7, .busy_ms = 1000, .queue_limit = LIMIT,
	};
	struct store *s = NULL;
	struct store_form f[LIMIT + 2];
	struct store_batch b[LIMIT + 2];

	for (uint64_t i = 0; i < LIMIT + 2; i++) {
		f[i] = scratch_form(i, "", &arena);
		b[i] = (struct store_batch){ .forms = &f[i], .form_count = 1, .arena = &arena,
					     .done = i ? count_done : wait_at_gate };
	}
	assert_int_equal(store_open(&o, &s, why), OK);
	atomic_store(&finished, 0);
	atomic_store(&at_gate, 0);
	pthread_mutex_lock(&gate);
	assert_int_equal(store_submit(s, &b[0]), OK);
	while (!atomic_load(&at_gate))
		usleep(200);
	for (int i = 1; i <= LIMIT; i++)
		assert_int_equal(store_submit(s, &b[i]), OK);
	assert_int_equal(store_submit(s, &b[LIMIT + 1]), ERR_BUSY);
	pthread_mutex_unlock(&gate);
	store_close(&s);
	assert_int_equal(atomic_load(&finished), LIMIT + 1);

	struct store_reader *r = NULL;
	struct store_form got;
	bool found = false;
	s = opened();
	assert_int_equal(store_reader_open(s, &r), OK);
	assert_int_equal(store_forms_get(r, &f[LIMIT].key, 1, &arena, &got, &found), OK);
	assert_true(found);
	assert_int_equal(store_forms_get(r, &f[LIMIT + 1].key, 1, &arena, &got, &found), OK);
	assert_false(found);
	store_reader_close(&r);
	store_close(&s);
}

static void
a_batch_without_memory_fails_alone(void **state)
{
	(void)state;
	struct store *s = opened();
	struct arena tiny;
	struct store_form f[4] = { scratch_form(30, "first", &arena), scratch_form(1, "", &arena),
				   scratch_form(30, "second", &arena), scratch_form(31, "", &arena) };
	struct store_batch held = { .forms = &f[1], .form_count = 1, .arena = &arena,
				    .done = wait_at_gate };
	struct store_batch good = { .forms = &f[3], .form_count = 1, .arena = &arena,
				    .done = count_done };

	assert_int_equal(scratch_record(s, &f[0], 1, &arena), OK);
	arena_init(&tiny, 16);
	atomic_store(&finished, 0);
	atomic_store(&at_gate, 0);
	pthread_mutex_lock(&gate);
	assert_int_equal(store_submit(s, &held), OK);
	while (!atomic_load(&at_gate))
		usleep(200);
	/* These two go into one transaction. */
	struct store_batch bad = { .forms = &f[2], .form_count = 1, .arena = &tiny,
				   .done = count_done };
	assert_int_equal(store_submit(s, &bad), OK);
	assert_int_equal(store_submit(s, &good), OK);
	pthread_mutex_unlock(&gate);
	store_close(&s);
	assert_int_equal(atomic_load(&finished), 2);
	arena_free(&tiny);
}

static void
lack_of_memory_says_nothing_about_the_file(void **state)
{
	(void)state;
	struct store *s = opened();
	struct arena tiny;
	struct store_form first = scratch_form(30, "first", &arena);
	struct store_form second = scratch_form(30, "second", &arena);

	arena_init(&tiny, 16);
	assert_int_equal(scratch_record(s, &first, 1, &arena), OK);
	assert_int_equal(scratch_record(s, &second, 1, &tiny), ERR_NOMEM);
	assert_true(store_healthy(s));
	arena_free(&tiny);
	store_close(&s);
}

/* ---- retention ---- */

static atomic_llong fake_now;

static int64_t
fake_clock(void)
{
	return atomic_load(&fake_now);
}

enum { DAY = 86400 };

static void
idle_forms_go_and_used_ones_stay(void **state)
{
	(void)state;
	enum { N = 1000, KEPT = 10 };
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 8, .busy_ms = 1000, .queue_limit = 9,
		.now = fake_clock,
	};
	struct store *s = NULL;
	struct store_reader *r = NULL;
	struct store_form *const f = calloc(N, sizeof *f);
	struct store_form *const got = calloc(N, sizeof *got);
	struct store_key keys[N];
	bool found[N];

	atomic_store(&fake_now, 1000 * DAY);
	for (uint32_t i = 0; i < N; i++) {
		f[i] = scratch_form(i, "first", &arena);
		keys[i] = f[i].key;
	}
	assert_int_equal(store_open(&o, &s, why), OK);
	assert_int_equal(store_reader_open(s, &r), OK);
	assert_int_equal(scratch_record(s, f, N, &arena), OK);

	/* Within an eighth of the time a use need not be recorded. */
	atomic_fetch_add(&fake_now, DAY);
	assert_int_equal(store_forms_get(r, keys, N, &arena, got, found), OK);
	assert_true(found[0] && !got[0].stale && found[N - 1] && !got[N - 1].stale);
	atomic_fetch_add(&fake_now, 1);
	assert_int_equal(store_forms_get(r, keys, N, &arena, got, found), OK);
	assert_true(found[0] && got[0].stale && found[N - 1] && got[N - 1].stale);

	/* Some are used on the sixth day, with another text: theirs stays. */
	atomic_fetch_add(&fake_now, 5 * DAY);
	struct store_form again[KEPT];
	for (uint32_t i = 0; i < KEPT; i++)
		again[i] = scratch_form(i * 3, "later", &arena);
	assert_int_equal(scratch_record(s, again, KEPT, &arena), OK);
	assert_true(scratch_same(&again[1], &f[3]));

	atomic_fetch_add(&fake_now, 2 * DAY - 1);	/* eight days: not yet over */
	store_tidy(s);
	assert_int_equal(store_forms_get(r, keys, N, &arena, got, found), OK);
	assert_true(found[1] && found[N - 1]);
	atomic_fetch_add(&fake_now, 2);
	store_tidy(s);
	assert_int_equal(store_forms_get(r, keys, N, &arena, got, found), OK);
	for (int i = 0; i < N; i++)
		assert_int_equal(found[i], i % 3 == 0 && i < 3 * KEPT);
	assert_true(scratch_same(&got[3], &f[3]));
	store_reader_close(&r);
	store_close(&s);
	free(got);
	free(f);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(forms_come_back_as_recorded),
		T(the_first_form_wins),
		T(the_first_of_two_in_one_batch_wins),
		T(files_are_for_their_owner_only),
		T(the_secret_is_made_once),
		T(many_threads_agree),
		T(a_full_queue_refuses_and_closing_finishes_it),
		T(a_batch_without_memory_fails_alone),
		T(lack_of_memory_says_nothing_about_the_file),
		T(idle_forms_go_and_used_ones_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
