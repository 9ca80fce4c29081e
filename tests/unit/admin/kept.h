/* A store with originals in it, for tests of what gives them back. */
#ifndef HR_TESTS_KEPT_H
#define HR_TESTS_KEPT_H

#include "../store/scratch.h"

struct kept {
	char folder[128];
	struct store *store;
	struct store_reader *reader;
	struct arena arena;
};

/* `now`: as of struct store_options. */
static inline void
kept_open(struct kept *k, int64_t (*now)(void))
{
	char why[STORE_WHY];

	scratch_make(k->folder);
	const struct store_options o = {
		.folder = k->folder, .forms_idle_days = 7, .originals_bytes = 1 << 20, .busy_ms = 5000,
		.queue_limit = 100, .now = now,
	};
	if (store_open(&o, &k->store, why) != OK)
		fail_msg("%s", why);
	assert_int_equal(store_reader_open(k->store, &k->reader), OK);
	arena_init(&k->arena, (size_t)64 << 20);
}

static inline void
kept_close(struct kept *k)
{
	store_reader_close(&k->reader);
	store_close(&k->store);
	arena_free(&k->arena);
	scratch_remove(k->folder);
}

/* Keeps a text of the tenant's and gives its hash, which lives in the arena. */
static inline struct span
kept_add(struct kept *k, struct span tenant, struct span text)
{
	struct store_original o = {
		.tenant = tenant, .tool = SPAN("list"), .text = text, .tokens = 100, .tokens_after = 10,
		.items = 40, .items_after = 4,
	};
	struct store_batch b = { .originals = &o, .original_count = 1, .arena = &k->arena };

	store_original_hash(store_secret(k->store), tenant, text, o.hash);
	assert_int_equal(store_write(k->store, &b), OK);
	return arena_copy(&k->arena, span_of(o.hash, STORE_HASH_DIGITS));
}

#endif
