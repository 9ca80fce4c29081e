/* Counts tokens for the tests: `tokens_probe o200k|cl100k` reads pieces of text from
 * stdin, each after its length as four little-endian bytes, and prints one count a
 * line. Ends with 1 where remembering earlier texts would give another. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tokens/tokens.h"

static int
count_one(enum tokens_encoding e, struct tokens_memo *memo, uint32_t n)
{
	char *const text = malloc(n ? n : 1);

	if (!text || fread(text, 1, n, stdin) != n) {
		free(text);
		return 1;
	}
	const size_t count = tokens_count(e, span_of(text, n));
	const bool same = tokens_memo_count(memo, span_of(text, n)) == count;
	printf("%zu\n", count);
	if (!same)
		fprintf(stderr, "another count of %.*s\n", (int)n, text);
	free(text);
	return !same;
}

int
main(int argc, char **argv)
{
	const bool cl100k = argc == 2 && strcmp(argv[1], "cl100k") == 0;
	const enum tokens_encoding e = cl100k ? TOKENS_CL100K : TOKENS_O200K;
	unsigned char head[4];
	struct arena a;

	if (!cl100k && (argc != 2 || strcmp(argv[1], "o200k") != 0)) {
		fputs("usage: tokens_probe o200k|cl100k\n", stderr);
		return 2;
	}
	arena_init(&a, (size_t)1 << 20);
	struct tokens_memo *const memo = tokens_memo_new(e, &a);
	int status = !memo;
	while (!status && fread(head, 1, sizeof head, stdin) == sizeof head) {
		const uint32_t n = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 |
				   (uint32_t)head[3] << 24;
		status = count_one(e, memo, n);
	}
	arena_free(&a);
	return status;
}
