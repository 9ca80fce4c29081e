/* Which blocks of a request take part, and which of them are the same one. */
#include "ledger/plan.h"

static bool
is_long_enough(const struct json_doc *d, const struct wire_block *b)
{
	/* Escaped text is never shorter than plain text. */
	return json_inner(d, b->node).n >= LEDGER_LEAST_BYTES;
}

bool
ledger_wanted(const struct wire_view *v, const struct json_doc *d)
{
	for (uint32_t i = 0; i < v->block_count; i++)
		if (is_long_enough(d, &v->blocks[i]))
			return true;
	return false;
}

/* Open addressing on the keys, which are as good as random: nobody chooses them. */
struct key_table {
	uint32_t *slots;	/* index + 1 of a decision, or 0 */
	uint32_t mask;
};

static enum err
table_make(struct key_table *t, uint32_t entries, struct arena *a)
{
	uint32_t size = 16;

	while (size / 2 < entries && size < (1u << 30))
		size *= 2;
	t->slots = arena_zalloc(a, size * sizeof *t->slots);
	t->mask = size - 1;
	return t->slots ? OK : ERR_NOMEM;
}

static uint32_t *
table_slot(const struct key_table *t, const struct decision *decisions, const struct store_key *key)
{
	uint32_t at;

	memcpy(&at, key->b, sizeof at);
	while (t->slots[at & t->mask] &&
	       memcmp(decisions[t->slots[at & t->mask] - 1].form.key.b, key->b, STORE_KEY_BYTES) != 0)
		at++;
	return &t->slots[at & t->mask];
}

static void
add_candidate(struct ledger_plan *plan, struct key_table *t, const struct wire_block *b,
	      const struct store_key *key, const struct identity_text *text)
{
	uint32_t *const slot = table_slot(t, plan->decisions, key);

	if (*slot == 0) {
		plan->decisions[plan->decision_count] = (struct decision){
			.form.key = *key,
			.identity = *text,
			.block = b,
			.record = NOT_RECORDED,
		};
		*slot = ++plan->decision_count;
	}
	plan->candidates[plan->candidate_count++] = (struct candidate){ b->node, *slot - 1 };
}

static enum err
add_block(struct ledger_plan *plan, struct identity *id, struct key_table *t,
	  const struct wire_block *b)
{
	struct identity_text text;
	struct store_key key;

	/* A bypassed request says nothing but how its new blocks were sent. */
	if (!is_long_enough(plan->doc, b) || (plan->policy.bypass && !b->fresh))
		return OK;
	const enum err e = identity_json(id, json_inner(plan->doc, b->node),
					 plan->doc->nodes[b->node].escaped, plan->arena->limit, &text);
	/* Half a surrogate pair has no text; such a block is never replaced. */
	if (e == ERR_UNSUPPORTED || (e == OK && text.size < LEDGER_LEAST_BYTES))
		return OK;
	TRY(e);
	TRY(identity_key(id, plan->policy.tenant, b->call_id, &text, plan_use(&plan->policy), &key));
	add_candidate(plan, t, b, &key, &text);
	return OK;
}

static enum err
collect_all(struct ledger_plan *plan, struct identity *id)
{
	const size_t n = plan->view->block_count;
	struct key_table table;

	plan->candidates = ARENA_ARRAY(plan->arena, struct candidate, n);
	plan->decisions = ARENA_ARRAY(plan->arena, struct decision, n);
	if (!id || !plan->candidates || !plan->decisions)
		return ERR_NOMEM;
	TRY(table_make(&table, plan->view->block_count, plan->arena));
	for (size_t i = 0; i < n; i++)
		/* The library fails for want of memory only. */
		if (add_block(plan, id, &table, &plan->view->blocks[i]) != OK)
			return ERR_NOMEM;
	return OK;
}

enum err
collect_blocks(struct ledger_plan *plan)
{
	/* Nothing remembers these keys: they only tell the blocks of one body apart. */
	static const uint8_t no_secret[STORE_SECRET_BYTES];
	struct identity *own = plan->reader ? NULL : identity_make(no_secret);

	const enum err e = collect_all(plan, plan->reader ? identity_of(plan->reader) : own);
	identity_free(&own);
	return e;
}
