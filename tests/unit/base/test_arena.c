#include "unit.h"

#include "base/arena.h"

static void
pieces_are_aligned_and_apart(void **state)
{
	(void)state;
	struct arena a;

	arena_init(&a, 1 << 20);
	char *const one = arena_alloc(&a, 5);
	char *const two = arena_alloc(&a, 5);
	assert_non_null(one);
	assert_non_null(two);
	assert_true((uintptr_t)one % 16 == 0 && (uintptr_t)two % 16 == 0);
	assert_true(two >= one + 5);
	memset(one, 'a', 5);
	memset(two, 'b', 5);
	assert_memory_equal(one, "aaaaa", 5);
	arena_free(&a);
}

static void
the_limit_holds(void **state)
{
	(void)state;
	struct arena a;
	size_t got = 0;

	arena_init(&a, 10000);
	assert_null(arena_alloc(&a, 10001));
	while (arena_alloc(&a, 100))
		got += 100;
	assert_true(got > 5000 && a.used <= 10000);
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_free(&a);
	assert_int_equal(a.used, 0);
	assert_non_null(arena_alloc(&a, 100));
	arena_free(&a);
}

static void
growing_keeps_the_bytes(void **state)
{
	(void)state;
	struct arena a;
	char *p = NULL;

	arena_init(&a, 1 << 22);
	for (size_t n = 1; n <= 100000; n *= 3) {
		p = arena_grow(&a, p, n / 3, n);
		assert_non_null(p);
		p[n - 1] = (char)('a' + n % 26);
		if (n > 1)
			assert_int_equal(p[n / 3 - 1], (char)('a' + n / 3 % 26));
	}
	char *const other = arena_alloc(&a, 10);
	char *const moved = arena_grow(&a, p, 59049, 70000);
	assert_non_null(other);
	assert_ptr_not_equal(moved, p);
	assert_memory_equal(moved, p, 59049);
	arena_free(&a);
}

/* A large piece that grows does not leave its former selves behind. */
static void
growing_a_large_piece_costs_little(void **state)
{
	(void)state;
	struct arena a;
	char *p = NULL;
	size_t n = 0;

	arena_init(&a, 2200000);
	assert_non_null(arena_alloc(&a, 100));
	for (size_t more = 50000; more <= 2000000; more += 50000) {
		p = arena_grow(&a, p, n, more);
		assert_non_null(p);
		memset(p + n, (int)(more / 50000), more - n);
		n = more;
	}
	assert_true(a.used < n + 20000);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i], i / 50000 + 1);
	assert_null(arena_grow(&a, p, n, 2300000));
	assert_int_equal(p[n - 1], 40);
	p = arena_grow(&a, p, n, 10);
	char *const next = arena_alloc(&a, 1000000);
	assert_non_null(next);
	assert_true(next > p && next < p + 100);
	arena_free(&a);
}

static void
copies_end_in_nul(void **state)
{
	(void)state;
	struct arena a;

	arena_init(&a, 1 << 16);
	const struct span c = arena_copy(&a, SPAN("hello"));
	assert_span_eq(c, "hello");
	assert_int_equal(c.p[5], '\0');
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_apart),
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(growing_keeps_the_bytes),
		cmocka_unit_test(growing_a_large_piece_costs_little),
		cmocka_unit_test(copies_end_in_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
