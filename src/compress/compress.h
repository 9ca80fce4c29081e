/* One block of text → its smallest proven form. Pure: the same input gives the
 * same bytes on every machine. */
#ifndef HR_COMPRESS_COMPRESS_H
#define HR_COMPRESS_COMPRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fuel.h"
#include "base/span.h"
#include "compress/must_keep.h"
#include "compress/profile.h"

/* Changes whenever any input may get other bytes than before; recorded with
 * each form. */
#define COMPRESS_ENGINE_VERSION 2

/* The rule of P6: a replacement has at least 5 % and 16 tokens fewer. */
#define COMPRESS_MIN_SAVED_TOKENS 16

enum compress_form {
	COMPRESS_VERBATIM,
	COMPRESS_JSON_MINIFIED,
	COMPRESS_JSON_RELAXED,
	COMPRESS_JSON_TABLE,
	COMPRESS_JSON_IN_TEXT,	/* between other text, in any of these */
	COMPRESS_FORMS,		/* how many */
};

/* Why a block stayed as it was. */
enum compress_reason {
	COMPRESS_REASON_NONE,		/* it was replaced */
	COMPRESS_REASON_OFF,		/* profile off */
	COMPRESS_REASON_SMALL,		/* under the floor */
	COMPRESS_REASON_KIND,		/* no compressor for what it holds */
	COMPRESS_REASON_NO_GAIN,	/* no form met P6 */
	COMPRESS_REASON_FUEL,
	COMPRESS_REASON_UNPROVEN,	/* decoding gave something else: a bug, counted */
	COMPRESS_REASON_LIMIT,
	COMPRESS_REASONS,		/* how many */
};

/* Digits of the hash by which a marker names its original. */
#define COMPRESS_HASH_DIGITS 24

/* What the reader of a block is after, from messages at or before it. Rows and lines
 * that match survive elision. Any may be SPAN_NONE. */
struct compress_hints {
	struct span tool;	/* name */
	struct span arguments;	/* of the call, JSON text */
	struct span user;	/* the latest user text */
};

struct compress_in {
	struct span text;	/* UTF-8 */
	enum profile profile;
	uint32_t floor_tokens;	/* smaller blocks are left alone */
	struct compress_hints hints;
	/* COMPRESS_HASH_DIGITS hex digits under which the caller will keep the text before
	 * an elided form leaves; NULL: nobody could redeem it, nothing is left out. */
	const char *hash;
	/* Elision need not go below so many tokens, nor may it stop far above where what
	 * must survive allows less; 0: the profile decides. */
	uint32_t target_tokens;
	/* Rows and lines in which one matches are not left out; NULL: none. A row is searched
	 * as JSON without white space between tokens. */
	const struct must_keep *must_keep;
};

struct compress_out {
	enum compress_form form;
	enum compress_reason reason;
	struct span text;	/* the input's span, or a replacement in the arena */
	uint32_t tokens_before;	/* o200k; 0 when nothing had to be counted */
	uint32_t tokens_after;
	bool elided;		/* parts are left out and the text names the hash: */
	uint32_t items;		/* rows there were … */
	uint32_t items_after;	/* … and rows that are left */
};

/* A word for logs and answers, e.g. "json_table"; never NULL. */
const char *compress_form_name(enum compress_form f);
const char *compress_reason_name(enum compress_reason r);

/* Steps a block of `n` bytes may take: linear, enough for any honest input. */
uint64_t compress_fuel_for(size_t n);

/* Always gives a usable result: when anything at all goes wrong (memory, fuel,
 * a surprise) that is the input itself with the reason. Temporary memory
 * is given back and counts against the limit of `a`; a replacement stays in `a`. */
void compress_block(const struct compress_in *in, struct arena *a, struct fuel *fuel,
		    struct compress_out *out);

/* Fuel for compress_decode where nothing else bounds the work: enough for any
 * result that may be had. A step is a byte read or written. */
#define COMPRESS_DECODE_FUEL ((uint64_t)1 << 29)

/* Gives back the text that a lossless form of ours stands for, but for white space
 * between the tokens of JSON. Text that is no form of ours: ERR_UNSUPPORTED. One with parts left out: ERR_ELIDED, only the original
 * that its marker names has them. A form that was damaged: ERR_SYNTAX. */
enum err compress_decode(struct span form, struct arena *a, struct fuel *fuel,
			 struct span *out) MUST_CHECK;

#endif
