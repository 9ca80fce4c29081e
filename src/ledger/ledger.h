/* Conversations: what was sent is sent again. Rules 1–3 of the cache contract
 * (see docs/internals/ledger.md). */
#ifndef HR_LEDGER_LEDGER_H
#define HR_LEDGER_LEDGER_H

#include "base/arena.h"
#include "base/err.h"
#include "compress/compress.h"
#include "json/edit.h"
#include "store/store.h"
#include "wire/view.h"

/* Shorter texts are neither replaced nor looked up: no form of so few bytes has 16
 * tokens fewer. Independent of all settings, since what was sent under one setting
 * is sent again under another. It may be lowered, never raised: forms recorded for
 * blocks below it would be forgotten. */
#define LEDGER_LEAST_BYTES 128

/* Results with is_error: true under so many tokens are left alone. */
#define LEDGER_ERROR_TOKENS 2000

struct ledger_policy {
	enum profile profile;		/* of this request */
	bool bypass;			/* send all verbatim, record new blocks so */
	bool adopt_compress;		/* compress blocks met half-way too */
	bool shrink;			/* false: no new work (overload, soft size limit) */
	bool redeemable;		/* whoever gets the body can fetch originals (P5) */
	bool by_profile;		/* the caller names the profile with each call: what was
					 * decided under another is none of his business */
	uint64_t variant;		/* with by_profile: likewise for what else he names that forms
					 * depend on, as one number below 2^56 */
	uint32_t target_permille;	/* of a block's tokens, that elision aims at; 0: the profile
					 * decides; at most 1000 */
	uint64_t token_budget;		/* o200k tokens of all messages together that elision of new
					 * blocks tries not to exceed; 0: none */
	uint64_t message_tokens;	/* with a budget: of all messages as they came */
	uint32_t floor_tokens;
	struct span tenant;
	const char *exclude_tools;	/* comma-separated globs; may be NULL */
	const struct must_keep *must_keep;	/* of elision; may be NULL */
};

/* Why a new block never came to the compressor. */
enum ledger_skip {
	LEDGER_SKIP_BYPASS,
	LEDGER_SKIP_LOAD,	/* policy.shrink was false */
	LEDGER_SKIP_ERROR,	/* a short result with is_error: true */
	LEDGER_SKIP_FILE,	/* output of a file-reading tool */
	LEDGER_SKIP_TOOL,	/* on the exclude list, or our own retrieve tool */
	LEDGER_SKIP_STORE,	/* the store could not be read or not be written; also an old
				 * form whose original has gone and could not be stored again */
	LEDGER_SKIPS,		/* how many */
};

#define LEDGER_PARTS 32

/* Blocks are of LEDGER_LEAST_BYTES and more. blocks = replayed + adopted + compressed
 * + all of verbatim[] + all of skipped[]. */
struct ledger_counts {
	uint32_t blocks;		/* candidates seen */
	uint32_t replayed;		/* recorded decisions carried out again, verbatim
					 * included (rule 1) */
	uint32_t adopted;		/* left verbatim because met half-way (rule 2) */
	uint32_t compressed;		/* new blocks replaced */
	uint32_t verbatim[COMPRESS_REASONS];	/* new blocks left, by reason */
	uint32_t skipped[LEDGER_SKIPS];	/* new blocks not tried, by reason */
	uint32_t by_form[COMPRESS_FORMS];	/* replacements sent, old and new, by form */
	uint32_t elided;		/* … those that name an original */
	uint64_t tokens_before;		/* o200k, of replaced blocks, old and new */
	uint64_t tokens_after;
	/* Of the tokens saved, how many lay in each of so many equal parts of the edited
	 * body: what they would have cost depends on whether they stood in a cached prefix. */
	uint32_t saved[LEDGER_PARTS];
	uint64_t saved_by_form[COMPRESS_FORMS];	/* tokens */
	bool recall_failed;		/* the store could not be read */
	bool record_failed;		/* decisions could not be recorded: new blocks verbatim */
};

/* Is there any block the ledger must see? False for most small bodies: then nothing
 * of them is or ever was replaced, and no plan is needed. Cheap. */
bool ledger_wanted(const struct wire_view *v, const struct json_doc *d);

/* The work on one request; in the arena. Members are private to this folder. */
struct ledger_plan;

/* First half, on a worker: recall recorded forms, decide and compress the rest.
 * `*batch` is what must be recorded before anything is sent, or NULL when there
 * is nothing; the caller sets its `done` and `owner` and submits it. Never fails for
 * reasons of content: a block that can not be handled stays verbatim. Without a reader
 * (NULL) nothing is recalled or recorded, and every block is new. When the
 * store can not be read, the batch asks for everything: what was recorded comes
 * back in it. View, document and policy's spans must outlive the plan.
 * ERR_NOMEM: relay the body untouched. */
enum err ledger_plan(const struct wire_view *v, const struct json_doc *d,
		     const struct ledger_policy *p, struct store_reader *r, struct arena *a,
		     struct ledger_plan **out, struct store_batch **batch) MUST_CHECK;

/* Second half, after the batch was committed or refused (`recorded`: what `done` or
 * store_submit said; OK when there was no batch): the edits for the body, sorted, in
 * the arena of the plan. Where another request was faster with a form for the
 * same block, these are its bytes. ERR_NOMEM: relay the body untouched. */
enum err ledger_edits(struct ledger_plan *plan, enum err recorded, struct json_edit **edits,
		      size_t *n, struct ledger_counts *counts) MUST_CHECK;

/* After ledger_edits: the hashes that the edited body's markers name, those of old forms
 * included, each once, in the order of the body; in the arena of the plan. Their originals are
 * in the store. ERR_NOMEM. */
enum err ledger_hashes(const struct ledger_plan *plan, struct span **hashes, size_t *n) MUST_CHECK;

#endif
