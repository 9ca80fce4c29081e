#include "unit.h"

#include "admin/named_originals.h"
#include "base/buf.h"
#include "kept.h"

#define LOCAL SPAN("local")
#define NEVER "0123456789abcdef01234567"

static struct kept kept;

static int
setup(void **state)
{
	(void)state;
	kept_open(&kept, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	kept_close(&kept);
	return 0;
}

/* Markers of both and of one that never was. */
static struct span
text_with(struct span a, struct span b)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	buf_addf(&out, "hash=%.*s hash=%.*s hash=" NEVER, SPAN_ARG(a), SPAN_ARG(b));
	const struct span text = arena_copy(&kept.arena, buf_span(&out));
	buf_free(&out);
	return text;
}

static void
known_hashes_of_the_text_are_added_once(void **state)
{
	(void)state;
	const struct span a = kept_add(&kept, LOCAL, SPAN("a"));
	const struct span b = kept_add(&kept, LOCAL, SPAN("b"));
	const struct span other = kept_add(&kept, SPAN("other"), SPAN("c"));
	struct span own[] = { a };
	struct span *list = own;
	size_t n = 1;

	assert_int_equal(named_originals(text_with(b, b), LOCAL, kept.reader,
					 &kept.arena, &list, &n), OK);
	assert_int_equal(n, 2);
	assert_true(span_eq(list[0], a) && span_eq(list[1], b));
	n = 1;
	list = own;
	assert_int_equal(named_originals(text_with(a, other), LOCAL, kept.reader, &kept.arena,
					 &list, &n), OK);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(named_originals(text_with(b, a), LOCAL, NULL, &kept.arena, &list, &n), OK);
	assert_int_equal(n, 0);
}

/* Looking is no use and no look-up: neither counts. */
static void
nothing_is_counted(void **state)
{
	(void)state;
	const struct span a = kept_add(&kept, LOCAL, SPAN("a"));
	struct span hashes[] = { a, SPAN(NEVER), SPAN("short") };
	struct store_stats stats;
	bool known[3];

	assert_int_equal(store_originals_known(kept.reader, LOCAL, hashes, 3, known), OK);
	assert_true(known[0] && !known[1] && !known[2]);
	assert_int_equal(store_originals_stats(kept.reader, &stats), OK);
	assert_int_equal(stats.hits + stats.misses, 0);
}

static void
many_lookalikes_end(void **state)
{
	(void)state;
	struct span *list = NULL;
	struct buf text;
	size_t n = 0;

	buf_init(&text, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buf_addf(&text, "hash=%024x ", i);
	assert_int_equal(named_originals(buf_span(&text), LOCAL, kept.reader, &kept.arena, &list, &n), OK);
	assert_int_equal(n, 0);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(known_hashes_of_the_text_are_added_once, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(many_lookalikes_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
