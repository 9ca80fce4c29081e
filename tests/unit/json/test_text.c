#include "unit.h"

#include "json/text.h"

static const struct json_limits lim = { 1024, 1000 };

static void
unescapes(void **state)
{
	(void)state;
	static const struct {
		struct span inner;
		struct span text;
	} cases[] = {
		{ { "", 0 }, { "", 0 } },
		{ { "plain", 5 }, { "plain", 5 } },
		{ { "\\n", 2 }, { "\n", 1 } },
		{ { "\\\"\\\\\\/\\b\\f\\n\\r\\t", 16 }, { "\"\\/\b\f\n\r\t", 8 } },
		{ { "a\\u0000b", 8 }, { "a\0b", 3 } },
		{ { "\\u00E9\\u20ac", 12 }, { "\xc3\xa9\xe2\x82\xac", 5 } },
		{ { "\\uD83D\\ude00", 12 }, { "\xf0\x9f\x98\x80", 4 } },
		{ { "\\uffff\\u007f\\u0080\\u07ff\\u0800", 30 }, { "\xef\xbf\xbf\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80", 11 } },
		{ { "one line\\nand \xc3\xa9nother, long enough\\tfor a vector\\\\n", 52 },
		  { "one line\nand \xc3\xa9nother, long enough\tfor a vector\\n", 49 } },
		{ { "\\\\u0041", 7 }, { "\\u0041", 6 } },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a;
		struct span out = SPAN_NONE;

		arena_init(&a, 1 << 16);
		assert_int_equal(json_unescape(cases[i].inner, &a, &out), OK);
		assert_true(span_eq(out, cases[i].text));
		arena_free(&a);
	}
}

static void
lone_surrogates_are_refused(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"\\ud800", "\\udc00", "\\udfff", "x\\ud83d", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041",
		"\\ud83d\\ud83d\\ude00", "\\ude00\\ud83d", "\\ud83d\\ude00\\ude00",
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena a;
		struct span out = SPAN("kept");

		arena_init(&a, 1 << 16);
		assert_int_equal(json_unescape(span_str(cases[i]), &a, &out), ERR_UNSUPPORTED);
		assert_span_eq(out, "kept");
		arena_free(&a);
	}
}

static void
plain_strings_are_not_copied(void **state)
{
	(void)state;
	struct arena a;
	struct json_doc d;
	struct span out = SPAN_NONE;

	arena_init(&a, 1 << 16);
	assert_int_equal(json_scan(SPAN("[\"plain\",\"es\\u0063aped\",\"\\ud800\"]"), &lim, &a, &d), OK);
	assert_int_equal(json_string(&d, 1, &a, &out), OK);
	assert_ptr_equal(out.p, d.text.p + 2);
	assert_span_eq(out, "plain");
	assert_int_equal(json_string(&d, 2, &a, &out), OK);
	assert_span_eq(out, "escaped");
	assert_int_equal(json_string(&d, 3, &a, &out), ERR_UNSUPPORTED);
	arena_free(&a);
}

static void
without_memory(void **state)
{
	(void)state;
	struct arena a;
	struct span out = SPAN("kept");

	arena_init(&a, 8);
	assert_int_equal(json_unescape(SPAN("a\\nb"), &a, &out), ERR_NOMEM);
	assert_span_eq(out, "kept");
	arena_free(&a);
}

/* What JSON.stringify gives for U+0000 to U+0080, as V8 prints it. */
static void
escapes_as_stringify_does(void **state)
{
	(void)state;
	struct buf b;
	char all[130];

	for (int i = 0; i < 0x80; i++)
		all[i] = (char)i;
	all[0x80] = '\xc2';
	all[0x81] = '\x80';
	buf_init(&b, 1000);
	json_escape(&b, span_of(all, sizeof(all)));
	assert_span_eq(buf_span(&b),
		"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f"
		"\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c"
		"\\u001d\\u001e\\u001f !\\\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`"
		"abcdefghijklmnopqrstuvwxyz{|}~\x7f\xc2\x80");
	buf_clear(&b);
	json_escape(&b, SPAN("\xe2\x80\xa8</script>\xf0\x9f\x98\x80"));
	assert_span_eq(buf_span(&b), "\xe2\x80\xa8</script>\xf0\x9f\x98\x80");
	buf_clear(&b);
	json_escape(&b, SPAN_NONE);
	assert_int_equal(b.n, 0);
	buf_free(&b);
}

static void
a_full_buffer_says_so(void **state)
{
	(void)state;
	struct buf b;

	buf_init(&b, 5);
	json_escape(&b, SPAN("ab\ncd"));
	assert_int_equal(buf_err(&b), ERR_LIMIT);
	buf_free(&b);
}

/* Escaping and unescaping again gives the same text, for texts of every mix. */
static void
there_and_back(void **state)
{
	(void)state;
	static const char *const pieces[] = { "word ", "\n", "\"", "\\", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80", "a longer run of plain text, past sixteen bytes" };
	uint32_t seed = 3;

	for (int round = 0; round < 3000; round++) {
		struct arena a;
		struct buf text, escaped;
		struct span back = SPAN_NONE;

		arena_init(&a, 1 << 20);
		buf_init(&text, 1 << 16);
		buf_init(&escaped, 1 << 16);
		for (int i = 0; i < round % 40; i++) {
			seed = seed * 1664525u + 1013904223u;
			buf_add_str(&text, pieces[(seed >> 16) % 8]);
		}
		json_escape(&escaped, buf_span(&text));
		assert_int_equal(buf_err(&escaped), OK);
		assert_int_equal(json_unescape(buf_span(&escaped), &a, &back), OK);
		assert_true(span_eq(back, buf_span(&text)));
		buf_free(&text);
		buf_free(&escaped);
		arena_free(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unescapes),
		cmocka_unit_test(lone_surrogates_are_refused),
		cmocka_unit_test(plain_strings_are_not_copied),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(escapes_as_stringify_does),
		cmocka_unit_test(a_full_buffer_says_so),
		cmocka_unit_test(there_and_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
