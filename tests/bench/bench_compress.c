/* How fast blocks are compressed, counts and proof included, what it takes and what
 * it saves, without and with elision: MB of block per second of one core, best of
 * several rounds; the memory of one round at its highest; tokens are o200k.
 *   bench_compress [FILE]...    these files, else made-up tool results */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#include "base/buf.h"
#include "compress/compress.h"

#define ROUNDS 9
#define SIZE ((size_t)1 << 20)

static double
once(const struct compress_in *in, struct compress_out *out)
{
	struct fuel fuel = { compress_fuel_for(in->text.n) };
	struct arena a;

	arena_init(&a, (size_t)1 << 30);
	const double start = bench_seconds();
	compress_block(in, &a, &fuel, out);
	const double took = bench_seconds() - start;
	arena_free(&a);
	return took;
}

/* A figure of /proc/self/status in bytes. */
static size_t
status_bytes(const char *name)
{
	FILE *const f = fopen("/proc/self/status", "r");
	char line[256];
	size_t kb = 0;

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, name, strlen(name)) == 0)
			kb = strtoul(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return kb * 1024;
}

/* How much memory one round takes at its highest: in a process of its own, whose
 * high-water mark is set back first. */
static size_t
peak_bytes(const struct compress_in *in)
{
	int ends[2];
	size_t peak = 0;

	if (pipe(ends) != 0)
		return 0;
	fflush(stdout);
	const pid_t child = fork();
	if (child == 0) {
		struct compress_out out;

		once(in, &out);		/* brings in tables and code */
		malloc_trim(0);
		FILE *const f = fopen("/proc/self/clear_refs", "w");

		if (f) {
			fputs("5", f);
			fclose(f);
		}
		const size_t before = status_bytes("VmRSS:");
		once(in, &out);
		peak = status_bytes("VmHWM:") - before;
		_exit(write(ends[1], &peak, sizeof peak) != sizeof peak);
	}
	close(ends[1]);
	if (child < 0 || read(ends[0], &peak, sizeof peak) != sizeof peak)
		peak = 0;
	close(ends[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return peak;
}

static void
report_profile(const char *name, struct span text, enum profile profile)
{
	const struct compress_in in = { .text = text, .profile = profile, .floor_tokens = 150,
					.hash = "0123456789abcdef01234567" };
	struct compress_out out = { 0 };
	double best = 1e9;

	for (int i = 0; i < ROUNDS; i++) {
		const double took = once(&in, &out);
		best = took < best ? took : best;
	}
	const double saved =
		out.tokens_before ? 100.0 * (1 - (double)out.tokens_after / out.tokens_before) : 0;
	printf("%-14s %-9s %6.1f MB/s %7.2f ms %5.1f MB taken  %s, %u of %u tokens, %.1f %% saved\n", name,
	       profile_name(profile), (double)text.n / best / 1e6, best * 1e3, (double)peak_bytes(&in) / 1e6,
	       compress_form_name(out.form), out.tokens_after, out.tokens_before, saved);
}

static void
report(const char *name, struct span text)
{
	report_profile(name, text, PROFILE_LOSSLESS);
	report_profile(name, text, PROFILE_BALANCED);
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
