#include "unit.h"

#include "each_arena.h"
#include "compress/compress.h"
#include "compress/passage.h"
#include "compress/prose_form.h"
#include "compress/same.h"
#include "compress/source.h"
#include "generate.h"

/* Rows that shrink well, in the arena; `between` stands between them, white space within. */
static const char *
rows(const char *open, const char *between, const char *gap, const char *close)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_str(&b, open);
	for (int i = 0; i < 20; i++)
		buf_addf(&b, "%s{\"id\":%s%d,%s\"path\":\"/srv/data/%d.txt\",\"state\":\"ready\"}", i ? between : "", gap,
			 i, gap, i * 7919 % 100);
	buf_add_str(&b, close);
	const struct span s = arena_copy(&arena, buf_span(&b));
	buf_free(&b);
	return s.p;
}

static const char *
join(const char *a, const char *b, const char *c)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	buf_add_str(&out, a);
	buf_add_str(&out, b);
	buf_add_str(&out, c);
	const struct span s = arena_copy(&arena, buf_span(&out));
	buf_free(&out);
	return s.p;
}

static struct compress_out
compress(struct span text)
{
	const struct compress_in in = { .text = text, .profile = PROFILE_LOSSLESS };
	struct fuel steps = { compress_fuel_for(text.n) };
	struct compress_out out;

	compress_block(&in, &arena, &steps, &out);
	return out;
}

static struct span
decoded(struct span form)
{
	struct span out = SPAN_NONE;
	const enum err e = compress_decode(form, &arena, &fuel, &out);

	if (e != OK)
		fail_msg("%s for %.*s", err_name(e), SPAN_ARG(form));
	return out;
}

/* Compresses to the named form and decodes to `want`. */
static void
assert_comes_back(const char *text, const char *form, const char *want)
{
	const struct compress_out out = compress(span_str(text));

	assert_string_equal(compress_form_name(out.form), form);
	assert_true(out.tokens_after < out.tokens_before);
	assert_span_eq(decoded(out.text), want);
}

static void
other_text_stays_to_the_byte(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "Here are the results:\n", "\n\nDone." },
		{ "$ curl -s http://x/[1]?a={b}\nHTTP/1.1 200 OK\r\nX: {\"a\":1}\r\n\r\n", "" },
		{ "Found: ", " and that is all" },
		{ "", " \n trailing" },
		{ "\n\n\t leading ", "\r\nx" },
		{ "```json\n", "\n```\n" },
		{ "caf\xc3\xa9 {\"a\": [} ", "\n}{][\"" },
		{ "a\n", "\n" },
	};
	const char *const json = rows("[", ",", "", "]");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const text = join(cases[i].before, json, cases[i].after);

		assert_comes_back(text, "json_in_text", text);
	}
}

static void
white_space_in_values_goes(void **state)
{
	(void)state;
	assert_comes_back(join("x\n", rows("[", ",\n", " ", "\n]"), "\ny"), "json_in_text",
			  join("x\n", rows("[", ",", "", "]"), "\ny"));
}

static void
several_values_and_lines_are_found(void **state)
{
	(void)state;
	const char *const one = rows("[", ",", "", "]"), *const lines = rows("", "\n", "", "");
	const char *const both = join(join("first ", one, ", then\n"), lines, join("\nand ", one, ""));

	assert_comes_back(both, "json_in_text", both);
	assert_comes_back(join("x\n", rows("", "\r\n", "", ""), "\r\ny"), "json_in_text",
			  join("x\n", lines, "\r\ny"));
	/* Adjacent, so that nothing but a form's own line break stands between. */
	assert_comes_back(join("x", "\n", join(one, " ", one)), "json_in_text", join("x", "\n", join(one, " ", one)));
	assert_comes_back(join("x ", one, one), "json_in_text", join("x ", one, one));
}

static void
values_of_many_lines_become_json_lines(void **state)
{
	(void)state;
	const char *const lines = rows("", "\n", "", "");

	assert_comes_back(rows("", "\n", "\n  ", "\n"), "json_table", lines);
	assert_comes_back(join("jq says:\n", rows("", "\n", "\n  ", ""), "\n--"), "json_in_text",
			  join("jq says:\n", lines, "\n--"));
}

static void
what_holds_no_large_value_stays(void **state)
{
	(void)state;
	const char *const json = rows("[", ",", "", "]");
	const char *const texts[] = {
		"plain", "", "{\"a\":1} is small", join("x", json, ""), join("x\n", json + 1, ""),
		join("{", json, ""), join("[JSON as tables v2: x]\n", json, ""),
		join("[JSON in text v2: lines 2 stand for JSON]\n", json, "\n"),
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct compress_out out = compress(span_str(texts[i]));

		if (out.form != COMPRESS_VERBATIM)
			fail_msg("%s became %.*s", texts[i], SPAN_ARG(out.text));
		assert_int_equal(out.reason, COMPRESS_REASON_KIND);
	}
}

static void
searching_is_linear(void **state)
{
	(void)state;
	static const char *const pieces[] = { "[ ", "{ \"a\": ", "[ \"", " [1,", "\n[1]", "\n{\"a\":\n", " \"[" };
	struct passage found[PASSAGES_MOST];
	struct buf b;

	buf_init(&b, 1 << 24);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		buf_clear(&b);
		while (b.n < 1 << 16)
			buf_add_str(&b, pieces[i]);
		struct fuel steps = { UINT64_MAX };
		passages_find(buf_span(&b), &steps, found);
		/* Without a bound some of these would be read to their end from each bracket. */
		const uint64_t wanted = UINT64_MAX - steps.left;
		steps.left = 4 * b.n;
		passages_find(buf_span(&b), &steps, found);
		assert_true(wanted < 4 * b.n || steps.left == 0);
	}
	buf_free(&b);
}

static enum err
decode(const char *form, struct span *out)
{
	return compress_decode(span_str(form), &arena, &fuel, out);
}

static void
forms_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *form, *text;
	} cases[] = {
		{ "[JSON in text v2: lines 3 stand]\na\n{\"b\":1}\nc", "a\n{\"b\":1}\nc" },
		{ "[JSON in text v2: lines +3+ stand]\na\n[1]\nc", "a[1]c" },
		{ "[JSON in text v2: lines 2+, 3+, 4 stand]\n[1]\n[2]\n[3]", "[1][2][3]" },
		{ "[JSON in text v2: lines 2, 3 stand]\n[1]\n[2]", "[1]\n[2]" },
		{ "[JSON in text v2: lines 3-4, +7 stand]\n\n{}\n[]\n\nx\n[]\n", "\n{}\n[]\n\nx[]\n" },
		{ "[JSON in text v2: lines 3-5 stand]\nx\n[JSON as tables v2: x]\ntable 1: 1 rows, space-separated\na\n1", NULL },
		{ "[JSON in text v2: lines 3-6 stand]\nx\n[JSON as tables v2: x]\ntable 1: 1 rows, space-separated\na\n1", "x\n[{\"a\":1}]" },
		{ "[JSON in text v2: lines 3-4 stand]\nx\n[JSON in strings v2: x]\n{\"a~jsons\":[1,2]}\n", "x\n{\"a\":\"[1, 2]\"}\n" },
	};
	struct span out;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const enum err e = decode(cases[i].form, &out);

		assert_int_equal(e, cases[i].text ? OK : ERR_SYNTAX);
		if (cases[i].text)
			assert_span_eq(out, cases[i].text);
	}
}

static void
damaged_forms_are_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"[JSON in text v2: lines 2 stand]", "[JSON in text v2: lines 2 stand\n[1]", "[JSON in text v2: lines  stand]\n[1]",
		"[JSON in text v2: lines 1 stand]\n[1]", "[JSON in text v2: lines 3 stand]\n[1]",
		"[JSON in text v2: lines 3-2 stand]\na\n[1]", "[JSON in text v2: lines 02 stand]\n[1]",
		"[JSON in text v2: lines 2,3 stand]\n[1]\n[2]", "[JSON in text v2: lines 3, 2 stand]\n[1]\n[2]",
		"[JSON in text v2: lines 2, 2 stand]\n[1]\n[2]", "[JSON in text v2: lines +2 stand]\n[1]",
		"[JSON in text v2: lines 2+ stand]\n[1]", "[JSON in text v2: lines 2 stand]\nprose",
		"[JSON in text v2: lines 2]\n[1]", "[JSON in text v2: line 2 stand]\n[1]", "[JSON in text v2: lines 2+, +3 stand]\n[1]\n[2]",
		"[JSON in text v2: lines 2-3 stand]\n[JSON in text v2: lines 2 stand]\n[1]",
		"[JSON in text v2: lines 4294967298 stand]\n[1]", "[JSON in text v: lines 2 stand]\n[1]",
	};
	struct span out;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (decode(bad[i], &out) != ERR_SYNTAX)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(decode("[JSON in text v99: lines 2 stand]\n[1]", &out), ERR_UNSUPPORTED);
}

static void
what_is_left_out_is_named_once_more(void **state)
{
	(void)state;
	struct compress_in in = { .profile = PROFILE_BALANCED, .hash = "0123456789abcdef01234567" };
	struct compress_out out;
	struct span back;
	struct buf b;

	buf_init(&b, 1 << 20);
	buf_add_str(&b, "All of them:\n[");
	for (int i = 0; i < 400; i++)
		buf_addf(&b, "%s{\"id\":%d,\"work\":\"move %d boxes to dock %d\"}", i ? ",\n" : "", i, i * 7919 % 1000, i % 13);
	buf_add_str(&b, "]\nThat was all.");
	in.text = buf_span(&b);
	compress_block(&in, &arena, &fuel, &out);
	assert_int_equal(out.form, COMPRESS_JSON_IN_TEXT);
	assert_true(out.elided);
	assert_true(span_ends(out.text, SPAN("\nThat was all.")));
	assert_non_null(memmem(out.text.p, out.text.n, in.hash, 24));
	assert_int_equal(compress_decode(out.text, &arena, &fuel, &back), ERR_ELIDED);
	buf_free(&b);
}

/* ---- random texts ---- */

/* The same text but for white space outside strings, which only values may lose: compared by
 * the passages of both. */
static void
assert_same_text(struct span x, struct span y)
{
	struct passage px[PASSAGES_MOST];
	struct fuel steps = { 1 << 28 };
	size_t ax = 0, ay = 0;
	const uint32_t n = passages_find(x, &steps, px);

	/* Minified values may be too small to be found again: look for the same texts around. */
	for (uint32_t i = 0; i < n; i++) {
		const struct span before = span_of(x.p + ax, px[i].off - ax);

		assert_true(span_starts(span_from(y, ay), before));
		ay += before.n;
		struct source sx, sy;
		const struct span value = span_of(x.p + px[i].off, px[i].len);
		if (px[i].values > 1 || source_read(value, &arena, &steps, &sx) != OK) {
			/* One line each, or left as it is: only its end is compared, below. */
			return;
		}
		size_t used;
		const struct json_limits limits = { .depth = SOURCE_DEPTH, .nodes = 1u << 26 };
		assert_int_equal(json_scan_prefix(span_from(y, ay), &limits, &arena, &sy.doc, &used), OK);
		assert_int_equal(json_same(&sx.doc, &sy.doc, &arena, &steps), OK);
		ax = px[i].off + px[i].len;
		ay += used;
	}
	assert_true(span_eq(span_from(x, ax), span_from(y, ay)));
}

static void
random_texts_come_back(void **state)
{
	static const char *const around[] = {
		"", "\n", " ", "x", "Results:\n", "\n\n", "\r\n", "{", "]", "\"", "[1]", "caf\xc3\xa9: ", "lines 3-4 ", "+", "[JSON in text v2: ",
	};
	size_t replaced = 0;

	for (uint64_t seed = 1; seed < 1500; seed++) {
		struct buf text;
		struct generator g = { .seed = seed * 69621u, .out = &text };

		teardown(state);
		setup(state);
		buf_init(&text, 1 << 24);
		for (uint32_t i = gen_below(&g, 4); i; i--)
			buf_add_str(&text, GEN_PICK(&g, around));
		for (uint32_t k = 1 + gen_below(&g, 3); k; k--) {
			gen_block(&g);
			for (uint32_t i = gen_below(&g, 4); i; i--)
				buf_add_str(&text, GEN_PICK(&g, around));
		}
		const struct compress_out out = compress(buf_span(&text));
		assert_int_not_equal(out.reason, COMPRESS_REASON_UNPROVEN);
		if (out.form == COMPRESS_JSON_IN_TEXT) {
			replaced++;
			assert_same_text(buf_span(&text), decoded(out.text));
		}
		buf_free(&text);
	}
	assert_true(replaced > 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(other_text_stays_to_the_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(white_space_in_values_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(several_values_and_lines_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(values_of_many_lines_become_json_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(what_holds_no_large_value_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(searching_is_linear, setup, teardown),
		cmocka_unit_test_setup_teardown(forms_are_read, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_forms_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_out_is_named_once_more, setup, teardown),
		cmocka_unit_test_setup_teardown(random_texts_come_back, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
