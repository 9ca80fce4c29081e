/* Which originals the edited body's markers name. */
#include "ledger/plan.h"

/* Open addressing on the hashes, which are as good as random: nobody chooses them. */
static bool
is_first(struct span *slots, size_t mask, struct span hash)
{
	size_t at;

	memcpy(&at, hash.p, sizeof at);
	while (slots[at & mask].p && !span_eq(slots[at & mask], hash))
		at++;
	if (slots[at & mask].p)
		return false;
	slots[at & mask] = hash;
	return true;
}

enum err
ledger_hashes(const struct ledger_plan *plan, struct span **hashes, size_t *n)
{
	struct span *const out = ARENA_ARRAY(plan->arena, struct span, plan->decision_count);
	size_t size = 16;
	size_t made = 0;

	while (size / 2 < plan->decision_count)
		size *= 2;
	struct span *const slots = arena_zalloc(plan->arena, size * sizeof *slots);
	if (!out || !slots)
		return ERR_NOMEM;
	/* Decisions stand in the order of their first block. */
	for (uint32_t i = 0; i < plan->decision_count && !plan->policy.bypass; i++) {
		const struct store_form *const f = &plan->decisions[i].form;
		const struct span hash = span_of(f->hash, STORE_HASH_DIGITS);

		if (f->replaced && f->hash[0] && is_first(slots, size - 1, hash))
			out[made++] = hash;
	}
	*hashes = out;
	*n = made;
	return OK;
}
