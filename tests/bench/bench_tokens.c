/* How fast tokens are counted: MB of text per second of one core, best of several rounds.
 *   bench_tokens [FILE]...      these files, else made-up tool output */
#include <stdint.h>
#include <stdio.h>

#include "bench.h"

#include "base/buf.h"
#include "tokens/tokens.h"

#define ROUNDS 9
#define SIZE ((size_t)2 << 20)

static double
rate(enum tokens_encoding e, struct span text, size_t *tokens)
{
	double best = 1e9;

	for (int i = 0; i < ROUNDS; i++) {
		const double begin = bench_seconds();
		*tokens = tokens_count(e, text);
		const double took = bench_seconds() - begin;
		if (took < best)
			best = took;
	}
	return (double)text.n / best / 1e6;
}

static void
report(const char *name, struct span text)
{
	size_t o200k, cl100k;
	const double first = rate(TOKENS_O200K, text, &o200k);
	const double second = rate(TOKENS_CL100K, text, &cl100k);

	printf("%-24s %9zu bytes  o200k %7.1f MB/s (%zu)  cl100k %7.1f MB/s (%zu)\n", name,
	       text.n, first, o200k, second, cl100k);
}

static uint64_t
draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static const char *
word(uint64_t *seed)
{
	static const char *const words[] = {
		"error", "request", "status", "connection", "value", "index", "the", "of", "user",
		"getElement", "parse_header", "MAX_SIZE", "node", "path", "timeout", "worker",
		"response", "failed", "session", "cache", "item", "config", "length", "socket",
	};

	return words[draw(seed) % (sizeof words / sizeof *words)];
}

static void
add_json(struct buf *b, uint64_t *seed)
{
	buf_addf(b, "    {\n      \"id\": %u,\n      \"name\": \"%s-%s\",\n", (unsigned)draw(seed) % 100000,
		 word(seed), word(seed));
	buf_addf(b, "      \"sha\": \"%08x%08x\",\n      \"score\": %u.%u,\n      \"ok\": true\n    },\n",
		 (unsigned)draw(seed), (unsigned)draw(seed), (unsigned)draw(seed) % 100,
		 (unsigned)draw(seed) % 1000);
}

static void
add_log(struct buf *b, uint64_t *seed)
{
	buf_addf(b, "2024-05-17T%02u:%02u:%02u.%03uZ INFO [%s-%u] ", (unsigned)draw(seed) % 24,
		 (unsigned)draw(seed) % 60, (unsigned)draw(seed) % 60, (unsigned)draw(seed) % 1000,
		 word(seed), (unsigned)draw(seed) % 16);
	buf_addf(b, "%s %s for 10.0.%u.%u took %ums\n", word(seed), word(seed),
		 (unsigned)draw(seed) % 256, (unsigned)draw(seed) % 256, (unsigned)draw(seed) % 5000);
}

static void
add_code(struct buf *b, uint64_t *seed)
{
	buf_addf(b, "\tif (%s->%s != NULL && %s(%s) > %u) {\n", word(seed), word(seed), word(seed),
		 word(seed), (unsigned)draw(seed) % 100);
	buf_addf(b, "\t\treturn %s_%s(&%s, %s); /* the %s of a %s */\n\t}\n\n", word(seed), word(seed),
		 word(seed), word(seed), word(seed), word(seed));
}

static void
add_base64(struct buf *b, uint64_t *seed)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (int i = 0; i < 76; i++)
		buf_add_char(b, digits[draw(seed) % 64]);
	buf_add_char(b, '\n');
}

static void
add_chinese(struct buf *b, uint64_t *seed)
{
	for (uint64_t n = 5 + draw(seed) % 20; n; n--) {
		const unsigned c = 0x4e00 + (unsigned)(draw(seed) % 800);
		buf_add_char(b, (char)(0xe0 | c >> 12));
		buf_add_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_add_char(b, (char)(0x80 | (c & 0x3f)));
	}
	buf_add_str(b, "，");
}

static void
add_spaces(struct buf *b, uint64_t *seed)
{
	(void)seed;
	buf_addf(b, "%1000s", "");
}

static void
report_made_up(const char *name, void (*add)(struct buf *, uint64_t *))
{
	struct buf b;
	uint64_t seed = 1;

	buf_init(&b, 2 * SIZE);
	while (b.n < SIZE)
		add(&b, &seed);
	report(name, buf_span(&b));
	buf_free(&b);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return bench_files(argc - 1, argv + 1, report);
	report_made_up("json", add_json);
	report_made_up("log", add_log);
	report_made_up("code", add_code);
	report_made_up("base64", add_base64);
	report_made_up("chinese", add_chinese);
	report_made_up("spaces", add_spaces);
	return 0;
}
