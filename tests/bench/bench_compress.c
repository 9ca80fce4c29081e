/* How fast blocks are compressed, counts and proof included, and what it saves:
 * MB of block per second of one core, best of several rounds; tokens are o200k.
 *   bench_compress [FILE]...    these files, else made-up tool results */
#include <stdint.h>
#include <stdio.h>

#include "bench.h"

#include "base/buf.h"
#include "compress/compress.h"

#define ROUNDS 9
#define SIZE ((size_t)1 << 20)

static void
report(const char *name, struct span text)
{
	const struct compress_in in = { text, PROFILE_LOSSLESS, 150 };
	struct compress_out out = { 0 };
	double best = 1e9;

	for (int i = 0; i < ROUNDS; i++) {
		struct fuel fuel = { compress_fuel_for(text.n) };
		struct arena a;

		arena_init(&a, (size_t)1 << 30);
		const double start = bench_seconds();
		compress_block(&in, &a, &fuel, &out);
		const double took = bench_seconds() - start;
		best = took < best ? took : best;
		arena_free(&a);
	}
	const double saved =
		out.tokens_before ? 100.0 * (1 - (double)out.tokens_after / out.tokens_before) : 0;
	printf("%-14s %6.1f MB/s  %6.2f ms  %s, %u of %u tokens, %.1f %% saved\n", name,
	       (double)text.n / best / 1e6, best * 1e3, compress_form_name(out.form), out.tokens_after,
	       out.tokens_before, saved);
}

static uint32_t
draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % below;
}

static const char *const words[] = { "request", "connection", "timeout", "cache", "user", "retry",
				     "completed", "failed", "worker", "queue", "session", "token" };

#define WORD(seed) words[draw((seed), sizeof words / sizeof *words)]

/* A search answer printed for people. */
static void
add_pretty(struct buf *b, uint64_t *seed)
{
	buf_addf(b,
		 "%s    {\n      \"timestamp\": \"2024-01-15T%02u:%02u:00Z\",\n      \"level\": \"INFO\",\n"
		 "      \"service\": \"%s-service\",\n      \"message\": \"%s %s for %s_%u\",\n"
		 "      \"trace_id\": \"%08x%08x\",\n      \"metadata\": {\n        \"host\": \"pod-%u\",\n"
		 "        \"region\": \"us-east-1\"\n      }\n    }",
		 b->n > 40 ? ",\n" : "", draw(seed, 24), draw(seed, 60), WORD(seed), WORD(seed), WORD(seed),
		 WORD(seed), draw(seed, 10000), draw(seed, 1u << 30), draw(seed, 1u << 30), draw(seed, 20));
}

/* Flat records without white space. */
static void
add_dense(struct buf *b, uint64_t *seed)
{
	buf_addf(b, "%s{\"id\":%u,\"title\":\"%s %s\",\"gross\":%u,\"rating\":%u.%u,\"genre\":%s,\"votes\":%u}",
		 b->n > 40 ? "," : "", draw(seed, 100000), WORD(seed), WORD(seed), draw(seed, 1u << 28),
		 draw(seed, 10), draw(seed, 10), draw(seed, 3) ? "\"drama\"" : "null", draw(seed, 90000));
}

/* A server's log: three kinds of lines. */
static void
add_lines(struct buf *b, uint64_t *seed)
{
	buf_addf(b, "{\"level\":30,\"time\":17954443%05u,\"pid\":29844,", draw(seed, 100000));
	switch (draw(seed, 3)) {
	case 0:
		buf_addf(b, "\"req\":{\"method\":\"GET\",\"url\":\"/items/%u\"},\"msg\":\"incoming request\"}\n",
			 draw(seed, 5000));
		break;
	case 1:
		buf_addf(b, "\"res\":{\"statusCode\":200},\"responseTime\":0.%u,\"msg\":\"request completed\"}\n",
			 draw(seed, 1u << 30));
		break;
	default:
		buf_addf(b, "\"sku\":\"sku-%u\",\"qty\":%u,\"msg\":\"stock read\"}\n", draw(seed, 2000),
			 draw(seed, 100));
	}
}

/* No list to make a table of. */
static void
add_object(struct buf *b, uint64_t *seed)
{
	buf_addf(b, "%s    \"%s_%zu\": {\n        \"%s\": [%u, %u],\n        \"%s %s\": \"%s\"\n    }",
		 b->n > 40 ? ",\n" : "", WORD(seed), b->n, WORD(seed), draw(seed, 100), draw(seed, 100),
		 WORD(seed), WORD(seed), WORD(seed));
}

static void
report_made_up(const char *name, const char *before, void (*add)(struct buf *, uint64_t *),
	       const char *after)
{
	struct buf b;
	uint64_t seed = 1;

	buf_init(&b, 2 * SIZE);
	buf_add_str(&b, before);
	while (b.n < SIZE)
		add(&b, &seed);
	buf_add_str(&b, after);
	report(name, buf_span(&b));
	buf_free(&b);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		return bench_files(argc - 1, argv + 1, report);
	report_made_up("pretty rows", "{\n  \"total\": 300,\n  \"entries\": [\n", add_pretty, "\n  ]\n}\n");
	report_made_up("dense rows", "{\"total\":300,\"movies\":[", add_dense, "]}");
	report_made_up("mixed lines", "", add_lines, "");
	report_made_up("pretty object", "{\n", add_object, "\n}\n");
	return 0;
}
