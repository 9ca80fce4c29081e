/* Slices of arbitrary text by arbitrary queries. The first line of the input is the
 * options, "name=value" between \x1f; the rest is the text. An answer is made of the
 * text's own bytes: lines are a piece of it, a value of a path is one, rows and several
 * values are JSON again and as many as is said, greps have the lines that they number. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "compress/source.h"
#include "store/json_path.h"
#include "store/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_query(struct span line, struct slice_query *q)
{
	while (line.n) {
		const struct span option = span_head(line, span_find(line, '\x1f'));
		const size_t equals = span_find(option, '=');
		enum slice_option o;

		if (slice_option_find(span_head(option, equals), &o))
			q->value[o] = equals < option.n ? span_from(option, equals + 1) : span_of("", 0);
		line = span_from(line, option.n + 1);
	}
}

/* The line of that number, from 1, without what ends it. */
static struct span
nth_line(struct span text, uint64_t n)
{
	while (--n)
		text = span_from(text, span_find(text, '\n') + 1);
	text = span_head(text, span_find(text, '\n'));
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	return text;
}

static void
check_grep(struct span text, struct span got, const struct slice_result *r)
{
	uint64_t shown = 0, last = 0;

	while (got.n) {
		const struct span line = span_head(got, span_find(got, '\n'));
		char *end;

		got = span_from(got, line.n + 1);
		if (span_eq(line, SPAN("--")))
			continue;
		const uint64_t n = strtoull(line.p, &end, 10);
		const struct span original = nth_line(text, n);
		CHECK(n > last && n <= r->total && (*end == ':' || *end == '-'));
		CHECK(original.n > 1000 || span_eq(span_from(line, (size_t)(end + 1 - line.p)), original));
		shown += *end == ':';
		last = n;
	}
	CHECK(shown >= r->given && shown <= r->matched);
}

static void
check_values(struct span text, struct span got, const struct slice_result *r)
{
	struct fuel fuel = { (uint64_t)1 << 30 };
	const struct json_limits limits = { SOURCE_DEPTH + 1, UINT32_MAX };
	struct source s;
	struct json_doc d;
	struct arena a;

	arena_init(&a, (size_t)1 << 28);
	CHECK(source_read(text, &a, &fuel, &s) == OK);
	if (s.lines) {
		for (uint64_t i = 0; i < r->given; i++) {
			size_t used;

			CHECK(json_scan_prefix(got, &limits, &a, &d, &used) == OK);
			got = span_from(got, used + 1);
		}
		CHECK(got.n == 0);
	} else {
		CHECK(json_scan(got, &limits, &a, &d) == OK && json_type(&d, 0) == JSON_ARRAY);
		CHECK(d.nodes[0].count == r->given);
	}
	arena_free(&a);
}

static bool
gives_several(const struct slice_query *q)
{
	char why[JSON_PATH_WHY];
	struct json_path *path;

	if (q->value[SLICE_ROWS].p)
		return true;
	if (!q->value[SLICE_PATH].p)
		return false;
	CHECK(json_path_parse(q->value[SLICE_PATH], &path, why) == OK);
	const bool several = json_path_is_plural(path);
	json_path_free(&path);
	return several;
}

static void
check(const struct slice_query *q, struct span text, struct span got, const struct slice_result *r)
{
	CHECK(r->given <= r->matched && r->matched <= r->total);
	if (q->value[SLICE_GREP].p)
		check_grep(text, got, r);
	else if (gives_several(q))
		check_values(text, got, r);
	else
		CHECK(got.n == 0 || memmem(text.p, text.n, got.p, got.n));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* On the heap, so that reading past the end is seen. */
	char *const copy = malloc(size ? size : 1);
	memcpy(copy, data, size);
	const struct span all = span_of(copy, size);
	const size_t line = span_find(all, '\n');
	const struct span text = span_from(all, line + 1);
	struct slice_query q = { 0 };
	struct slice_result result;
	char why[SLICE_WHY] = "";
	struct slice *s;

	read_query(span_head(all, line), &q);
	enum err e = slice_parse(&q, &s, why);
	CHECK(e == OK || (e == ERR_SYNTAX && why[0]));
	if (e == OK) {
		struct fuel fuel = { slice_fuel_for(text.n) };
		struct arena a;
		struct buf out;

		arena_init(&a, (size_t)1 << 28);
		buf_init(&out, (size_t)1 << 26);
		e = slice_take(s, text, &a, &fuel, &out, &result, why);
		if (e == OK)
			check(&q, text, buf_span(&out), &result);
		else
			CHECK(e == ERR_LIMIT || why[0]);
		buf_free(&out);
		arena_free(&a);
		slice_free(&s);
	}
	free(copy);
	return 0;
}
