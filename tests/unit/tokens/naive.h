/* Byte-pair encoding spelt out, for tests to compare with: reads the published
 * rank files as they are and shares nothing with src/tokens. */
#ifndef HR_TESTS_NAIVE_H
#define HR_TESTS_NAIVE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAIVE_SLOTS (1u << 19)
#define NAIVE_NONE UINT32_MAX

struct naive {
	struct naive_token {
		uint8_t bytes[128];
		uint8_t n;
		uint32_t rank;
	} *slots;
};

static inline uint32_t
naive_slot(const struct naive *t, const uint8_t *p, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619u;
	for (;; h++) {
		const struct naive_token *const s = &t->slots[h % NAIVE_SLOTS];
		if (s->n == 0 || (s->n == n && memcmp(s->bytes, p, n) == 0))
			return h % NAIVE_SLOTS;
	}
}

static inline uint32_t
naive_rank(const struct naive *t, const uint8_t *p, size_t n)
{
	const struct naive_token *const s = &t->slots[naive_slot(t, p, n)];

	return n <= 128 && s->n ? s->rank : NAIVE_NONE;
}

static inline size_t
naive_decode(const char *text, uint8_t *bytes)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;
	unsigned have = 0, bits = 0;

	for (; *text && *text != '='; text++) {
		have = have << 6 | (unsigned)(strchr(digits, *text) - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[n++] = (uint8_t)(have >> bits);
		}
	}
	return n;
}

/* Reads e.g. "o200k_base" from the folder of the package's rank files; ends the
 * program when it can not. */
static inline struct naive
naive_load(const char *folder, const char *name)
{
	struct naive t = { calloc(NAIVE_SLOTS, sizeof *t.slots) };
	char line[300], text[200], path[4096];
	uint8_t bytes[150];
	uint32_t rank;

	snprintf(path, sizeof path, "%s/%s.tiktoken", folder, name);
	FILE *const f = fopen(path, "r");
	if (!f || !t.slots) {
		perror(path);
		exit(1);
	}
	while (fgets(line, sizeof line, f)) {
		if (sscanf(line, "%199s %u", text, &rank) != 2)
			continue;
		const size_t n = naive_decode(text, bytes);
		struct naive_token *const s = &t.slots[naive_slot(&t, bytes, n)];
		memcpy(s->bytes, bytes, n);
		s->n = (uint8_t)n;
		s->rank = rank;
	}
	fclose(f);
	return t;
}

/* Tokens of one piece, by merging alone. */
static inline size_t
naive_merge(const struct naive *t, const uint8_t *p, size_t n)
{
	size_t *const start = malloc((n + 1) * sizeof *start);
	size_t count = n;

	for (size_t i = 0; i <= n; i++)
		start[i] = i;
	for (;;) {
		uint32_t best = NAIVE_NONE;
		size_t at = 0;
		for (size_t i = 0; i + 2 <= count; i++) {
			const uint32_t rank = naive_rank(t, p + start[i], start[i + 2] - start[i]);
			if (rank < best) {
				best = rank;
				at = i;
			}
		}
		if (best == NAIVE_NONE)
			break;
		memmove(start + at + 1, start + at + 2, (count - at - 1) * sizeof *start);
		count--;
	}
	free(start);
	return count;
}

/* Tokens of one piece, as the reference counts them: whole if it is a token. */
static inline size_t
naive_piece(const struct naive *t, const uint8_t *p, size_t n)
{
	return naive_rank(t, p, n) != NAIVE_NONE ? 1 : naive_merge(t, p, n);
}

#endif
