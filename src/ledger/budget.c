/* A ceiling for all messages together. Blocks that were sent before keep their form; what
 * else there is over the ceiling is taken off the longest new forms, down to one length. */
#include <stdlib.h>

#include "ledger/plan.h"

/* Forms that what must survive keeps long leave their part to the others: look again. */
#define ROUNDS 3

/* A new form that may leave more out, and how often it stands in the body. */
struct share {
	struct decision *decision;
	uint64_t times;
};

/* Tokens of the body with what is decided so far. */
static uint64_t
tokens_so_far(const struct ledger_plan *plan)
{
	uint64_t n = plan->policy.message_tokens;

	for (uint32_t i = 0; i < plan->candidate_count; i++) {
		const struct store_form *const f = &plan->decisions[plan->candidates[i].decision].form;

		if (f->replaced && f->tokens_before > f->tokens_after &&
		    n > f->tokens_before - f->tokens_after)
			n -= f->tokens_before - f->tokens_after;
	}
	return n;
}

static int
longest_first(const void *a, const void *b)
{
	const uint32_t x = ((const struct share *)a)->decision->form.tokens_after;
	const uint32_t y = ((const struct share *)b)->decision->form.tokens_after;

	return (x < y) - (x > y);
}

static enum err
find_shares(const struct ledger_plan *plan, struct share **out, uint32_t *count)
{
	struct share *const shares = ARENA_ARRAY(plan->arena, struct share, plan->decision_count);
	uint64_t *const times = arena_zalloc(plan->arena, plan->decision_count * sizeof *times);

	if (!shares || !times)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < plan->candidate_count; i++)
		times[plan->candidates[i].decision]++;
	*count = 0;
	for (uint32_t i = 0; i < plan->decision_count; i++) {
		struct decision *const d = &plan->decisions[i];

		if (d->origin == ORIGIN_COMPRESSED && d->form.replaced)
			shares[(*count)++] = (struct share){ d, times[i] };
	}
	qsort(shares, *count, sizeof *shares, longest_first);
	*out = shares;
	return OK;
}

/* The length to which the longest have to come down for `excess` tokens to go; at least 1. */
static uint32_t
common_length(const struct share *shares, uint32_t count, uint64_t excess)
{
	uint64_t freed = 0, times = 0;
	uint32_t length = count ? shares[0].decision->form.tokens_after : 1;

	for (uint32_t i = 0; i < count; i++) {
		const uint32_t next = i + 1 < count ? shares[i + 1].decision->form.tokens_after : 1;

		times += shares[i].times;
		if (freed + times * (length - next) >= excess)
			return length - (uint32_t)((excess - freed + times - 1) / times);
		freed += times * (length - next);
		length = next;
	}
	return 1;
}

/* Again, shorter; what is no shorter is not taken. */
static void
shorten(struct ledger_plan *plan, struct decision *d, uint32_t target)
{
	const struct decision before = *d;

	compress_new(plan, d, target);
	if (!d->form.replaced || d->form.tokens_after >= before.form.tokens_after)
		*d = before;
}

enum err
fit_budget(struct ledger_plan *plan)
{
	const uint64_t budget = plan->policy.token_budget;
	struct share *shares;
	uint32_t count;

	for (int i = 0; i < ROUNDS && budget; i++) {
		const uint64_t tokens = tokens_so_far(plan);

		if (tokens <= budget)
			break;
		TRY(find_shares(plan, &shares, &count));
		const uint32_t length = common_length(shares, count, tokens - budget);
		for (uint32_t k = 0; k < count && shares[k].decision->form.tokens_after > length; k++)
			shorten(plan, shares[k].decision, length);
	}
	return OK;
}
