/* Rules 2 and 3: blocks that nothing is recorded of. */
#include "json/text.h"
#include "json/walk.h"
#include "ledger/plan.h"
#include "ledger/tools.h"
#include "tokens/tokens.h"

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

enum err
read_text(struct ledger_plan *plan, struct decision *d)
{
	return d->text.p ? OK : json_string(plan->doc, d->block->node, plan->arena, &d->text);
}

/* A new block that is not tried, and why. */
static bool
is_left_alone(const struct ledger_plan *plan, const struct decision *d, enum ledger_skip *why)
{
	const struct wire_block *const b = d->block;

	if (plan->policy.bypass)
		*why = LEDGER_SKIP_BYPASS;
	else if (!plan->policy.shrink)
		*why = LEDGER_SKIP_LOAD;
	else if (b->is_error && !tokens_at_least(TOKENS_O200K, d->text, LEDGER_ERROR_TOKENS))
		*why = LEDGER_SKIP_ERROR;
	else if (tools_is_retrieve(b->tool_name) ||
		 tools_excluded(plan->policy.exclude_tools, b->tool_name))
		*why = LEDGER_SKIP_TOOL;
	else if (tools_reads_file(plan->doc, b, plan->arena))
		*why = LEDGER_SKIP_FILE;
	else
		return false;
	return true;
}

/* ---- what elision needs ---- */

/* The call's arguments as JSON text. */
static struct span
arguments(const struct ledger_plan *plan, const struct wire_block *b)
{
	struct span text;

	if (b->tool_input == JSON_NONE)
		return SPAN_NONE;
	if (json_type(plan->doc, b->tool_input) != JSON_STRING)
		return json_raw(plan->doc, b->tool_input);
	return json_string(plan->doc, b->tool_input, plan->arena, &text) == OK ? text : SPAN_NONE;
}

/* The new blocks of a request mostly answer the same words. */
static struct span
user_text(struct ledger_plan *plan, uint32_t node)
{
	struct user_text *const u = &plan->user;

	if (node == JSON_NONE)
		return SPAN_NONE;
	if (!u->text.p || u->node != node) {
		u->node = node;
		if (wire_text(plan->doc, node, plan->arena, &u->text) != OK)
			u->text = SPAN_NONE;
	}
	return u->text;
}

/* Whether parts may be left out, the text being kept; says under which hash. */
static bool
may_elide(const struct ledger_plan *plan, const struct decision *d, char hash[STORE_HASH_DIGITS + 1])
{
	const struct ledger_policy *const p = &plan->policy;

	if (!plan->reader || !p->redeemable || p->profile <= PROFILE_LOSSLESS ||
	    d->text.n > store_original_limit(plan->reader))
		return false;
	store_original_hash(store_reader_secret(plan->reader), p->tenant, d->text, hash);
	return true;
}

/* What target_permille says of a block; 0: nothing. */
static uint32_t
own_target(const struct ledger_plan *plan, struct span text)
{
	const uint64_t permille = plan->policy.target_permille;

	if (permille == 0)
		return 0;
	const uint64_t target = tokens_count(TOKENS_O200K, text) * permille / 1000;
	return target ? (uint32_t)target : 1;
}

void
compress_new(struct ledger_plan *plan, struct decision *d, uint32_t target)
{
	char hash[STORE_HASH_DIGITS + 1] = "";
	struct fuel fuel = { compress_fuel_for(d->text.n) };
	struct compress_in in = {
		.text = d->text,
		.profile = plan->policy.profile,
		.floor_tokens = plan->policy.floor_tokens,
	};
	struct compress_out out;

	if (may_elide(plan, d, hash)) {
		in.hash = hash;
		in.must_keep = plan->policy.must_keep;
		in.hints = (struct compress_hints){
			.tool = d->block->tool_name,
			.arguments = arguments(plan, d->block),
			.user = user_text(plan, d->block->user),
		};
		in.target_tokens = target;
	}
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
	memset(d->form.hash, 0, sizeof d->form.hash);
	if (out.elided)
		memcpy(d->form.hash, hash, sizeof hash);
	d->items = out.items;
	d->items_after = out.items_after;
}

void
decide(struct ledger_plan *plan, struct decision *d)
{
	enum ledger_skip why;

	d->form.engine = COMPRESS_ENGINE_VERSION;
	if (plan->recall_failed)
		skip(d, LEDGER_SKIP_STORE);
	else if (!d->block->fresh && !plan->policy.adopt_compress)
		d->origin = ORIGIN_ADOPTED;
	else if (read_text(plan, d) != OK)
		left(d, COMPRESS_REASON_LIMIT);
	else if (is_left_alone(plan, d, &why))
		skip(d, why);
	else if (plan->policy.profile == PROFILE_OFF)
		left(d, COMPRESS_REASON_OFF);
	else
		compress_new(plan, d, own_target(plan, d->text));
}
