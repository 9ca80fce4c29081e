#include "unit.h"

#include "base/utf8.h"

/* The definition, from the code points' side: decode, then judge. */
static bool
judge(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		const uint8_t c = p[i];
		const size_t length = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;
		const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
		uint32_t code = length == 1 ? c : length ? c & (0x7fu >> length) : 0;

		if (!length || i + length > n)
			return false;
		for (size_t k = 1; k < length; k++) {
			if ((p[i + k] & 0xc0) != 0x80)
				return false;
			code = code << 6 | (p[i + k] & 0x3fu);
		}
		if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
			return false;
		i += length;
	}
	return true;
}

static void
agree(const char *p, size_t n)
{
	const struct span s = span_of(p, n);
	const bool want = judge((const uint8_t *)p, n);

	if (utf8_valid_scalar(s) != want || utf8_valid(s) != want)
		fail_msg("disagreement over %zu bytes, %02x %02x %02x %02x …", n, (uint8_t)p[0],
			 (uint8_t)p[1], (uint8_t)p[2], (uint8_t)p[3]);
}

static void
known_vectors(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		bool valid;
	} cases[] = {
		{ "", true },
		{ "plain", true },
		{ "\xc2\x80", true },
		{ "\xdf\xbf", true },
		{ "\xe0\xa0\x80", true },
		{ "\xed\x9f\xbf", true },
		{ "\xee\x80\x80", true },
		{ "\xef\xbb\xbf", true },
		{ "\xef\xbf\xbf", true },
		{ "\xf0\x90\x80\x80", true },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\x80", false },
		{ "\xbf", false },
		{ "\xc0\x80", false },		/* overlong NUL */
		{ "\xc1\xbf", false },
		{ "\xc2", false },
		{ "\xc2\x41", false },
		{ "\xc2\x80\x80", false },
		{ "\xe0\x9f\xbf", false },	/* overlong */
		{ "\xe2\x82", false },
		{ "\xed\xa0\x80", false },	/* U+D800 */
		{ "\xed\xbf\xbf", false },	/* U+DFFF */
		{ "\xf0\x8f\xbf\xbf", false },	/* overlong */
		{ "\xf0\x9f\x98", false },
		{ "\xf4\x90\x80\x80", false },	/* U+110000 */
		{ "\xf5\x80\x80\x80", false },
		{ "\xf8\x88\x80\x80\x80", false },
		{ "\xff", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const size_t n = strlen(cases[i].bytes);
		char longer[200];

		assert_int_equal(utf8_valid(span_of(cases[i].bytes, n)), cases[i].valid);
		/* And at every place of a text long enough for the vector path. */
		for (size_t at = 0; at + n <= 100; at++) {
			memset(longer, 'x', sizeof(longer));
			memcpy(longer + at, cases[i].bytes, n);
			assert_int_equal(utf8_valid(span_of(longer, 100)), cases[i].valid);
			assert_int_equal(utf8_valid(span_of(longer, at + n < 32 ? 32 : at + n)), cases[i].valid);
		}
	}
}

/* Every pair of a lead and a second byte, with right and wrong bytes after it,
 * across the border of two vectors. */
static void
every_beginning(void **state)
{
	(void)state;
	static const uint8_t after[] = { 0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xe1, 0xf1 };
	char text[64];

	for (unsigned pair = 0x7f00; pair < 0x10000; pair++)
		for (size_t third = 0; third < sizeof(after); third++)
			for (size_t fourth = 0; fourth < sizeof(after); fourth += 4)
				for (size_t at = 29; at < 33; at += 2) {
					memset(text, '.', sizeof(text));
					text[at] = (char)(pair >> 8);
					text[at + 1] = (char)(pair & 0xff);
					text[at + 2] = (char)after[third];
					text[at + 3] = (char)after[fourth];
					agree(text, sizeof(text));
				}
}

static void
random_text_cut_and_broken(void **state)
{
	(void)state;
	static const char *const pieces[] = { "a", "\xc3\xa9", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x9f\x98\x80", "words of plain text " };
	uint32_t seed = 1;

	for (int round = 0; round < 20000; round++) {
		char text[256];
		size_t n = 0;

		while (n < 150) {
			seed = seed * 1664525u + 1013904223u;
			const char *const piece = pieces[(seed >> 16) % 6];
			const size_t size = strlen(piece);
			memcpy(text + n, piece, size);
			n += size;
		}
		seed = seed * 1664525u + 1013904223u;
		const size_t cut = (seed >> 16) % n + 1;
		text[cut] = '\0';
		agree(text, cut);
		seed = seed * 1664525u + 1013904223u;
		text[(seed >> 8) % n] = (char)(seed >> 24);
		agree(text, n);
	}
}

static void
sequences_and_their_repair(void **state)
{
	(void)state;
	size_t bad = 9;

	assert_int_equal(utf8_sequence(SPAN("A"), &bad), 1);
	assert_int_equal(utf8_sequence(SPAN("\xc3\xa9z"), &bad), 2);
	assert_int_equal(utf8_sequence(SPAN("\xe2\x82\xac"), &bad), 3);
	assert_int_equal(utf8_sequence(SPAN("\xf0\x9f\x98\x80"), &bad), 4);
	assert_int_equal(bad, 9);
	/* Unicode 15, table 3-8 and its neighbours: how many bytes one U+FFFD covers. */
	assert_int_equal(utf8_sequence(SPAN("\x80\x80"), &bad), 0);
	assert_int_equal(bad, 1);
	assert_int_equal(utf8_sequence(SPAN("\xc0\xaf"), &bad), 0);
	assert_int_equal(bad, 1);
	assert_int_equal(utf8_sequence(SPAN("\xe0\x80\xbf"), &bad), 0);
	assert_int_equal(bad, 1);
	assert_int_equal(utf8_sequence(SPAN("\xed\xa0\x80"), &bad), 0);
	assert_int_equal(bad, 1);
	assert_int_equal(utf8_sequence(SPAN("\xe1\x80\xe2"), &bad), 0);
	assert_int_equal(bad, 2);
	assert_int_equal(utf8_sequence(SPAN("\xf1\x80\x80" "A"), &bad), 0);
	assert_int_equal(bad, 3);
	assert_int_equal(utf8_sequence(SPAN("\xf0\x9f\x98"), &bad), 0);
	assert_int_equal(bad, 3);
	assert_int_equal(utf8_sequence(SPAN("\xf4\x90\x80\x80"), &bad), 0);
	assert_int_equal(bad, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors),
		cmocka_unit_test(every_beginning),
		cmocka_unit_test(random_text_cut_and_broken),
		cmocka_unit_test(sequences_and_their_repair),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
