/* An arena and fuel of each test's own: for cmocka_unit_test_setup_teardown. */
#ifndef HR_TESTS_EACH_ARENA_H
#define HR_TESTS_EACH_ARENA_H

#include "base/arena.h"
#include "base/fuel.h"

static struct arena arena;
static struct fuel fuel;

static inline int
setup(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)1 << 28);
	fuel.left = 1 << 28;
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

#endif
