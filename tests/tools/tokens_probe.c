/* Counts tokens for the tests: `tokens_probe o200k|cl100k` reads pieces of text from
 * stdin, each after its length as four little-endian bytes, and prints one count a
 * line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tokens/tokens.h"

static int
count_one(enum tokens_encoding e, uint32_t n)
{
	char *const text = malloc(n ? n : 1);

	if (!text || fread(text, 1, n, stdin) != n) {
		free(text);
		return 1;
	}
	printf("%zu\n", tokens_count(e, span_of(text, n)));
	free(text);
	return 0;
}

int
main(int argc, char **argv)
{
	const bool cl100k = argc == 2 && strcmp(argv[1], "cl100k") == 0;
	unsigned char head[4];

	if (!cl100k && (argc != 2 || strcmp(argv[1], "o200k") != 0)) {
		fputs("usage: tokens_probe o200k|cl100k\n", stderr);
		return 2;
	}
	while (fread(head, 1, sizeof head, stdin) == sizeof head) {
		const uint32_t n = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 |
				   (uint32_t)head[3] << 24;
		if (count_one(cl100k ? TOKENS_CL100K : TOKENS_O200K, n))
			return 1;
	}
	return 0;
}
