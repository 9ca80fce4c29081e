/* Texts that share their words, but for what varies in them. */
#ifndef HR_COMPRESS_WORDING_MINE_H
#define HR_COMPRESS_WORDING_MINE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fuel.h"
#include "base/span.h"

#define WORDING_WORDS 24u	/* between blanks; texts with more belong to no mold */
#define WORDING_BYTES 400u	/* nor do longer ones */
#define WORDING_HOLES 4u
#define WORDING_SAMPLES 4u
#define WORDING_MOLDS 32u
#define WORDING_MIN_TEXTS 4u	/* of a mold */

struct wording_words {
	struct span word[WORDING_WORDS];
	uint32_t count;
};

/* What alike texts share: words that are the same, and of those that vary what
 * they begin and end with. */
struct wording_mold {
	struct wording_words words;	/* of the first text */
	uint32_t varies;		/* a bit per word */
	uint16_t prefix[WORDING_WORDS], suffix[WORDING_WORDS];
	uint32_t texts;			/* how many */
	uint32_t sample[WORDING_SAMPLES];	/* some of them, in order */
	uint32_t samples;
};

struct wording_molds {
	struct wording_mold *mold;
	uint32_t count;
	uint8_t *of_text;	/* per text: 1 + its mold, 0: it has none */
};

/* Groups `n` texts by their words, Drain-like: one pass, each compared with few
 * others. The molds with the most texts, at most WORDING_MOLDS of them.
 * ERR_NOT_FOUND: most texts are like no other; ERR_FUEL, ERR_NOMEM. */
enum err wording_mine(const struct span *texts, uint32_t n, struct arena *a, struct fuel *fuel,
		      struct wording_molds *out) MUST_CHECK;

/* What a text of the mold has where it varies. False: it is empty somewhere, or
 * holds what could not stand between marks. */
bool wording_parts(const struct wording_mold *m, struct span text, struct span part[WORDING_HOLES]);

/* How many parts that are; more than WORDING_HOLES: the mold is of no use. */
uint32_t wording_holes(const struct wording_mold *m);

/* The mold as text, each part a "{}". NULL: no memory. */
struct span wording_spell(const struct wording_mold *m, struct arena *a) MUST_CHECK;

#endif
