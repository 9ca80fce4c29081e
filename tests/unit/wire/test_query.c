#include "unit.h"

#include <stdio.h>
#include "wire/query.h"

/* Joins the pairs as "[name|value]"; the failure at the end in *e. */
static struct span
pairs_of(const char *text, enum err *e)
{
	static char out[256];
	struct span query = span_str(text), name, value;
	size_t n = 0;
	struct arena a;

	arena_init(&a, 4096);
	while ((*e = query_next(&query, &a, &name, &value)) == OK)
		n += (size_t)snprintf(out + n, sizeof out - n, "[%.*s|%.*s]", SPAN_ARG(name), SPAN_ARG(value));
	arena_free(&a);
	return span_of(out, n);
}

static void
pairs_are_decoded(void **state)
{
	(void)state;
	enum err e;

	assert_span_eq(pairs_of("a=b&grep=x%20y+z%2B&rows=where+a%3D1%26b", &e), "[a|b][grep|x y z+][rows|where a=1&b]");
	assert_int_equal(e, ERR_NOT_FOUND);
	assert_span_eq(pairs_of("&&a&b=&=c&d=e=f&", &e), "[a|][b|][|c][d|e=f]");
	assert_span_eq(pairs_of("%61%C3%A4=%E2%82%ac", &e), "[aä|€]");
	assert_span_eq(pairs_of("", &e), "");
	assert_int_equal(e, ERR_NOT_FOUND);
}

static void
broken_escapes_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = { "a=%", "a=%4", "a=%4g", "a=%g4", "%zz=1", "a=1%2" };
	enum err e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(pairs_of(bad[i], &e).n, 0);
		assert_int_equal(e, ERR_SYNTAX);
	}
	assert_span_eq(pairs_of("a=1&b=%", &e), "[a|1]");
	assert_int_equal(e, ERR_SYNTAX);
}

static void
little_memory_is_told(void **state)
{
	(void)state;
	struct span query = SPAN("a=%41"), name, value;
	struct arena a;

	arena_init(&a, 0);
	assert_int_equal(query_next(&query, &a, &name, &value), ERR_NOMEM);
	assert_span_eq(query, "a=%41");
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_decoded),
		cmocka_unit_test(broken_escapes_are_refused),
		cmocka_unit_test(little_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
