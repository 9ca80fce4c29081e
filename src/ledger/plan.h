/* The work on one request, as the files of this folder share it. */
#ifndef HR_LEDGER_PLAN_H
#define HR_LEDGER_PLAN_H

#include "ledger/identity.h"
#include "ledger/ledger.h"

/* Where a decision comes from. */
enum origin {
	ORIGIN_UNDECIDED,
	ORIGIN_RECALLED,	/* rule 1: recorded before */
	ORIGIN_ADOPTED,		/* rule 2: met half-way */
	ORIGIN_COMPRESSED,	/* rule 3: replaced, or left for `reason` */
	ORIGIN_SKIPPED,		/* rule 3: not tried, for `skip` */
};

/* What happens to all blocks of one key: the first of them decides. */
struct decision {
	struct store_form form;		/* its key: that of the row it came from, or goes to */
	struct identity_text identity;
	struct span text;		/* the block's; SPAN_NONE where nobody asked */
	uint32_t items;			/* of a new form that names an original */
	uint32_t items_after;
	struct span json;	/* the replacement as a JSON string, quotes included */
	const struct wire_block *block;
	enum origin origin;
	enum compress_reason reason;
	enum ledger_skip skip;
	uint32_t record;	/* index in the batch's forms, or NOT_RECORDED */
};

#define NOT_RECORDED UINT32_MAX

struct candidate {
	uint32_t node;
	uint32_t decision;
};

/* The newest text of a user's that was asked for. */
struct user_text {
	uint32_t node;
	struct span text;
};

struct ledger_plan {
	struct arena *arena;
	struct store_reader *reader;	/* or NULL: no memory */
	const struct wire_view *view;
	const struct json_doc *doc;
	struct ledger_policy policy;
	struct candidate *candidates;	/* in the order of the body */
	struct decision *decisions;	/* in the order of their first block */
	uint32_t candidate_count;
	uint32_t decision_count;
	bool recall_failed;
	struct user_text user;
	struct store_batch batch;
	struct store_original *originals;	/* the batch's; room for all */
	struct json_edit *edits;	/* room for all */
};

/* Whom the forms of this request are for. */
static inline uint64_t
plan_use(const struct ledger_policy *p)
{
	if (p->by_profile)
		return (IDENTITY_PROFILE + (uint64_t)p->profile) | p->variant << 8;
	return p->redeemable ? IDENTITY_REDEEMABLE : IDENTITY_PLAIN;
}

/* Fills candidates and decisions, these still undecided. ERR_NOMEM. */
enum err collect_blocks(struct ledger_plan *plan) MUST_CHECK;

/* With a reader: finds what was recorded. A store that can not be read is noted in the plan.
 * ERR_NOMEM. */
enum err recall(struct ledger_plan *plan) MUST_CHECK;

/* Decides about a block that nothing is recorded of. */
void decide(struct ledger_plan *plan, struct decision *d);

/* Compresses the block, whose text was read, elision aiming at `target` tokens (0: the
 * profile decides). */
void compress_new(struct ledger_plan *plan, struct decision *d, uint32_t target);

/* Where the policy has a budget: leaves more out of new blocks until all fits, the longest
 * first. ERR_NOMEM. */
enum err fit_budget(struct ledger_plan *plan) MUST_CHECK;

/* Reads the block's text into d->text. ERR_NOMEM; ERR_UNSUPPORTED when it has none. */
enum err read_text(struct ledger_plan *plan, struct decision *d) MUST_CHECK;

/* Spells `text` as a JSON string into d->json. ERR_NOMEM. */
enum err spell_replacement(struct decision *d, struct arena *a) MUST_CHECK;

#endif
