/* What the words of a value tell elision: trouble, matches with the hints, and
 * the shape that values of one kind share. */
#ifndef HR_COMPRESS_ELIDE_WORDS_H
#define HR_COMPRESS_ELIDE_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* A run of letters and digits; a capital behind a small letter begins the next
 * word, so NullPointerException has three. */
struct word {
	uint64_t hash;		/* without regard to ASCII case and a plural's s */
	uint32_t length;	/* bytes */
	bool digits;		/* has a digit */
	bool hex;		/* has only digits and letters up to f */
	bool joined;		/* stands right behind the last one */
};

/* Takes the next word off *rest, and what stands before it; false at the end. */
bool word_next(struct span *rest, struct word *out);

enum severity {
	SEVERITY_NONE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

/* Words in a row that a reader may be after: a name, a path, a quoted phrase. What
 * stands between them does not matter. */
#define PHRASE_WORDS 8u

struct phrase {
	uint64_t words[PHRASE_WORDS];
	uint32_t count;
};

#define LEXICON_SLOTS 512u
#define LEXICON_PHRASES 64u

struct lexicon_entry {
	uint64_t hash;		/* 0: free */
	uint64_t phrases;	/* set of those that end with this word */
	enum severity severity;
	bool denies;		/* "no", "0": what follows is not there */
};

/* The words that are looked for. Embed it. */
struct lexicon {
	struct lexicon_entry slots[LEXICON_SLOTS];
	struct phrase phrases[LEXICON_PHRASES];
	uint32_t phrase_count;
};

/* The words that speak of errors, failures and warnings. */
void lexicon_init(struct lexicon *x);

/* Looks for a phrase, too; no effect when it is there already or there are
 * LEXICON_PHRASES. */
void lexicon_add(struct lexicon *x, const struct phrase *p);

struct reading {
	uint64_t exact;		/* hash of the bytes */
	uint64_t shape;		/* hash with every word that has a digit masked */
	uint64_t phrases;	/* set of those found */
	uint32_t words;		/* without digits */
	enum severity severity;	/* the worst that is spoken of, and not denied ("no errors", "errors: 0") */
};

/* Reads a value: a string's inside, a number, or JSON. */
void lexicon_read(const struct lexicon *x, struct span text, struct reading *out);

/* Words that stand elsewhere in a row. Embed it. */
#define KNOWN_WORDS 48u

struct known_words {
	uint64_t words[KNOWN_WORDS];
	uint32_t count;
};

/* Adds the first words of `text`, as long as there is room. */
void known_words_add(struct known_words *k, struct span text);

/* A hash of the words of `text`, those with a digit and the known ones masked. */
uint64_t shape_without(struct span text, const struct known_words *k);

/* A hash of a member's name by its letters and digits alone, without regard to
 * case: statusCode and status_code are the same. */
uint64_t name_hash(struct span name);

#endif
