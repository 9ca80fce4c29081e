/* Leaving rows out of tables: which ones, what stands in their place, and the
 * proof. docs/internals/elide.md says what survives. */
#ifndef HR_COMPRESS_ELIDE_H
#define HR_COMPRESS_ELIDE_H

#include "compress/compress.h"
#include "compress/plan.h"
#include "tokens/tokens.h"

/* What keeps a row. */
enum elide_reason {
	ELIDE_EDGE = 1,		/* one of the first or last */
	ELIDE_TROUBLE = 2,	/* speaks of an error, a failure, a warning */
	ELIDE_RARE = 4,		/* has a value, a member or a type that few rows have */
	ELIDE_EXTREME = 8,	/* has a number far from the others, or begins a new level */
	ELIDE_MATCH = 16,	/* holds what the reader is after */
	ELIDE_RELATED = 32,	/* shares an id with one of those, or stands beside an error */
	ELIDE_SAMPLE = 64,	/* stands for those left out beside it */
	ELIDE_SMALL_GAP = 128,	/* a gap would hardly be shorter */
};

/* How large a sample of unremarkable rows stays, from none to every second row. */
#define ELIDE_LEVELS 9u

/* What a profile takes where nobody says how many tokens there should be. */
uint32_t elide_level(enum profile p);

/* Decides for each table of the plan which rows stay: sets their `reasons`; for long lists
 * of numbers which items: p->left_out. ERR_NOT_FOUND: nothing can be left out; ERR_FUEL, ERR_NOMEM. */
enum err elide_choose(struct plan *p, const struct compress_in *in, uint32_t level,
		      struct arena *a, struct fuel *fuel) MUST_CHECK;

/* Puts a form with rows left out into `out`, which is empty, and its count into
 * *tokens: of those with at most in->target_tokens the one with the most rows, else the
 * one with the fewest; without a target, the profile's. ERR_NOT_FOUND: it has
 * more than `most` tokens, or nothing can be left out; ERR_FUEL, ERR_NOMEM, ERR_LIMIT. */
enum err elide_form(struct plan *p, const struct compress_in *in, size_t most,
		    struct tokens_memo *memo, struct arena *a, struct fuel *fuel,
		    struct buf *out, size_t *tokens) MUST_CHECK;

/* Appends "…A-B", or "…A" where there is one. */
void elide_write_range(uint32_t first, uint32_t last, struct buf *out);

/* Appends "…A-B: 5 INFO" for the rows from `row` on that are left out, and returns the
 * first that is not. */
uint32_t elide_write_gap(const struct table *t, uint32_t row, struct buf *out);

/* Appends lines, if there are any, that say what the table holds in all. */
void elide_write_totals(const struct table *t, struct buf *out);

/* How many rows the tables have, and items the lists that are shortened; how many of
 * these stay. */
void elide_count(const struct plan *p, uint32_t *rows, uint32_t *kept);

/* Appends the line that says what was done and how to get the rest. */
void elide_write_marker(const struct plan *p, struct buf *out);

/* Decodes `form`, which must give the source with the gaps where rows were
 * left out, and checks that no row is missing which has a reason to stay.
 * ERR_CONFLICT otherwise; ERR_FUEL, ERR_NOMEM, ERR_LIMIT. */
enum err elide_prove(const struct plan *p, struct span form, const struct arena *a,
		     struct fuel *fuel) MUST_CHECK;

#endif
