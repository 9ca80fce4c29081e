#include "ledger/conversation.h"

#include "json/text.h"
#include "json/walk.h"
#include "wire/message_tokens.h"
#include "wire/user_text.h"

/* Two lists as one, in the order of the body; returns its length. */
static uint32_t
merge(const struct wire_block *a, uint32_t na, const struct wire_block *b, uint32_t nb,
      struct wire_block *out)
{
	uint32_t i = 0, k = 0, n = 0;

	while (i < na || k < nb) {
		const bool first = k == nb || (i < na && a[i].node < b[k].node);

		out[n++] = first ? a[i++] : b[k++];
	}
	return n;
}

static enum err
add_blocks(struct wire_view *v, const struct wire_block *more, uint32_t n, struct arena *a)
{
	struct wire_block *const all = ARENA_ARRAY(a, struct wire_block, v->block_count + n + 1);

	if (!all)
		return ERR_NOMEM;
	v->block_count = merge(v->blocks, v->block_count, more, n, all);
	v->blocks = all;
	return OK;
}

/* Tool results of both providers' shapes, and what else is in scope, in the order of the
 * body. */
static enum err
view_all(const struct json_doc *d, const struct conversation_scope *scope, struct arena *a,
	 struct wire_view *out)
{
	struct wire_view other;
	struct wire_block *users;
	uint32_t n;

	TRY(wire_view(WIRE_ANTHROPIC_MESSAGES, d, a, out));
	TRY(wire_view(WIRE_OPENAI_CHAT, d, a, &other));
	TRY(add_blocks(out, other.blocks, other.block_count, a));
	if (!scope)
		return OK;
	if (scope->user_messages) {
		TRY(wire_user_blocks(d, json_get(d, 0, SPAN("messages")), a, &users, &n));
		TRY(add_blocks(out, users, n, a));
	}
	while (out->block_count && out->message_count - out->blocks[out->block_count - 1].message <=
					   scope->protect_recent)
		out->block_count--;
	return OK;
}

enum err
conversation_shrink(const struct json_doc *d, const struct ledger_policy *p,
		    const struct conversation_scope *scope, struct store *store,
		    struct store_reader *reader, struct arena *a, struct conversation *out)
{
	struct ledger_plan *plan;
	struct store_batch *batch;
	struct wire_view view;
	enum err recorded = OK;

	TRY(view_all(d, scope, a, &view));
	TRY(ledger_plan(&view, d, p, reader, a, &plan, &batch));
	if (batch)
		recorded = store_write(store, batch);
	TRY(ledger_edits(plan, recorded, &out->edits, &out->edit_count, &out->counts));
	return ledger_hashes(plan, &out->hashes, &out->hash_count);
}

static uint64_t
tokens_of_string(const struct span json, const struct tokens_model *model, struct arena *a)
{
	struct span text;

	if (json_unescape(span_of(json.p + 1, json.n - 2), a, &text) != OK)
		return 0;
	return tokens_for(model, text);
}

/* Those before, less what was replaced, plus the replacements. */
void
conversation_count(const struct conversation *c, const struct json_doc *d, uint32_t messages,
		   const struct tokens_model *model, struct arena *a, uint64_t *before,
		   uint64_t *after)
{
	*before = *after = message_tokens(d, messages, model, a);
	for (size_t i = 0; i < c->edit_count; i++) {
		const struct json_edit *const e = &c->edits[i];

		*after -= tokens_of_string(span_of(d->text.p + e->off, e->len), model, a);
		*after += tokens_of_string(e->with, model, a);
	}
}
