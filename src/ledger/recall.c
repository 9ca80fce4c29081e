/* Rule 1: what was sent is sent again. */
#include "ledger/plan.h"

/* The keys of decisions in question, and what was found under them. */
struct query {
	uint32_t *decisions;
	struct store_key *keys;
	struct store_form *forms;
	bool *found;
	uint32_t n;
};

static enum err
query_make(struct query *q, size_t room, struct arena *a)
{
	q->decisions = ARENA_ARRAY(a, uint32_t, room);
	q->keys = ARENA_ARRAY(a, struct store_key, room);
	q->forms = ARENA_ARRAY(a, struct store_form, room);
	q->found = ARENA_ARRAY(a, bool, room);
	return q->decisions && q->keys && q->forms && q->found ? OK : ERR_NOMEM;
}

/* A marker must reach somebody who can redeem it. */
static bool
is_for_us(const struct ledger_plan *plan, const struct store_form *f)
{
	return plan->policy.redeemable || !f->hash[0];
}

static enum err
accept(struct ledger_plan *plan, struct decision *d, const struct store_form *f)
{
	d->form = *f;
	d->origin = ORIGIN_RECALLED;
	return d->form.replaced && !plan->policy.bypass ? spell_replacement(d, plan->arena) : OK;
}

static enum err
ask(struct ledger_plan *plan, struct query *q)
{
	const enum err e = store_forms_get(plan->reader, q->keys, q->n, plan->arena, q->forms, q->found);

	if (e == ERR_NOMEM)
		return e;
	plan->recall_failed |= e != OK;
	for (uint32_t i = 0; i < q->n; i++)
		if (q->found[i] && is_for_us(plan, &q->forms[i]))
			TRY(accept(plan, &plan->decisions[q->decisions[i]], &q->forms[i]));
	return OK;
}

/* Redeemable and not: where there is no row of one kind, that of the other serves, so
 * that a conversation goes on as it was when its tools change. */
static enum err
ask_for_other_kind(struct ledger_plan *plan, struct query *q)
{
	struct identity *const id = identity_of(plan->reader);
	const uint8_t other = plan->policy.redeemable ? IDENTITY_PLAIN : IDENTITY_REDEEMABLE;

	q->n = 0;
	for (uint32_t i = 0; i < plan->decision_count; i++) {
		const struct decision *const d = &plan->decisions[i];

		if (d->origin != ORIGIN_UNDECIDED)
			continue;
		/* The library fails for want of memory only. */
		if (identity_key(id, plan->policy.tenant, d->block->call_id, &d->identity, other,
				 &q->keys[q->n]) != OK)
			return ERR_NOMEM;
		q->decisions[q->n++] = i;
	}
	return ask(plan, q);
}

enum err
recall(struct ledger_plan *plan)
{
	struct query q;

	TRY(query_make(&q, plan->decision_count, plan->arena));
	for (q.n = 0; q.n < plan->decision_count; q.n++) {
		q.keys[q.n] = plan->decisions[q.n].form.key;
		q.decisions[q.n] = q.n;
	}
	TRY(ask(plan, &q));
	return plan->recall_failed || plan->policy.by_profile ? OK : ask_for_other_kind(plan, &q);
}
