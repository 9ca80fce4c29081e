#include "unit.h"

#include "compress/source.h"

static enum err
read_n(struct span text, struct source *s, struct arena *a)
{
	struct fuel fuel = { 1 << 20 };

	arena_init(a, 1 << 20);
	return source_read(text, a, &fuel, s);
}

static void
takes_values_and_lines(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool lines;
		uint32_t count;
	} good[] = {
		{ "{}", false, 0 },
		{ " \n[1, 2]\r\n", false, 2 },
		{ "{\"a\":\n{}\n}", false, 1 },
		{ "{}\n{}", true, 2 },
		{ "\n{\"a\":1}\r\n\n  [2]\n3\n\"x\"\n", true, 4 },
		{ "[1,\n2]\n", false, 2 },
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct source s;
		struct arena a;

		assert_int_equal(read_n(span_str(good[i].text), &s, &a), OK);
		assert_int_equal(s.lines, good[i].lines);
		assert_int_equal(s.doc.nodes[0].count, good[i].count);
		arena_free(&a);
	}
}

static void
leaves_everything_else_alone(void **state)
{
	(void)state;
	const struct span bad[] = {
		SPAN(""), SPAN("  "), SPAN("1"), SPAN("\"{}\""), SPAN("null"), SPAN("plain text"),
		SPAN("{"), SPAN("{}x"), SPAN("{} {}"), SPAN("[1] [2]\n[3]"), SPAN("1\n2\n3"),
		SPAN("\xef\xbb\xbf{}"), SPAN("{\"a\":\"\0\"}"), SPAN("[1]\0"), SPAN("[\"\xff\"]"),
		SPAN("[\"\xed\xa0\x80\"]"), SPAN("{}\n{}\n{"), SPAN("{}\nlog line"),
		SPAN("[01]"), SPAN("{'a':1}"), SPAN("[NaN]"), SPAN("[1,]"), SPAN("// c\n{}"),
		/* Joined by commas these would parse, but no line is a value. */
		SPAN("{}\n1,2"), SPAN("{}\n[1\n2]"), SPAN("[1]\n{\"a\":1\n\"b\":2}\n3,4"),
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct source s;
		struct arena a;

		assert_int_equal(read_n(bad[i], &s, &a), ERR_UNSUPPORTED);
		arena_free(&a);
	}
}

static void
fuel_and_memory_are_bounded(void **state)
{
	(void)state;
	const struct span text = SPAN("{\"a\":1}\n{\"a\":2}\n");
	struct source s;
	struct arena a;
	struct fuel fuel = { 3 };

	arena_init(&a, 1 << 20);
	assert_int_equal(source_read(text, &a, &fuel, &s), ERR_FUEL);
	arena_free(&a);
	fuel.left = 1 << 20;
	arena_init(&a, 16);
	assert_int_not_equal(source_read(text, &a, &fuel, &s), OK);
	arena_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_values_and_lines),
		cmocka_unit_test(leaves_everything_else_alone),
		cmocka_unit_test(fuel_and_memory_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
