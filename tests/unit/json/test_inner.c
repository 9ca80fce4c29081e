#include "unit.h"

#include <stdio.h>

#include "json/inner.h"

typedef const char *end_fn(const char *p, const char *end, unsigned *seen);

/* Every way must find the same end and see the same. */
static void
agree(const char *p, size_t n)
{
	unsigned want_seen = 0;
	const char *const want = inner_end_scalar(p, p + n, &want_seen);
	end_fn *ways[3] = { inner_end };
	size_t count = 1;

#if defined(__x86_64__)
	ways[count++] = inner_end_sse2;
	if (__builtin_cpu_supports("avx2"))
		ways[count++] = inner_end_avx2;
#endif
	for (size_t i = 0; i < count; i++) {
		unsigned seen = 0;
		const char *const got = ways[i](p, p + n, &seen);

		if (got != want || (want && seen != want_seen))
			fail_msg("way %zu differs on \"%.*s\"", i, (int)n, p);
	}
}

static void
ends_where_it_should(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int end;	/* -1: malformed */
		unsigned seen;
	} cases[] = {
		{ "\"", 0, 0 },
		{ "abc\"def\"", 3, 0 },
		{ "a\\\"b\" ", 4, INNER_ESCAPED },
		{ "\\\\\"", 2, INNER_ESCAPED },
		{ "\\\\\\\"\"", 4, INNER_ESCAPED },
		{ "\\u00e9\"", 6, INNER_ESCAPED },
		{ "\\uD800\"", 6, INNER_ESCAPED },
		{ "\xc3\xa9\"", 2, INNER_HIGH },
		{ "\xff\\n\"", 3, INNER_HIGH | INNER_ESCAPED },
		{ "\x7f\"", 1, 0 },
		{ "\"\xc3", 0, 0 },
		{ "", -1, 0 },
		{ "abc", -1, 0 },
		{ "abc\\", -1, 0 },
		{ "abc\\\"", -1, 0 },
		{ "a\nb\"", -1, 0 },
		{ "a\x1f\"", -1, 0 },
		{ "\\x41\"", -1, 0 },
		{ "\\'\"", -1, 0 },
		{ "\\0\"", -1, 0 },
		{ "\\U0041\"", -1, 0 },
		{ "\\u12\"", -1, 0 },
		{ "\\u12g4\"", -1, 0 },
		{ "\\u123", -1, 0 },
		{ "\\u-123\"", -1, 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const size_t n = strlen(cases[i].text);

		/* With 0 to 80 plain bytes before it, so that every lane sees it. */
		for (size_t before = 0; before <= 80; before++) {
			char text[200];
			unsigned seen = 0;

			memset(text, 'x', before);
			memcpy(text + before, cases[i].text, n);
			const char *const end = inner_end(text, text + before + n, &seen);
			if (cases[i].end < 0) {
				assert_null(end);
			} else {
				assert_ptr_equal(end, text + before + cases[i].end);
				assert_int_equal(seen, cases[i].seen);
			}
			agree(text, before + n);
		}
	}
}

static void
all_ways_agree_on_random_strings(void **state)
{
	(void)state;
	static const char alphabet[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaabcn\\\\n\"u0dF\xc3\xa9\x1f/";
	uint32_t seed = 7;

	for (int round = 0; round < 100000; round++) {
		char text[160];
		seed = seed * 1664525u + 1013904223u;
		const size_t n = (seed >> 16) % sizeof(text);
		const uint32_t spread = round % 2 ? sizeof(alphabet) - 1 : sizeof(alphabet) + 160;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525u + 1013904223u;
			const uint32_t at = (seed >> 12) % spread;
			text[i] = at < sizeof(alphabet) - 1 ? alphabet[at] : '.';
		}
		agree(text, n);
	}
}

static void
plain_runs_stop_at_what_is_escaped(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < 40; at++) {
			char text[48];

			memset(text, 'p', sizeof(text));
			text[at] = (char)c;
			const bool stops = c < 0x20 || c == '"' || c == '\\';
			assert_ptr_equal(inner_plain(text, text + sizeof(text)),
					 text + (stops ? at : sizeof(text)));
		}
}

/* U+0000 to U+10FFFF, surrogates left out, spelled as escapes. */
static void
every_code_point_decodes(void **state)
{
	(void)state;
	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char text[16], out[4];
		size_t wrote = 0;
		uint32_t back = 0;

		if (c >= 0xd800 && c <= 0xdfff)
			continue;
		const int n = c < 0x10000
			? snprintf(text, sizeof(text), c & 1 ? "\\u%04x" : "\\u%04X", c)
			: snprintf(text, sizeof(text), "\\u%04x\\u%04X", 0xd800 + ((c - 0x10000) >> 10),
				   0xdc00 + (c & 0x3ff));
		assert_int_equal(inner_decode(text, text + n, out, &wrote), n);
		assert_int_equal(wrote, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
		for (size_t i = 0; i < wrote; i++)
			back = i ? back << 6 | ((uint8_t)out[i] & 0x3f)
				 : (uint8_t)out[0] & (wrote == 1 ? 0x7fu : 0xffu >> (wrote + 1));
		assert_int_equal(back, c);
	}
}

static void
what_is_no_escape_decodes_to_nothing(void **state)
{
	(void)state;
	static const char *const cases[] = {
		"\\", "\\x", "\\u", "\\u12", "\\u123g", "\\ud800", "\\udbff", "\\udc00", "\\udfff",
		"\\ud800\\", "\\ud800\\n....", "\\ud800\\u0041", "\\ud800\\ud800", "\\ud83d\\ude0",
		"\\ud83dxude00", "\\ud83d\\Ude00",
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char out[4];
		size_t wrote = 0;

		assert_int_equal(inner_decode(cases[i], cases[i] + strlen(cases[i]), out, &wrote), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_where_it_should),
		cmocka_unit_test(all_ways_agree_on_random_strings),
		cmocka_unit_test(plain_runs_stop_at_what_is_escaped),
		cmocka_unit_test(every_code_point_decodes),
		cmocka_unit_test(what_is_no_escape_decodes_to_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
