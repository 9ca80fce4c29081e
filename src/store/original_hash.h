/* Names of originals, as they are kept: in bytes. */
#ifndef HR_STORE_ORIGINAL_HASH_H
#define HR_STORE_ORIGINAL_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "store/store.h"

#define ORIGINAL_HASH_BYTES (STORE_HASH_DIGITS / 2)

struct original_hash {
	uint8_t b[ORIGINAL_HASH_BYTES];
};

struct original_hash original_hash_of(const uint8_t *secret, struct span tenant, struct span text);

/* Of digits in either case; false when it is no hash. */
bool original_hash_parse(struct span hex, struct original_hash *out);

void original_hash_print(const struct original_hash *h, char hex[STORE_HASH_DIGITS + 1]);

#endif
