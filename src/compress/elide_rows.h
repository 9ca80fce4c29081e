/* The rows of one table that survive elision, and why. */
#ifndef HR_COMPRESS_ELIDE_ROWS_H
#define HR_COMPRESS_ELIDE_ROWS_H

#include "compress/elide.h"
#include "compress/elide_tally.h"
#include "compress/elide_view.h"

/* A kind of trouble with so many rows that only the first are kept. */
struct cut_kind {
	uint32_t node;		/* what its first row says */
	uint32_t rows;
};

#define CUT_KINDS 8u

struct rows_work {
	const struct view *v;
	uint32_t rows;
	uint32_t few;		/* rows of a kind that is kept in full */
	struct tally tally;	/* room for a value in each row */
	uint8_t *reasons;	/* enum elide_reason, added to */
	struct cut_kind cut[CUT_KINDS];
	uint32_t cut_count;
	struct arena *a;
	struct fuel *fuel;
};

/* Errors, failures, warnings. */
enum err rows_keep_trouble(struct rows_work *w) MUST_CHECK;

/* Values that hardly any other row has, in columns where most share a few. */
enum err rows_keep_rare(struct rows_work *w) MUST_CHECK;

/* Numbers far from the others, the largest and the smallest, and where a
 * column goes over to another level. */
enum err rows_keep_extremes(struct rows_work *w) MUST_CHECK;

/* The largest and smallest numbers within the lists and objects of rows. */
enum err rows_keep_inner_extremes(struct rows_work *w) MUST_CHECK;

/* Rows that hold what the hints ask for. */
enum err rows_keep_matches(struct rows_work *w, const struct lexicon *x) MUST_CHECK;

/* Rows in which one of the user's patterns for the tool matches. */
enum err rows_keep_patterns(struct rows_work *w, const struct must_keep *k,
			    struct span tool) MUST_CHECK;

/* Rows that share an id with one that is kept for what it says. */
enum err rows_keep_related(struct rows_work *w) MUST_CHECK;

/* Leaves items out of long lists of numbers, or of lists of such, that are no tables:
 * sets p->left_out. *any: there are some. */
enum err lists_choose(struct plan *p, const struct lexicon *x, struct arena *a,
		      struct fuel *fuel, bool *any) MUST_CHECK;

/* Of each kind one, and rows so that no gap gets too long. */
enum err rows_keep_sample(struct rows_work *w, uint32_t longest_gap) MUST_CHECK;

#endif
