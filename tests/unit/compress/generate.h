/* Random JSON for round trips: adversarial values, rows that are alike and rows
 * that are not. The same seed gives the same text everywhere. */
#ifndef HR_TESTS_COMPRESS_GENERATE_H
#define HR_TESTS_COMPRESS_GENERATE_H

#include <stdint.h>

#include "base/buf.h"
#include "compress/derive.h"

struct generator {
	uint64_t seed;
	struct buf *out;
	bool spaced;	/* white space between tokens */
};

static inline uint32_t
gen_below(struct generator *g, uint32_t n)
{
	g->seed = g->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(g->seed >> 33) % n;
}

static inline void
gen_space(struct generator *g)
{
	static const char *const gaps[] = { "", " ", "\n\t", "\r\n  " };

	if (g->spaced)
		buf_add_str(g->out, gaps[gen_below(g, 4)]);
}

/* Strings as they are spelled in JSON, quotes left out. */
static const char *const gen_strings[] = {
	"", "-", "null", "true", "false", "0", "-0", "1e400", "007", "12345678901234567890", "1.0",
	"a", "INFO", "hello world", "a,b", "a|b", "a b,c|d", " lead", "trail ", "\\t", "\\n",
	"two\\nlines", "\\r\\n", "\\\"", "\\\"quoted\\\"", "say \\\"hi\\\"", "\\\\", "\\\\n", "[", "[table 1]",
	"[1]", "{", "{}", "x{}y", "{}{}", "=", "= {}", "a=b", "a:b", ":text", "\\u0000", "\\u0001x", "\\u007f",
	"\\u00e9", "\xc3\xa9", "\\/", "\\u002f", "\\ud83d\\ude00", "\xf0\x9f\x98\x80", "\\ud800", "x\\udfffy",
	"\\ud83d", "2024-01-02T03:04:05Z", "2024-01-12T13:14:15Z", "2024-01-22T23:24:25Z",
	"https://example.com/very/long/path/1", "https://example.com/very/long/path/22",
	"table 1: 3 rows, space-separated", "\\n\\ntable 2: 1 rows", "\\u2028", "\\b\\f", "NaN", "Infinity",
};
static const char *const gen_numbers[] = {
	"0", "-0", "1", "-1", "0.0", "1.0", "1e5", "1E+5", "1e-5", "1e400", "-1.5e-300", "123456789",
	"1152921504606846976", "99999999999999999999999999", "0.1", "3.14159265358979323846264338327950288",
};
static const char *const gen_keys[] = {
	"id", "name", "a", "b", "c", "", "a.b", "a b", "a=b", "a:text", "a|b", "a,b", "a[0]", "[0]", "\\\"", "\\n",
	"\xc3\xa9", "\\u00e9", "\\u0000", "\\ud800", " ", "null", "1", "table 1", "x\\\\y", "=", "-",
};

#define GEN_PICK(g, list) ((list)[gen_below((g), (uint32_t)(sizeof(list) / sizeof *(list)))])

static inline void
gen_string(struct generator *g)
{
	buf_addf(g->out, "\"%s\"", GEN_PICK(g, gen_strings));
}

static inline void
gen_scalar(struct generator *g)
{
	static const char *const words[] = { "null", "true", "false" };

	switch (gen_below(g, 4)) {
	case 0:
		buf_add_str(g->out, GEN_PICK(g, words));
		break;
	case 1:
		buf_add_str(g->out, GEN_PICK(g, gen_numbers));
		break;
	default:
		gen_string(g);
	}
}

static void gen_value(struct generator *g, unsigned depth);

/* Names that count on, with values that last for some of them. */
static inline void
gen_ranges(struct generator *g)
{
	uint32_t name = gen_below(g, 3) ? gen_below(g, 200) : 999999990;

	buf_add_char(g->out, '{');
	for (uint32_t runs = 1 + gen_below(g, 4); runs > 0; runs--) {
		const uint32_t value = gen_below(g, 4);

		for (uint32_t n = 1 + gen_below(g, 6); n > 0; n--) {
			buf_addf(g->out, "\"%u\":%s%s", name++,
				 value == 0 ? "\"y\"" : value == 1 ? "null" : value == 2 ? "[1]" : "\"n d #2\"",
				 runs > 1 || n > 1 ? "," : "");
		}
		name += gen_below(g, 2);
	}
	buf_add_char(g->out, '}');
}

/* Keys at random: they repeat and change their order. */
static inline void
gen_object(struct generator *g, unsigned depth)
{
	const uint32_t n = gen_below(g, 5);

	if (gen_below(g, 12) == 0) {
		gen_ranges(g);
		return;
	}
	buf_add_char(g->out, '{');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(g->out, ',');
		gen_space(g);
		buf_addf(g->out, "\"%s\"", GEN_PICK(g, gen_keys));
		gen_space(g);
		buf_add_char(g->out, ':');
		gen_space(g);
		gen_value(g, depth);
	}
	gen_space(g);
	buf_add_char(g->out, '}');
}

/* A member name before a row, where the rows are an object's: now and then one
 * that repeats or reads as something else. */
static inline void
gen_row_key(struct generator *g, bool keyed, uint32_t row)
{
	static const char *const names[] = { "", "key", "null", "-", "*", "7", "a,b c", "\\\"", "\\ud800", "{}", "=" };

	if (!keyed)
		return;
	if (gen_below(g, 8) == 0)
		buf_addf(g->out, "\"%s\":", GEN_PICK(g, names));
	else
		buf_addf(g->out, "\"item-%u\":", row);
}

/* Rows with columns that are made of others, before and behind them, wholly or
 * with a part of their own; now and then one is not. `keyed`: members. */
static inline void
gen_derived(struct generator *g, const char *between, bool keyed)
{
	static const char *const names[] = { "ann", "b-7", "hello world", "a,b", "org/repo", "x/", "7",
					     "\\\\", "\\\"", "{}", "{a}", "\\u00e9", "-", "*", "null" };
	const uint32_t rows = 3 + gen_below(g, 12), odd = gen_below(g, 3) ? 0 : 8;
	const uint32_t gap = gen_below(g, 3) ? 0 : 5, numbers = gen_below(g, 2);
	const char mark = DERIVE_MARKS[gen_below(g, sizeof DERIVE_MARKS - 1)];

	for (uint32_t r = 0; r < rows; r++) {
		const char *const name = GEN_PICK(g, names);
		const uint32_t id = gen_below(g, 300), own = gen_below(g, 40);
		const uint32_t ref = gen_below(g, 5000);

		if (r)
			buf_add_str(g->out, between);
		gen_row_key(g, keyed, id);
		if (odd && gen_below(g, odd) == 0) {
			gen_scalar(g);
			continue;
		}
		buf_addf(g->out, "{\"url\":\"https://example.com/items/%u/comments{/id}\",", id);
		buf_addf(g->out, "\"label\":\"item %u of the list: %s\",", id, name);
		buf_addf(g->out, "\"login\":\"%s%c%u\",", name, mark, ref);
		buf_addf(g->out, "\"mail\":\"mail%u@example.com\",", ref);
		if (own % 7 == 0)
			buf_addf(g->out, "\"page\":\"%s\",", GEN_PICK(g, names));
		else
			buf_addf(g->out, "\"page\":\"https://example.com/pages/%u/index.html\",", ref);
		buf_addf(g->out, numbers ? "\"id\":%u," : "\"id\":\"%u\",", id);
		if (gap == 0 || gen_below(g, gap))
			buf_addf(g->out, "\"name\":\"%s%s\",", name, odd && own == 0 ? "!" : "");
		buf_addf(g->out, "\"a\":{\"path\":\"/srv/some/where/%s\",\"tags\":[{\"k\":%u}]},", name, own);
		if (gap == 0 || gen_below(g, gap))
			buf_addf(g->out, "\"host\":\"%u-%s-running-in-production\",", own, name);
		buf_addf(g->out, "\"note\":\"kept for %s at place %u\"}", name, own);
	}
}

/* Rows of a few kinds: each has its own members, in an order of its own, some of
 * which a row may lack. */
static inline void
gen_kinds(struct generator *g, const char *between, bool keyed)
{
	static const char *const orders[] = { "abcdef", "fedcba", "ag", "hijk", "bahcj", "\"\\", "" };
	const uint32_t rows = 6 + gen_below(g, 20), kinds = 2 + gen_below(g, 5);
	const uint32_t first = gen_below(g, 7), lack = gen_below(g, 2) ? 0 : 6;

	for (uint32_t r = 0; r < rows; r++) {
		const char *const order = orders[(first + gen_below(g, kinds)) % 7];
		bool any = false;

		if (r)
			buf_add_str(g->out, between);
		gen_row_key(g, keyed, r);
		buf_add_char(g->out, '{');
		for (const char *c = order; *c; c++) {
			if (lack && gen_below(g, lack) == 0)
				continue;
			buf_addf(g->out, "%s\"%s%c%s\":", any ? "," : "", strchr("\"\\", *c) ? "\\" : "", *c,
				 gen_below(g, 60) ? "_name" : "");
			any = true;
			if (*c == 'a')
				buf_addf(g->out, "\"value %u\"", gen_below(g, 3));
			else if (*c == 'b')
				buf_addf(g->out, "{\"x\":%u,\"of\":\"value %u\"}", r, r % 3);
			else
				gen_scalar(g);
		}
		buf_add_char(g->out, '}');
	}
}

/* Rows with lists that are alike, or of a few kinds; some are short, some objects. */
static inline void
gen_lists(struct generator *g, const char *between)
{
	const uint32_t rows = 2 + gen_below(g, 6), odd = gen_below(g, 2) ? 0 : 8;

	for (uint32_t r = 0; r < rows; r++) {
		const uint32_t inner = 2 + gen_below(g, 8);
		const bool keyed = odd && gen_below(g, odd) == 0;

		if (r)
			buf_add_str(g->out, between);
		buf_addf(g->out, "{\"file\":\"src/f%u.c\",\"messages\":%s", r, keyed ? "{" : "[");
		for (uint32_t i = 0; i < inner; i++) {
			buf_add_str(g->out, i ? "," : "");
			gen_row_key(g, keyed, i);
			buf_addf(g->out, "{\"rule_identifier\":\"no-%u\",\"line_number\":%u,\"is_fatal\":", i % 3, i * r);
			gen_scalar(g);
			if (gen_below(g, 4))
				buf_addf(g->out, ",\"suggested_fixes\":[{\"at\":%u},{\"at\":1},{\"at\":2}]", i);
			buf_add_char(g->out, '}');
		}
		buf_add_str(g->out, keyed ? "}}" : "]}");
	}
}

/* Rows over one list of keys, in order, each key kept with a chance of its own;
 * now and then a row that is something else. `keyed`: members. */
static inline void
gen_rows(struct generator *g, unsigned depth, const char *between, bool keyed)
{
	const uint32_t rows = 3 + gen_below(g, 12), columns = 1 + gen_below(g, 8);
	const uint32_t odd = gen_below(g, 3) ? 0 : 6;
	const uint32_t first_key = gen_below(g, 12), kinds = gen_below(g, 1u << 30);
	const uint32_t optional = gen_below(g, 3) ? gen_below(g, 256) : 0;
	const uint32_t nulls = gen_below(g, 3) ? 0 : 2;

	for (uint32_t r = 0; r < rows; r++) {
		bool any = false;

		if (r)
			buf_add_str(g->out, between);
		gen_row_key(g, keyed, r);
		if (odd && gen_below(g, odd) == 0) {
			gen_value(g, depth ? depth - 1 : 0);
			continue;
		}
		buf_add_char(g->out, '{');
		for (uint32_t c = 0; c < columns; c++) {
			if ((optional >> c & 1) && gen_below(g, 3) == 0)
				continue;
			buf_addf(g->out, "%s\"%s\":", any ? "," : "",
				 gen_keys[(first_key + c) % (sizeof gen_keys / sizeof *gen_keys)]);
			any = true;
			if (nulls && gen_below(g, nulls) == 0) {
				buf_add_str(g->out, "null");
				continue;
			}
			switch (kinds >> (3 * c) & 7) {
			case 0:
				buf_add_str(g->out, "\"constant value\"");
				break;
			case 1:
				buf_addf(g->out, "\"2024-01-%02uT00:00:00Z\"", 1 + gen_below(g, 28));
				break;
			case 2:
				buf_addf(g->out, "%u", gen_below(g, 100000));
				break;
			case 3:
				buf_addf(g->out, "{\"x\":%u,\"y\":{\"z\":\"%s\"}}", r, GEN_PICK(g, gen_strings));
				break;
			case 4:
				buf_addf(g->out, "[{\"line\":%u,\"text\":\"%s\"}]", r, GEN_PICK(g, gen_strings));
				break;
			case 5:
				gen_string(g);
				break;
			case 6:
				gen_value(g, depth ? depth - 1 : 0);
				break;
			default:
				buf_addf(g->out, "\"%u\"", gen_below(g, 5000));
			}
		}
		buf_add_char(g->out, '}');
	}
}

#include "generate_log.h"

static void
gen_value(struct generator *g, unsigned depth)
{
	const uint32_t kind = gen_below(g, 10);

	if (depth == 0 || kind < 4) {
		gen_scalar(g);
	} else if (kind < 6) {
		gen_object(g, depth - 1);
	} else if (kind < 7) {
		const uint32_t n = gen_below(g, 5);

		buf_add_char(g->out, '[');
		for (uint32_t i = 0; i < n; i++) {
			if (i)
				buf_add_char(g->out, ',');
			gen_space(g);
			gen_value(g, depth - 1);
		}
		buf_add_char(g->out, ']');
	} else {
		const bool keyed = gen_below(g, 3) == 0;

		buf_add_char(g->out, keyed ? '{' : '[');
		gen_rows(g, depth - 1, g->spaced ? ",\n  " : ",", keyed);
		buf_add_char(g->out, keyed ? '}' : ']');
	}
}

/* One of a few long values, the same each time: objects alike and others, lists, texts. */
static inline void
gen_repeated(struct generator *g, uint32_t family)
{
	struct generator same = { family * 31u + gen_below(g, 5), g->out, false };
	const uint32_t id = (uint32_t)same.seed % 7;

	switch (gen_below(&same, 5)) {
	case 0:
		buf_addf(g->out, "{\"id\":%u,\"login\":\"user%u\",\"url\":\"https://example.com/users/user%u\",\"site\":", id, id, id);
		gen_value(&same, 1);
		buf_addf(g->out, ",\"bio\":\"writes long lines, %u of them, most of which say little\"}", id);
		break;
	case 1:
		buf_addf(g->out, "{\"name\":\"*user%u\",\"text\":\"much longer than its name could ever be\",\"x\":", id);
		gen_value(&same, 2);
		buf_add_char(g->out, '}');
		break;
	case 2:
		buf_add_str(g->out, "[\"a list that says the same\",");
		gen_value(&same, 3);
		buf_add_str(g->out, ",\"again and again\"]");
		break;
	case 3:
		buf_addf(g->out, "\"*Text %u, which is said so often and is so long that it is well worth a name\"", id);
		break;
	default:
		gen_string(g);
	}
}

/* The same values here and there, within others and in rows. */
static inline void
gen_repeats(struct generator *g, const char *between)
{
	const uint32_t family = gen_below(g, 1000), rows = 3 + gen_below(g, 12);

	for (uint32_t r = 0; r < rows; r++) {
		buf_addf(g->out, "%s{\"n\":%u,\"by\":", r ? between : "", r);
		gen_repeated(g, family);
		buf_add_str(g->out, gen_below(g, 2) ? ",\"of\":{\"deep\":[" : ",\"of\":{\"deep\":[7,");
		gen_repeated(g, family);
		buf_add_str(g->out, "],\"at\":");
		gen_repeated(g, family);
		buf_add_char(g->out, '}');
		if (gen_below(g, 2)) {
			buf_addf(g->out, ",\"key%u\":", gen_below(g, 4));
			gen_repeated(g, family);
		}
		buf_add_char(g->out, '}');
	}
}

/* One block: a value, an enclosed list of rows, or JSON Lines. */
static inline void
gen_block(struct generator *g)
{
	g->spaced = gen_below(g, 2);
	switch (gen_below(g, 16)) {
	case 0:
		gen_value(g, 4);
		break;
	case 1:
		buf_add_char(g->out, '[');
		gen_rows(g, 3, ",", false);
		buf_add_char(g->out, ']');
		break;
	case 2:
		buf_add_str(g->out, "{\"total\": 3, \"items\": [");
		gen_rows(g, 3, ", ", false);
		buf_add_str(g->out, "], \"next\": null}");
		break;
	case 3:
		buf_add_str(g->out, "{\"items\":[");
		gen_derived(g, ", ", false);
		buf_add_str(g->out, "]}");
		break;
	case 5:
		buf_add_char(g->out, '{');
		gen_rows(g, 3, ", ", true);
		buf_add_char(g->out, '}');
		break;
	case 7:
		buf_add_char(g->out, '{');
		gen_kinds(g, ",", true);
		buf_add_char(g->out, '}');
		break;
	case 8:
		buf_add_str(g->out, "[[");
		gen_kinds(g, ", ", false);
		buf_add_str(g->out, "]]");
		break;
	case 9:
		gen_kinds(g, "\n", false);
		break;
	case 6:
		buf_add_str(g->out, "{\"version\":3,\"packages\":{");
		gen_derived(g, ",", true);
		buf_add_str(g->out, "}}");
		break;
	case 4:
		gen_derived(g, "\n", false);
		break;
	case 10:
		buf_add_str(g->out, "{\"hits\":200,\"entries\":[");
		gen_log(g, ",");
		buf_add_str(g->out, "]}");
		break;
	case 11:
		gen_log(g, "\n");
		break;
	case 12:
		buf_add_str(g->out, "{\"all\":[[");
		gen_repeats(g, "],[");
		buf_add_str(g->out, "]],\"last\":");
		gen_repeated(g, 7);
		buf_add_char(g->out, '}');
		break;
	case 13:
		gen_repeats(g, "\n");
		break;
	case 14:
		buf_add_char(g->out, '[');
		gen_lists(g, ",");
		buf_add_char(g->out, ']');
		break;
	default:
		g->spaced = false;
		gen_rows(g, 2, "\n", false);
	}
}

#endif
