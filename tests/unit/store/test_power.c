/* The power is cut at every operation on the disk: whatever the store said it has is
 * there afterwards, to the byte. */
#include "unit.h"

#include <stdatomic.h>

#include "cut_vfs.h"
#include "scratch.h"

/* As often as asked for, else only at a part of the operations. */
#define CUTS_VARIABLE "HEADROOM_CUTS"

enum { ORIGINALS = 64, DAY = 86400 };

static const struct span tenant = { "local", 5 };

static struct arena arena;
static char why[STORE_WHY];
static atomic_llong fake_now;

/* What was handed over, by number. */
static struct {
	struct store_original original;
	struct store_form form;	/* that names it */
	atomic_bool kept;	/* the store said so */
	bool may_go;		/* it was dropped for its age since */
} all[ORIGINALS];
static uint32_t count;

static int64_t
fake_clock(void)
{
	return atomic_load(&fake_now);
}

static enum err
open_store(const char *folder, struct store **s)
{
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 30, .busy_ms = 1000, .queue_limit = 100,
		.now = fake_clock,
	};

	return store_open(&o, s, why);
}

/* ---- a life ---- */

struct submission {
	struct store_batch batch;
	struct store_original originals[3];
	struct store_form forms[3];
	uint32_t numbers[3];
	atomic_bool over;
	struct arena arena;
};

static void
on_done(struct store_batch *b, enum err e)
{
	struct submission *const s = b->owner;

	for (uint32_t i = 0; i < b->original_count && e == OK; i++)
		atomic_store(&all[s->numbers[i]].kept, true);
	atomic_store(&s->over, true);
}

/* A text of some pages; the hash comes from the store's secret. */
static void
make(struct store *s, uint32_t number)
{
	const size_t n = 100 + number * 977 % 9000;
	char *const p = arena_alloc(&arena, n);
	unsigned seed = number;

	for (size_t i = 0; i < n; i++)
		p[i] = (char)rand_r(&seed);
	all[number].original = (struct store_original){ .tenant = tenant, .text = span_of(p, n) };
	store_original_hash(store_secret(s), tenant, span_of(p, n), all[number].original.hash);
	all[number].form = scratch_form(number * 3, "names it", &arena);
	memcpy(all[number].form.hash, all[number].original.hash, sizeof all[number].form.hash);
}

/* Hands `n` new originals over with their forms; with 0, a form that names none. */
static void
submit(struct store *s, struct submission *to, uint32_t n)
{
	*to = (struct submission){ .batch = { .done = on_done, .owner = to } };
	arena_init(&to->arena, 1 << 20);
	for (uint32_t i = 0; i < n; i++) {
		CHECK(count < ORIGINALS);
		make(s, count);
		to->originals[i] = all[count].original;
		to->forms[i] = all[count].form;
		to->numbers[i] = count++;
	}
	if (n == 0)
		to->forms[0] = scratch_form(1000 + count, "", &arena);
	to->batch.originals = to->originals;
	to->batch.original_count = n;
	to->batch.forms = to->forms;
	to->batch.form_count = n ? n : 1;
	to->batch.arena = &to->arena;
	if (store_submit(s, &to->batch) != OK)
		atomic_store(&to->over, true);
}

static void
wait_for(struct submission *s, int n)
{
	for (int i = 0; i < n; i++) {
		while (!atomic_load(&s[i].over))
			usleep(50);
		arena_free(&s[i].arena);
	}
}

/* Several at once, so that they share a commit; then one by one. */
static void
write_some(struct store *s)
{
	static const uint32_t sizes[] = { 1, 0, 3, 1, 2 };
	struct submission group[5];

	for (int i = 0; i < 5; i++)
		submit(s, &group[i], sizes[i]);
	wait_for(group, 5);
	for (int i = 0; i < 3; i++) {
		submit(s, group, i % 2);
		wait_for(group, 1);
	}
}

/* Opened and closed twice: closing moves the log into the file and deletes it. */
static void
live(const char *folder)
{
	atomic_store(&fake_now, 1000 * DAY);
	count = 0;
	memset(all, 0, sizeof all);
	for (int again = 0; again < 2; again++) {
		struct store *s = NULL;

		if (open_store(folder, &s) != OK)
			return;
		write_some(s);
		if (again) {
			/* So far all expire. */
			for (uint32_t i = 0; i < count; i++)
				all[i].may_go = true;
			atomic_fetch_add(&fake_now, 8 * DAY);
			store_tidy(s);
			write_some(s);
		}
		store_close(&s);
	}
}

/* ---- after it ---- */

static struct {
	uint32_t runs, kept, found_unasked, dropped;
} seen;

static void
check_original(struct store_reader *r, uint32_t i, struct arena *a)
{
	struct store_found f;

	assert_int_equal(store_original_get(r, tenant, span_str(all[i].original.hash), a, &f), OK);
	if (f.miss == STORE_NO_MISS)
		assert_true(span_eq(f.original.text, all[i].original.text));
	else if (all[i].kept)
		assert_true(all[i].may_go);
	seen.kept += all[i].kept && f.miss == STORE_NO_MISS;
	seen.found_unasked += !all[i].kept && f.miss == STORE_NO_MISS;
	seen.dropped += f.miss == STORE_EXPIRED;
}

/* No form may be there without what it names. */
static void
check_form(struct store_reader *r, uint32_t i, struct arena *a)
{
	struct store_form f;
	bool found = false;

	assert_int_equal(store_forms_get(r, &all[i].form.key, 1, a, &f, &found), OK);
	if (!found)
		return;
	assert_true(scratch_same(&f, &all[i].form));
	assert_string_equal(f.hash, all[i].original.hash);
	assert_true(!f.gone || all[i].may_go);
}

static void
check_disk(const char *folder)
{
	struct store *s = NULL;
	struct store_reader *r = NULL;
	struct arena a;

	arena_init(&a, 64 << 20);
	/* Before anything expired: what was not dropped is to be seen. */
	atomic_store(&fake_now, 1000 * DAY);
	if (open_store(folder, &s) != OK)
		fail_msg("%s", why);
	assert_int_equal(store_reader_open(s, &r), OK);
	for (uint32_t i = 0; i < count; i++) {
		check_original(r, i, &a);
		check_form(r, i, &a);
	}
	assert_true(store_healthy(s));
	store_reader_close(&r);
	store_close(&s);
	arena_free(&a);
}

/* One life that ends at the operation `at`; how many there were. */
static long
die(long at, int sixteenths)
{
	char folder[128];
	char after[128];

	scratch_make(folder);
	scratch_make(after);
	arena_init(&arena, 64 << 20);
	cut_install();
	cut_begin(at);
	live(folder);
	const long operations = cut.operations;
	cut_remove();
	cut_to_folder(after, (struct cut_luck){ sixteenths, (unsigned)at });
	check_disk(after);
	seen.runs++;
	arena_free(&arena);
	scratch_remove(folder);
	scratch_remove(after);
	return operations;
}

static void
what_was_said_to_be_kept_is_kept(void **state)
{
	(void)state;
	const char *const asked = getenv(CUTS_VARIABLE);
	/* Of what was not synced: nothing, half, most, all. */
	static const int sixteenths[] = { 0, 8, 15, 16 };
	const long operations = die(0, 0);
	const long step = asked ? 1 : operations / 60 + 1;

	assert_true(operations > 300);
	assert_int_equal(seen.found_unasked, 0);
	assert_true(seen.dropped > 3);
	for (long at = 1; at <= operations + 5; at += step) {
		for (int i = 0; i < 4; i++)
			die(at, sixteenths[i]);
	}
	print_message("%ld operations; %u cuts: %u kept, %u more found\n", operations, seen.runs,
		      seen.kept, seen.found_unasked);
	assert_true(seen.kept > 500);
	assert_true(!asked || seen.found_unasked > 0);
}

/* ---- how often the disk is waited for ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int at_gate;

static void
wait_at_gate(struct store_batch *b, enum err e)
{
	atomic_store(&at_gate, 1);
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	on_done(b, e);
}

/* What is handed over meanwhile waits until release_writer. */
static void
hold_writer(struct store *s, struct submission *with)
{
	atomic_store(&at_gate, 0);
	pthread_mutex_lock(&gate);
	*with = (struct submission){ .batch = { .done = wait_at_gate, .owner = with } };
	assert_int_equal(store_submit(s, &with->batch), OK);
	while (!atomic_load(&at_gate))
		usleep(50);
}

static void
release_writer(struct submission *with)
{
	pthread_mutex_unlock(&gate);
	while (!atomic_load(&with->over))
		usleep(50);
}

static long
syncs_so_far(void)
{
	pthread_mutex_lock(&cut.lock);
	const long n = cut.syncs;
	pthread_mutex_unlock(&cut.lock);
	return n;
}

static atomic_long syncs_before_plain;

static void
on_plain_done(struct store_batch *b, enum err e)
{
	atomic_store(&syncs_before_plain, syncs_so_far());
	on_done(b, e);
}

static void
batches_share_a_sync_and_others_do_without(void **state)
{
	(void)state;
	enum { N = 20 };
	char folder[128];
	struct store *s = NULL;
	struct submission held;
	struct submission *const all_of_them = calloc(N + 1, sizeof *all_of_them);

	scratch_make(folder);
	arena_init(&arena, 64 << 20);
	cut_install();
	cut_begin(0);
	count = 0;
	memset(all, 0, sizeof all);
	atomic_store(&fake_now, 1000 * DAY);
	assert_int_equal(open_store(folder, &s), OK);
	hold_writer(s, &held);
	const long before = syncs_so_far();
	for (int i = 0; i < N; i++)
		submit(s, &all_of_them[i], 1 + (uint32_t)i % 2);
	/* Last in the queue, and yet it does not wait for the disk. */
	submit(s, &all_of_them[N], 0);
	all_of_them[N].batch.done = on_plain_done;
	release_writer(&held);
	wait_for(all_of_them, N + 1);
	assert_int_equal(atomic_load(&syncs_before_plain), before);
	assert_int_equal(syncs_so_far(), before + 1);
	for (uint32_t i = 0; i < count; i++)
		assert_true(all[i].kept);
	for (int i = 0; i < N; i++) {
		submit(s, &all_of_them[i], 0);
		wait_for(&all_of_them[i], 1);
	}
	assert_int_equal(syncs_so_far(), before + 1);
	store_close(&s);
	cut_remove();
	free(all_of_them);
	arena_free(&arena);
	scratch_remove(folder);
}

int
main(void)
{
	/* What the disk would hold is simulated: memory saves waiting for it. */
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_share_a_sync_and_others_do_without),
		cmocka_unit_test(what_was_said_to_be_kept_is_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
