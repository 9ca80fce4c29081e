/* A store of each test's own, in a folder of its own, whose clock the test sets: for
 * cmocka_unit_test_setup_teardown. */
#ifndef HR_TESTS_EACH_STORE_H
#define HR_TESTS_EACH_STORE_H

#include <stdatomic.h>

#include "scratch.h"

enum { DAY = 86400 };

static char folder[128], why[STORE_WHY];
static struct arena arena;
static struct store *store;
static struct store_reader *reader;
static atomic_llong fake_now;

static inline int64_t
fake_clock(void)
{
	return atomic_load(&fake_now);
}

/* Opens the store; `bytes` are for originals, 0 is the default. */
static inline void
start(uint64_t bytes)
{
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 7, .busy_ms = 5000, .queue_limit = 1000,
		.originals_bytes = bytes, .now = fake_clock,
	};

	assert_int_equal(store_open(&o, &store, why), OK);
	assert_int_equal(store_reader_open(store, &reader), OK);
}

static inline void
stop(void)
{
	store_reader_close(&reader);
	store_close(&store);
}

static inline int
setup(void **state)
{
	(void)state;
	scratch_make(folder);
	arena_init(&arena, (size_t)256 << 20);
	atomic_store(&fake_now, 1000 * DAY);
	start(0);
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	stop();
	arena_free(&arena);
	scratch_remove(folder);
	return 0;
}

#endif
