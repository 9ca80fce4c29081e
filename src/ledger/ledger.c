/* First half: what is known, what is decided, what must be recorded. */
#include "ledger/ledger.h"

#include "json/text.h"
#include "ledger/plan.h"

enum err
spell_replacement(struct decision *d, struct arena *a)
{
	struct buf b;

	/* At most six bytes for one: \u00xx. */
	buf_init(&b, d->form.text.n * 6 + 2);
	buf_add_char(&b, '"');
	json_escape(&b, d->form.text);
	buf_add_char(&b, '"');
	const struct span json =
		buf_err(&b) == OK ? arena_copy(a, buf_span(&b)) : SPAN_NONE;
	buf_free(&b);
	if (!json.p)
		return ERR_NOMEM;
	d->json = json;
	return OK;
}

/* ---- what must be recorded ---- */

/* The original that a form to be recorded names: of a new one, or of an old one that was
 * last used long ago or has gone; its text is in this very request. */
static enum err
add_original(struct ledger_plan *plan, struct decision *d)
{
	struct store_batch *const b = &plan->batch;

	if (!d->form.hash[0] || plan->policy.bypass || d->identity.size > store_original_limit(plan->reader))
		return OK;
	TRY(read_text(plan, d));
	plan->originals[b->original_count] = (struct store_original){
		.tenant = plan->policy.tenant,
		.tool = d->block->tool_name,
		.text = d->text,
		.tokens = d->form.tokens_before,
		.tokens_after = d->form.tokens_after,
		.items = d->items,
		.items_after = d->items_after,
	};
	memcpy(plan->originals[b->original_count++].hash, d->form.hash, sizeof d->form.hash);
	return OK;
}

/* Old forms that were last used long ago are recorded again with the new ones, or
 * they would be dropped from under a conversation that lives. */
static enum err
fill_batch(struct ledger_plan *plan)
{
	struct store_batch *const b = &plan->batch;

	for (uint32_t i = 0; i < plan->decision_count; i++) {
		struct decision *const d = &plan->decisions[i];

		if (d->origin == ORIGIN_RECALLED && !d->form.stale)
			continue;
		TRY(add_original(plan, d));
		d->record = b->form_count;
		b->forms[b->form_count++] = d->form;
	}
	return OK;
}

/* What the rest needs, taken before compressing can use the arena up. */
static enum err
make_room(struct ledger_plan *plan)
{
	const size_t n = plan->decision_count;

	plan->batch.arena = plan->arena;
	plan->batch.forms = ARENA_ARRAY(plan->arena, struct store_form, n);
	plan->originals = ARENA_ARRAY(plan->arena, struct store_original, n);
	plan->batch.originals = plan->originals;
	plan->edits = arena_alloc(plan->arena, plan->candidate_count * sizeof *plan->edits);
	return plan->batch.forms && plan->originals && plan->edits ? OK : ERR_NOMEM;
}

enum err
ledger_plan(const struct wire_view *v, const struct json_doc *d, const struct ledger_policy *p,
	    struct store_reader *r, struct arena *a, struct ledger_plan **out,
	    struct store_batch **batch)
{
	struct ledger_plan *const plan = arena_zalloc(a, sizeof *plan);

	if (!plan)
		return ERR_NOMEM;
	plan->arena = a;
	plan->reader = r;
	plan->view = v;
	plan->doc = d;
	plan->policy = *p;
	TRY(collect_blocks(plan));
	TRY(make_room(plan));
	if (r)
		TRY(recall(plan));
	for (uint32_t i = 0; i < plan->decision_count; i++)
		if (plan->decisions[i].origin == ORIGIN_UNDECIDED)
			decide(plan, &plan->decisions[i]);
	TRY(fit_budget(plan));
	if (r)
		TRY(fill_batch(plan));
	*out = plan;
	*batch = plan->batch.form_count ? &plan->batch : NULL;
	return OK;
}
