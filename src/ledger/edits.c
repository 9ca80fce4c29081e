/* Second half: what was recorded is what is sent. */
#include "ledger/plan.h"

/* Did the batch come back with another's form? The store puts texts that it hands
 * out elsewhere. */
static bool
is_another(const struct store_form *ours, const struct store_form *back)
{
	return ours->replaced != back->replaced || ours->text.p != back->text.p;
}

static void
fall_back(struct decision *d)
{
	d->form.replaced = false;
	d->origin = ORIGIN_SKIPPED;
	d->skip = LEDGER_SKIP_STORE;
}

/* Nothing that is not recorded may be sent, and no marker whose original is not
 * there. */
static bool
may_be_sent(const struct decision *d, enum err recorded)
{
	return !d->form.gone && (recorded == OK || d->origin == ORIGIN_RECALLED);
}

/* Takes what the store gave back. */
static enum err
take_back(struct ledger_plan *plan, struct decision *d)
{
	const struct store_form *const back = &plan->batch.forms[d->record];

	if (!is_another(&d->form, back))
		return OK;
	d->form = *back;
	d->origin = ORIGIN_RECALLED;
	return d->form.replaced && !plan->policy.bypass ? spell_replacement(d, plan->arena) : OK;
}

static enum err
settle(struct ledger_plan *plan, struct decision *d, enum err recorded)
{
	if (d->record == NOT_RECORDED)
		return OK;
	if (recorded == OK)
		TRY(take_back(plan, d));
	if (d->form.replaced && !may_be_sent(d, recorded))
		fall_back(d);
	return OK;
}

static void
count(const struct decision *d, bool bypass, struct ledger_counts *c)
{
	c->blocks++;
	if (bypass) {
		c->skipped[LEDGER_SKIP_BYPASS]++;
		return;
	}
	switch (d->origin) {
	case ORIGIN_RECALLED:
		c->replayed++;
		break;
	case ORIGIN_ADOPTED:
		c->adopted++;
		break;
	case ORIGIN_SKIPPED:
		c->skipped[d->skip]++;
		break;
	case ORIGIN_COMPRESSED:
		if (d->form.replaced)
			c->compressed++;
		else
			c->verbatim[d->reason]++;
		break;
	case ORIGIN_UNDECIDED:
		break;
	}
	if (!d->form.replaced)
		return;
	/* A later version may have recorded a form that we can not name. */
	if (d->form.form < COMPRESS_FORMS) {
		c->by_form[d->form.form]++;
		if (d->form.tokens_before > d->form.tokens_after)
			c->saved_by_form[d->form.form] += d->form.tokens_before - d->form.tokens_after;
	}
	c->elided += d->form.hash[0] != '\0';
	c->tokens_before += d->form.tokens_before;
	c->tokens_after += d->form.tokens_after;
}

static size_t
edited_size(const struct ledger_plan *plan, size_t edits)
{
	size_t n = plan->doc->text.n;

	for (size_t i = 0; i < edits; i++)
		n = n - plan->edits[i].len + plan->edits[i].with.n;
	return n;
}

/* Says where in the edited body the saved tokens would lie. */
static void
place_saved(const struct ledger_plan *plan, size_t edits, struct ledger_counts *c)
{
	const size_t size = edited_size(plan, edits);
	size_t at = 0, copied = 0, i = 0;

	for (uint32_t k = 0; k < plan->candidate_count && i < edits; k++) {
		const struct candidate *const one = &plan->candidates[k];
		const struct store_form *const f = &plan->decisions[one->decision].form;
		const struct json_edit *const e = &plan->edits[i];

		if (e->off != plan->doc->nodes[one->node].off)
			continue;
		at += e->off - copied;
		if (f->tokens_before > f->tokens_after)
			c->saved[at * LEDGER_PARTS / size] += f->tokens_before - f->tokens_after;
		at += e->with.n;
		copied = e->off + e->len;
		i++;
	}
}

enum err
ledger_edits(struct ledger_plan *plan, enum err recorded, struct json_edit **edits, size_t *n,
	     struct ledger_counts *counts)
{
	const bool bypass = plan->policy.bypass;
	struct ledger_counts c = {
		.recall_failed = plan->recall_failed,
		.record_failed = recorded != OK,
	};
	size_t made = 0;

	for (uint32_t i = 0; i < plan->decision_count; i++)
		TRY(settle(plan, &plan->decisions[i], recorded));
	for (uint32_t i = 0; i < plan->candidate_count; i++) {
		const struct candidate *const one = &plan->candidates[i];
		const struct decision *const d = &plan->decisions[one->decision];

		count(d, bypass, &c);
		if (!d->form.replaced || bypass)
			continue;
		const struct json_node *const node = &plan->doc->nodes[one->node];
		plan->edits[made++] = (struct json_edit){ node->off, node->len, d->json };
	}
	place_saved(plan, made, &c);
	*edits = plan->edits;
	*n = made;
	*counts = c;
	return OK;
}
