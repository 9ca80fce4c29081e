/* What providers charge for tokens. */
#ifndef HR_STATS_PRICES_H
#define HR_STATS_PRICES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

/* Picodollars: $1 per million tokens is PRICE_MILLION of them per token. Sums stay
 * exact; int64_t holds nine million dollars. */
#define PRICE_MILLION 1000000u
#define PRICE_DOLLAR 1000000000000u

/* Picodollars for one token of each sort. */
struct price {
	uint64_t input;		/* not read from a cache, not written to one */
	uint64_t cache_read;
	uint64_t cache_write;	/* for five minutes */
	uint64_t cache_write_1h;
	uint64_t output;
};

/* A model's price list. */
struct price_list {
	const char *id;		/* the table's name for the model, or the user's pattern */
	struct price base;
	struct price high;	/* of the whole request, where its prompt has more than */
	uint32_t above;		/* so many tokens; 0: never */
};

/* Tokens that a provider charged; its own figures, which do not overlap. */
struct price_tokens {
	uint64_t input;
	uint64_t cache_read;
	uint64_t cache_write;
	uint64_t cache_write_1h;
	uint64_t output;
};

struct prices;		/* one thread at a time */

#define PRICES_WHY 512	/* bytes of a sentence, NUL included */

/* The built-in table, and before it the user's `file` (NULL: none): INI sections named
 * by a model, * and ? allowed, whose members are dollars per million tokens:
 *
 *     [my-model*]
 *     input = 3
 *     output = 15
 *     cache-read = 0.3          ; input's when absent
 *     cache-write = 3.75        ; input's when absent
 *     cache-write-1h = 6        ; cache-write's when absent
 *
 * ERR_IO or ERR_SYNTAX with a sentence in `why` that names the file and its line. */
enum err prices_open(const char *file, struct prices **out, char why[PRICES_WHY]) MUST_CHECK;
void prices_close(struct prices **p);

/* The list for `model` ("vendor/" before it is ignored) at `when`, seconds since
 * 1970; `provider` ("anthropic", "openai", "google") is asked first, then the others. NULL:
 * nobody knows it. Valid until prices_close. */
const struct price_list *prices_find(struct prices *p, struct span provider, struct span model,
				     int64_t when);

/* The rates that a request of so many prompt tokens is charged by. */
const struct price *price_for(const struct price_list *l, const struct price_tokens *t);

/* Picodollars; INT64_MAX where it would be more. */
int64_t price_of(const struct price *p, const struct price_tokens *t);

#endif
