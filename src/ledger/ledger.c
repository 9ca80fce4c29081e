/* First half: what is known, what is decided, what must be recorded. */
#include "ledger/ledger.h"

#include "json/text.h"
#include "ledger/plan.h"
#include "ledger/tools.h"
#include "tokens/tokens.h"

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

/* ---- rule 1 ---- */

static enum err
recall(struct ledger_plan *plan, struct store_reader *r)
{
	const size_t n = plan->decision_count;
	struct store_key *const keys = ARENA_ARRAY(plan->arena, struct store_key, n);
	struct store_form *const forms = ARENA_ARRAY(plan->arena, struct store_form, n);
	bool *const found = ARENA_ARRAY(plan->arena, bool, n);

	if (!keys || !forms || !found)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		keys[i] = plan->decisions[i].form.key;
	const enum err e = store_forms_get(r, keys, (uint32_t)n, plan->arena, forms, found);
	if (e == ERR_NOMEM)
		return e;
	plan->recall_failed = e != OK;
	for (size_t i = 0; i < n; i++) {
		struct decision *const d = &plan->decisions[i];

		if (!found[i])
			continue;
		d->form = forms[i];
		d->origin = ORIGIN_RECALLED;
		if (d->form.replaced && !plan->policy.bypass)
			TRY(spell_replacement(d, plan->arena));
	}
	return OK;
}

/* ---- rules 2 and 3 ---- */

static void
skip(struct decision *d, enum ledger_skip why)
{
	d->origin = ORIGIN_SKIPPED;
	d->skip = why;
}

static void
left(struct decision *d, enum compress_reason why)
{
	d->origin = ORIGIN_COMPRESSED;
	d->reason = why;
}

/* A new block that is not tried, and why. */
static bool
is_left_alone(const struct ledger_plan *plan, const struct decision *d, struct span text,
	      enum ledger_skip *why)
{
	const struct wire_block *const b = d->block;

	if (plan->policy.bypass)
		*why = LEDGER_SKIP_BYPASS;
	else if (!plan->policy.shrink)
		*why = LEDGER_SKIP_LOAD;
	else if (b->is_error && !tokens_at_least(TOKENS_O200K, text, LEDGER_ERROR_TOKENS))
		*why = LEDGER_SKIP_ERROR;
	else if (tools_excluded(plan->policy.exclude_tools, b->tool_name))
		*why = LEDGER_SKIP_TOOL;
	else if (tools_reads_file(plan->doc, b, plan->arena))
		*why = LEDGER_SKIP_FILE;
	else
		return false;
	return true;
}

static void
compress(struct ledger_plan *plan, struct decision *d, struct span text)
{
	const struct compress_in in = {
		.text = text,
		.profile = plan->policy.profile,
		.floor_tokens = plan->policy.floor_tokens,
	};
	struct fuel fuel = { compress_fuel_for(text.n) };
	struct compress_out out;

	compress_block(&in, plan->arena, &fuel, &out);
	left(d, out.reason);
	if (out.form == COMPRESS_VERBATIM || out.text.n == 0)
		return;
	d->form.text = out.text;
	/* Now, so that nothing can fail between recording and sending. */
	if (spell_replacement(d, plan->arena) != OK) {
		d->reason = COMPRESS_REASON_LIMIT;
		return;
	}
	d->form.replaced = true;
	d->form.form = out.form;
	d->form.tokens_before = out.tokens_before;
	d->form.tokens_after = out.tokens_after;
}

static void
decide(struct ledger_plan *plan, struct decision *d)
{
	enum ledger_skip why;
	struct span text;

	d->form.engine = COMPRESS_ENGINE_VERSION;
	if (plan->recall_failed)
		skip(d, LEDGER_SKIP_STORE);
	else if (!d->block->fresh && !plan->policy.adopt_compress)
		d->origin = ORIGIN_ADOPTED;
	else if (json_string(plan->doc, d->block->node, plan->arena, &text) != OK)
		left(d, COMPRESS_REASON_LIMIT);
	else if (is_left_alone(plan, d, text, &why))
		skip(d, why);
	else if (plan->policy.profile == PROFILE_OFF)
		left(d, COMPRESS_REASON_OFF);
	else
		compress(plan, d, text);
}

/* ---- what must be recorded ---- */

/* Old forms that were last used long ago are recorded again with the new ones, or
 * they would be dropped from under a conversation that lives. */
static void
fill_batch(struct ledger_plan *plan)
{
	struct store_batch *const b = &plan->batch;

	for (uint32_t i = 0; i < plan->decision_count; i++) {
		struct decision *const d = &plan->decisions[i];

		if (d->origin == ORIGIN_RECALLED && !d->form.stale)
			continue;
		d->record = b->form_count;
		b->forms[b->form_count++] = d->form;
	}
}

/* What the rest needs, taken before compressing can use the arena up. */
static enum err
make_room(struct ledger_plan *plan)
{
	const size_t n = plan->decision_count;

	plan->batch.arena = plan->arena;
	plan->batch.forms = ARENA_ARRAY(plan->arena, struct store_form, n);
	plan->edits = arena_alloc(plan->arena, plan->candidate_count * sizeof *plan->edits);
	return plan->batch.forms && plan->edits ? OK : ERR_NOMEM;
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
	plan->view = v;
	plan->doc = d;
	plan->policy = *p;
	TRY(collect_blocks(plan, r));
	TRY(make_room(plan));
	if (r)
		TRY(recall(plan, r));
	for (uint32_t i = 0; i < plan->decision_count; i++)
		if (plan->decisions[i].origin == ORIGIN_UNDECIDED)
			decide(plan, &plan->decisions[i]);
	if (r)
		fill_batch(plan);
	*out = plan;
	*batch = plan->batch.form_count ? &plan->batch : NULL;
	return OK;
}
