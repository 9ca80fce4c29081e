/* Times the JSON layer over made-up bodies: a request as Claude Code sends it
 * (few tokens, long strings), the same in other scripts, dense data, and data
 * printed for people. CPU time, medians of several runs. */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#include "base/buf.h"
#include "base/check.h"
#include "json/scan.h"
#include "json/text.h"

enum { RUNS = 15 };

static const struct json_limits lim = { 1024, 1u << 24 };

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* About `n` bytes of text in lines of 20 to 80 bytes, escaped. */
static void
add_lines(struct buf *b, uint32_t *seed, size_t n, const char *const words[8])
{
	const size_t end = b->n + n;

	while (b->n < end) {
		const size_t line_end = b->n + 20 + next(seed) % 60;

		for (uint32_t tab = next(seed) % 4; tab; tab--)
			buf_add_str(b, next(seed) % 4 ? "    " : "\\t");
		while (b->n < line_end) {
			buf_add_str(b, words[next(seed) % 8]);
			buf_add_str(b, next(seed) % 24 ? " " : " \\\"it\\\" ");
		}
		buf_add_str(b, "\\n");
	}
}

static const char *const ascii_words[8] = { "const", "result", "=", "error:", "request", "handle(", "value);", "in" };
static const char *const other_words[8] = { "\xd0\xbe\xd1\x88\xd0\xb8\xd0\xb1\xd0\xba\xd0\xb0", "\xe7\xbb\x93\xe6\x9e\x9c", "caf\xc3\xa9", "\xf0\x9f\x9a\x80", "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "plain", "\xce\xbb\xcf\x8c\xce\xb3\xce\xbf\xcf\x82", "\xec\x98\xa4\xeb\xa5\x98" };

static void
add_request(struct buf *b, const char *const words[8])
{
	uint32_t seed = 5;

	buf_add_str(b, "{\"model\":\"claude-sonnet\",\"max_tokens\":32000,\"stream\":true,\"system\":[{\"type\":\"text\",\"text\":\"");
	add_lines(b, &seed, 15000, words);
	buf_add_str(b, "\",\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[{\"role\":\"user\",\"content\":\"start\"}");
	for (int turn = 0; b->n < 350000; turn++) {
		buf_addf(b, ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"Let me look.\"},{\"type\":\"tool_use\",\"id\":\"toolu_%08x%08x\",\"name\":\"Bash\",\"input\":{\"command\":\"cat src/file%d.c\",\"description\":\"Show it\"}}]}", next(&seed), next(&seed), turn);
		buf_addf(b, ",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_%08x%08x\",\"content\":\"", next(&seed), next(&seed));
		add_lines(b, &seed, 500 + next(&seed) % 9000, words);
		buf_add_str(b, "\"}]}");
	}
	buf_add_str(b, "]}");
}

static void
add_rows(struct buf *b, bool pretty)
{
	const char *const nl = pretty ? "\n      " : "";
	const char *const sp = pretty ? " " : "";
	uint32_t seed = 9;

	buf_add_str(b, "[");
	for (int i = 0; b->n < 350000; i++) {
		buf_addf(b, "%s%s{%s\"id\":%s%u,%s\"name\":%s\"user-%d\",%s\"active\":%s%s,%s\"score\":%s%u.%u,", i ? "," : "",
			 pretty ? "\n    " : "", nl, sp, next(&seed), nl, sp, i, nl, sp,
			 next(&seed) % 2 ? "true" : "false", nl, sp, next(&seed) % 100, next(&seed) % 1000);
		buf_addf(b, "%s\"tags\":%s[\"a\",%s\"b%u\"],%s\"at\":%s\"2026-01-%02uT10:00:00Z\",%s\"parent\":%snull%s}", nl, sp, sp,
			 next(&seed) % 10, nl, sp, next(&seed) % 28 + 1, nl, sp, pretty ? "\n    " : "");
	}
	buf_add_str(b, "]");
}

static void
report_scan(const char *what, struct span text)
{
	double took[RUNS];
	uint32_t nodes = 0;
	size_t memory = 0;
	const int loops = 100;

	for (int run = 0; run < RUNS; run++) {
		const double start = bench_seconds();

		for (int i = 0; i < loops; i++) {
			struct arena a;
			struct json_doc d;

			arena_init(&a, (size_t)1 << 30);
			CHECK(json_scan(text, &lim, &a, &d) == OK);
			nodes = d.count;
			memory = a.used;
			arena_free(&a);
		}
		took[run] = (bench_seconds() - start) / loops;
	}
	qsort(took, RUNS, sizeof(*took), by_value);
	printf("scan %-22s %6.2f GB/s  (%zu KB, %u nodes, %zu KB of memory, %.0f us)\n", what,
	       (double)text.n / took[RUNS / 2] * 1e-9, text.n / 1000, nodes, memory / 1000,
	       took[RUNS / 2] * 1e6);
}

/* Unescapes all strings of a body. */
static void
report_unescape(const char *what, struct span text)
{
	double took[RUNS];
	size_t bytes = 0;
	struct arena tape;
	struct json_doc d;

	arena_init(&tape, (size_t)1 << 30);
	CHECK(json_scan(text, &lim, &tape, &d) == OK);
	for (int run = 0; run < RUNS; run++) {
		const double start = bench_seconds();

		for (int i = 0; i < 100; i++) {
			struct arena a;

			arena_init(&a, (size_t)1 << 30);
			bytes = 0;
			for (uint32_t n = 0; n < d.count; n++) {
				struct span s;

				if (json_type(&d, n) != JSON_STRING)
					continue;
				CHECK(json_string(&d, n, &a, &s) == OK);
				bytes += d.nodes[n].len;
			}
			arena_free(&a);
		}
		took[run] = (bench_seconds() - start) / 100;
	}
	qsort(took, RUNS, sizeof(*took), by_value);
	printf("unescape %-18s %6.0f MB/s\n", what, (double)bytes / took[RUNS / 2] * 1e-6);
	arena_free(&tape);
}

static void
report_escape(const char *what, struct span text)
{
	double took[RUNS];
	struct buf out;

	buf_init(&out, (size_t)1 << 30);
	for (int run = 0; run < RUNS; run++) {
		const double start = bench_seconds();

		for (int i = 0; i < 100; i++) {
			buf_clear(&out);
			json_escape(&out, text);
		}
		took[run] = (bench_seconds() - start) / 100;
	}
	qsort(took, RUNS, sizeof(*took), by_value);
	printf("escape %-20s %6.0f MB/s\n", what, (double)text.n / took[RUNS / 2] * 1e-6);
	buf_free(&out);
}

int
main(void)
{
	struct buf claude, scripts, dense, pretty, lines;
	struct arena a;
	struct span text;
	uint32_t seed = 1;

	buf_init(&claude, 1 << 22);
	buf_init(&scripts, 1 << 22);
	buf_init(&dense, 1 << 22);
	buf_init(&pretty, 1 << 22);
	buf_init(&lines, 1 << 22);
	add_request(&claude, ascii_words);
	add_request(&scripts, other_words);
	add_rows(&dense, false);
	add_rows(&pretty, true);
	add_lines(&lines, &seed, 350000, ascii_words);
	report_scan("Claude-shaped request", buf_span(&claude));
	report_scan("same, other scripts", buf_span(&scripts));
	report_scan("dense rows", buf_span(&dense));
	report_scan("rows printed for people", buf_span(&pretty));
	report_unescape("Claude-shaped", buf_span(&claude));
	report_unescape("other scripts", buf_span(&scripts));
	arena_init(&a, 1 << 22);
	CHECK(json_unescape(buf_span(&lines), &a, &text) == OK);
	report_escape("lines of code", text);
	arena_free(&a);
	buf_free(&claude);
	buf_free(&scripts);
	buf_free(&dense);
	buf_free(&pretty);
	buf_free(&lines);
	return 0;
}
