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

struct ledger_policy {
	enum profile profile;		/* of this request */
	bool bypass;			/* send all verbatim, record new blocks so */
	bool adopt_compress;		/* compress blocks met half-way too */
	bool shrink;			/* false: no new work (overload, soft size limit) */
	uint32_t floor_tokens;
	struct span tenant;
	const char *exclude_tools;	/* comma-separated globs; may be NULL */
};

struct ledger_counts {
	uint32_t blocks;		/* candidates seen */
	uint32_t replayed;		/* recorded forms sent again (rule 1) */
	uint32_t adopted;		/* left verbatim because met half-way (rule 2) */
	uint32_t compressed;		/* new blocks replaced */
	uint32_t verbatim[COMPRESS_REASONS];	/* new blocks left, by reason */
	uint32_t by_form[COMPRESS_FORMS];	/* replacements sent, by form */
	uint64_t tokens_before;		/* o200k, of replaced blocks */
	uint64_t tokens_after;
	bool recall_failed;		/* the store could not be read */
	bool record_failed;		/* decisions could not be recorded: new blocks verbatim */
};

/* The work on one request; in the arena. Members are private to ledger.c but for
 * the result. */
struct ledger_plan;

/* First half, on a worker: recall recorded forms, decide and compress the rest.
 * `*batch` is what must be recorded before anything is sent, or NULL when there
 * is nothing. Never fails for reasons of content: a block that cannot be handled
 * stays verbatim. ERR_NOMEM: relay the body untouched. */
enum err ledger_plan(const struct wire_view *v, const struct json_doc *d,
		     const struct ledger_policy *p, struct store_reader *r, struct arena *a,
		     struct ledger_plan **out, struct store_batch **batch) MUST_CHECK;

/* Second half, after the batch was committed or refused (`recorded`): the edits
 * for the body, sorted, in the arena of the plan. */
enum err ledger_edits(struct ledger_plan *plan, enum err recorded, struct json_edit **edits,
		      size_t *n, struct ledger_counts *counts) MUST_CHECK;

#endif
