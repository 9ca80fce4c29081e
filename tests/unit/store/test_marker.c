#include "unit.h"

#include <stdio.h>

#include "store/marker.h"

#define A "0123456789abcdef01234567"
#define B "fedcba9876543210fedcba98"

/* The hashes with a blank behind each. */
static struct span
hashes_of(struct span text)
{
	static char out[256];
	struct span hash;
	size_t n = 0;

	while (marker_next(&text, &hash))
		n += (size_t)snprintf(out + n, sizeof out - n, "%.*s ", SPAN_ARG(hash));
	assert_int_equal(text.n, 0);
	return span_of(out, n);
}

static void
hashes_are_found(void **state)
{
	(void)state;
	assert_span_eq(hashes_of(SPAN("[3 rows compressed to 1. Retrieve more: hash=" A "]")), A " ");
	assert_span_eq(hashes_of(SPAN("hash=" A "hash=" B "\\n")), A " " B " ");
	assert_span_eq(hashes_of(SPAN("\"hash=" A "\" hash=hash=" B)), A " " B " ");
}

static void
what_only_looks_alike_is_passed_over(void **state)
{
	(void)state;
	assert_span_eq(hashes_of(SPAN("hash=" A "0 hash=0123 hash= hash=0123456789ABCDEF01234567 hash=" B)), B " ");
	assert_span_eq(hashes_of(SPAN("hash" A " Hash=" A)), "");
	assert_span_eq(hashes_of(SPAN("hash=0123456789abcdef0123456")), "");
	assert_span_eq(hashes_of(SPAN("")), "");
	assert_span_eq(hashes_of(SPAN_NONE), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_found),
		cmocka_unit_test(what_only_looks_alike_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
