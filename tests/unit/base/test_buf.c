#include "unit.h"

#include "base/buf.h"

static void
appends_in_order(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 1000);
	buf_add_str(&b, "a");
	buf_add_char(&b, '-');
	buf_add_u64(&b, 18446744073709551615ull);
	buf_addf(&b, "/%03d", 7);
	buf_add_i64(&b, INT64_MIN);
	assert_span_eq(buf_span(&b), "a-18446744073709551615/007-9223372036854775808");
	assert_int_equal(buf_err(&b), OK);
	buf_consume(&b, 2);
	buf_truncate(&b, 3);
	assert_span_eq(buf_span(&b), "184");
	buf_free(&b);
}

static void
the_limit_is_sticky(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 4);
	buf_add_str(&b, "abcd");
	assert_int_equal(buf_err(&b), OK);
	buf_add_char(&b, 'e');
	assert_int_equal(buf_err(&b), ERR_LIMIT);
	buf_consume(&b, 4);
	buf_add_char(&b, 'f');
	assert_int_equal(b.n, 0);
	buf_clear(&b);
	buf_addf(&b, "%s", "1234");
	assert_span_eq(buf_span(&b), "1234");
	buf_free(&b);
}

static void
taken_memory_is_the_callers(void **state)
{
	(void)state;
	struct buf b;
	size_t n = 0;

	buf_init(&b, 3);
	buf_add_str(&b, "xyz");
	char *const p = buf_take(&b, &n);
	assert_string_equal(p, "xyz");
	assert_int_equal(n, 3);
	assert_int_equal(b.n, 0);
	free(p);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_in_order),
		cmocka_unit_test(the_limit_is_sticky),
		cmocka_unit_test(taken_memory_is_the_callers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
