#include "unit.h"

#include "each_arena.h"
#include "compress/compress.h"
#include "compress/layout.h"
#include "compress/minify.h"
#include "compress/strings.h"
#include "compress/strings_mark.h"
#include "generate.h"
#include "json/text.h"

static enum err
open_text(struct span text, struct strings *s)
{
	struct source plain;
	const enum err e = source_read(text, &arena, &fuel, &plain);

	assert_true(e == OK || e == ERR_UNSUPPORTED);
	return strings_open(text, e == OK ? &plain : NULL, &arena, &fuel, s);
}

/* The open source, minified, or "" when nothing was opened. */
static struct span
opened(const char *text)
{
	struct strings s;
	struct buf b;

	const enum err e = open_text(span_str(text), &s);
	if (e == ERR_NOT_FOUND)
		return SPAN("");
	assert_int_equal(e, OK);
	buf_init(&b, 1 << 20);
	minify_source(&s.source, &b);
	const struct span copy = arena_copy(&arena, buf_span(&b));
	buf_free(&b);
	return copy;
}

#define LONG "\\\"text\\\":\\\"something that is long enough to pay\\\""
#define LONG_OPEN "\"text\":\"something that is long enough to pay\""

static void
json_in_members_and_elements_is_opened(void **state)
{
	(void)state;
	assert_span_eq(opened("{\"a\":\"{" LONG "}\"}"), "{\"a~json\":{" LONG_OPEN "}}");
	assert_span_eq(opened("[1,\"{" LONG "}\"]"), "[1,{\"~json\":{" LONG_OPEN "}}]");
	assert_span_eq(opened("{\"a\":\"{" LONG "}\\n\",\"b\":[]}"), "{\"a~jsonn\":{" LONG_OPEN "},\"b\":[]}");
	assert_span_eq(opened("{\"a\":1}\n{\"a\":\"{" LONG "}\"}"), "{\"a\":1}\n{\"a~json\":{" LONG_OPEN "}}");
	assert_span_eq(opened("{\"a\":\"{" LONG "}\\n[1]\"}"), "{\"a~jsonl\":[{" LONG_OPEN "},[1]]}");
	assert_span_eq(opened("\"{" LONG "}\""), "{" LONG_OPEN "}");
	assert_span_eq(opened(" \"[{" LONG "}]\"\n"), "[{" LONG_OPEN "}]");
}

static void
strings_within_strings_are_opened_three_deep(void **state)
{
	(void)state;
	struct buf text, next;
	struct strings s;
	const struct mark *last;
	struct mark *marks;
	size_t n;

	buf_init(&text, 1 << 20);
	buf_init(&next, 1 << 20);
	buf_add_str(&text, "{" LONG_OPEN "}");
	for (int deep = 0; deep < 5; deep++) {
		buf_clear(&next);
		buf_add_str(&next, "{\"k\":\"");
		json_escape(&next, buf_span(&text));
		buf_add_str(&next, "\"}");
		const struct buf swap = text;
		text = next;
		next = swap;
	}
	assert_int_equal(open_text(buf_span(&text), &s), OK);
	assert_int_equal(marks_find(&s.source.doc, &arena, &fuel, &marks, &n), OK);
	assert_int_equal(n, STRINGS_DEEP);
	last = &marks[n - 1];
	assert_span_eq(last->name, "k");
	/* The fourth is a string still. */
	assert_int_equal(json_type(&s.source.doc, s.source.doc.count - 1), JSON_STRING);
	buf_free(&text);
	buf_free(&next);
}

static void
what_is_no_json_stays_a_string(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"{\"a\":\"{" LONG "\"}", "{\"a\":\"{ " LONG "}\"}", "{\"a\":\"x{" LONG "}\"}",
		"{\"a\":\"{" LONG "} \"}", "{\"a\":\"{}\"}", "{\"\":\"{" LONG "}\"}",
		"{\"a\":\"{" LONG ",\\\"b\\\":\\\"\\\\u00e9\xc3\xa9\\\"}\"}", "{\"a\":\"\\ud800{" LONG "}\"}",
		"{\"a\":\"\\\"{" LONG "}\\\"\"}", "{\"{" LONG "}\":1}", "\"plain text that is no JSON, however long it is\"",
		"{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]\"}",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_span_eq(opened(texts[i]), "");
}

static void
names_like_ours_keep_all_strings_closed(void **state)
{
	(void)state;
	assert_span_eq(opened("{\"x~json\":1,\"a\":\"{" LONG "}\"}"), "");
	assert_span_eq(opened("{\"x\\u007ejson2\":1,\"a\":\"{" LONG "}\"}"), "");
	assert_span_eq(opened("{\"~json\":1,\"a\":\"{" LONG "}\"}"), "");
	assert_span_eq(opened("{\"a\":\"{" LONG ",\\\"x~jsons\\\":1}\"}"), "");
	assert_span_eq(opened("{\"x~json\":\"{" LONG "}\"}"), "");
	/* These are not like ours. */
	assert_true(opened("{\"x~jsonx\":1,\"a\":\"{" LONG "}\"}").n > 0);
	assert_true(opened("{\"json\":1,\"~\":2,\"a\":\"{" LONG "}\"}").n > 0);
}

static enum err
decode(const char *form, struct span *out)
{
	struct fuel steps = { 1 << 20 };

	return compress_decode(span_str(form), &arena, &steps, out);
}

static void
forms_are_read(void **state)
{
	(void)state;
	struct span out;

	assert_int_equal(decode("[JSON in strings v2: words]\n{\"a~json2\":{\"b\":[1,{}]},\"c\":[{\"~jsons\":[1,2]}]}", &out), OK);
	assert_span_eq(out, "{\"a\":\"{\\n  \\\"b\\\": [\\n    1,\\n    {}\\n  ]\\n}\",\"c\":[\"[1, 2]\"]}");
	assert_int_equal(decode("[JSON in strings v2, whole ~jsonn: words]\n{\"a~json\":{\"b~json\":[\"\\n\"]}}", &out), OK);
	assert_span_eq(out, "\"{\\\"a\\\":\\\"{\\\\\\\"b\\\\\\\":\\\\\\\"[\\\\\\\\\\\\\\\"\\\\\\\\\\\\\\\\n\\\\\\\\\\\\\\\"]\\\\\\\"}\\\"}\\n\"");
	assert_int_equal(decode("[JSON in strings v2: words]\n{\"a~jsonl\":[1,{\"b\":2}]}\n{\"a\":1}", &out), OK);
	assert_span_eq(out, "{\"a\":\"1\\n{\\\"b\\\":2}\"}\n{\"a\":1}");
}

static void
damaged_forms_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"[JSON in strings v2: words]", "[JSON in strings v2: words\n{}", "[JSON in strings v: w]\n{}",
		"[JSON in strings v02: w]\n{}", "[JSON in strings v2 w]\n{}", "[JSON in strings v2: w]\nprose",
		"[JSON in strings v2: w]\n", "[JSON in strings v2, whole ~jso: w]\n{}", "[JSON in strings v2, whole ~json w]\n{}",
		"[JSON in strings v2: w]\n{\"a~json\":1}", "[JSON in strings v2: w]\n{\"a~json\":\"{}\"}",
		"[JSON in strings v2: w]\n{\"a~jsonl\":{}}", "[JSON in strings v2: w]\n{\"~json\":{},\"b\":1}",
		"[JSON in strings v2: w]\n{\"b\":{\"c\":1},\"~json\":{}}", "[JSON in strings v2: w]\n{\"~json\":{}}",
		"[JSON in strings v2: w]\n[JSON in strings v2: w]\n{}", "[JSON in strings v2: w]\n{\"a~json~json\":{}}",
		"[JSON in strings v2: w]\n{\"a~json\":{\"a~json\":{\"a~json\":{\"a~json\":{\"a~json\":{}}}}}}",
	};
	struct span out;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (decode(bad[i], &out) != ERR_SYNTAX)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(decode("[JSON in strings v999: w]\n{}", &out), ERR_UNSUPPORTED);
}

/* Each level doubles backslashes: what one line can make is bounded by the fuel. */
static void
growth_is_charged(void **state)
{
	(void)state;
	struct fuel steps = { 100000 };
	struct span out;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_str(&b, "[JSON in strings v2: w]\n[{\"a~json8\":");
	for (int i = 0; i < 500; i++)
		buf_add_str(&b, "[0,");
	for (int i = 0; i < 500; i++)
		buf_add_str(&b, i ? "]" : "1]");
	buf_add_str(&b, "}]");
	assert_int_equal(compress_decode(buf_span(&b), &arena, &steps, &out), ERR_LIMIT);
	steps.left = 1 << 24;
	assert_int_equal(compress_decode(buf_span(&b), &arena, &steps, &out), OK);
	buf_free(&b);
}

/* ---- random blocks ---- */

static struct layout
random_layout(struct generator *g, bool lines)
{
	struct layout l = { .lines = lines, .newline = gen_below(g, 3) == 0 };

	l.space = (enum layout_space)gen_below(g, lines ? 2 : 3);
	if (l.space == LAYOUT_INDENTED)
		l.indent = gen_below(g, 9);
	l.ascii = gen_below(g, 3) == 0;
	l.slashes = gen_below(g, 6) == 0;
	l.html = gen_below(g, 6) == 0;
	return l;
}

/* Puts the text of `b` into a string of a larger value, or of none. */
static void
wrap(struct generator *g, struct buf *b)
{
	static const char *const before[] = { "", "{\"body\":", "[1,", "{\"a.b\":{\"c\":1},\"a.b\":", "{\"n\":1}\n{\"\\u00e9~\":",
					      "[{\"x~json\":" };
	static const char *const after[] = { "", "}", ",[]]", "}", "}", "}]" };
	const uint32_t how = gen_below(g, 60) ? gen_below(g, 5) : 5;
	struct buf out;

	buf_init(&out, 1 << 24);
	buf_add_str(&out, before[how]);
	buf_add_char(&out, '"');
	json_escape(&out, buf_span(b));
	buf_add_char(&out, '"');
	buf_add_str(&out, after[how]);
	buf_free(b);
	*b = out;
}

/* Writes the text of `b` in a random layout and wraps it; false: it is no source. */
static bool
embed(struct generator *g, struct buf *b)
{
	const struct span text = arena_copy(&arena, buf_span(b));
	struct source s;

	if (source_read(text, &arena, &fuel, &s) != OK)
		return false;
	const struct layout l = random_layout(g, s.lines);
	buf_clear(b);
	assert_int_equal(layout_write(&s.doc, 0, &l, &arena, b), OK);
	wrap(g, b);
	return true;
}

static void
check_block(struct span text, size_t *open, size_t *replaced)
{
	const struct compress_in in = { text, PROFILE_LOSSLESS, 0 };
	struct compress_out out;
	struct strings s;
	struct span back;

	const enum err e = open_text(text, &s);
	if (e != OK && e != ERR_NOT_FOUND)
		fail_msg("%s for %.*s", err_name(e), SPAN_ARG(text));
	*open += e == OK;
	fuel.left = compress_fuel_for(text.n);
	compress_block(&in, &arena, &fuel, &out);
	assert_int_not_equal(out.reason, COMPRESS_REASON_UNPROVEN);
	fuel.left = 1 << 28;
	if (out.form == COMPRESS_VERBATIM)
		return;
	++*replaced;
	if (compress_decode(out.text, &arena, &fuel, &back) != OK)
		fail_msg("not decoded: %.*s", SPAN_ARG(out.text));
}

static void
random_strings_come_back(void **state)
{
	size_t tried = 0, open = 0, replaced = 0;

	for (uint64_t seed = 1; seed < 1500; seed++) {
		struct buf text;
		struct generator g = { .seed = seed * 48271u, .out = &text };

		teardown(state);
		setup(state);
		buf_init(&text, 1 << 24);
		gen_block(&g);
		if (embed(&g, &text)) {
			while (gen_below(&g, 3) == 0 && embed(&g, &text))
				;
			tried++;
			check_block(buf_span(&text), &open, &replaced);
		}
		buf_free(&text);
	}
	assert_true(tried > 700);
	assert_true(open > tried / 2);
	assert_true(replaced > tried / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(json_in_members_and_elements_is_opened, setup, teardown),
		cmocka_unit_test_setup_teardown(strings_within_strings_are_opened_three_deep, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_json_stays_a_string, setup, teardown),
		cmocka_unit_test_setup_teardown(names_like_ours_keep_all_strings_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(forms_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_forms_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(growth_is_charged, setup, teardown),
		cmocka_unit_test_setup_teardown(random_strings_come_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
