/* Words of a value, as elision looks at them. */
#ifndef HR_COMPRESS_ELIDE_WORDS_H
#define HR_COMPRESS_ELIDE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* A run of letters and digits; a capital behind a small letter begins the next
 * one, so NullPointerException has three. */
struct word {
	uint64_t hash;	/* without regard to ASCII case and a plural's s */
	bool digits;	/* has a digit */
};

/* Takes the next word off *rest; false at the end. */
bool word_next(struct span *rest, struct word *out);

/* Words that speak of errors, failures, warnings. */
#define TROUBLE_SLOTS 256u

struct trouble_words {
	uint64_t slots[TROUBLE_SLOTS];	/* 0: free */
};

void trouble_words_init(struct trouble_words *t);

/* Is there one in `text` that no "no" or "0" stands before? */
bool trouble_in(const struct trouble_words *t, struct span text);

#endif
