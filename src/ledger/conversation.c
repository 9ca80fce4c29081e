#include "ledger/conversation.h"

#include "json/text.h"
#include "wire/message_tokens.h"

/* Tool results of both providers' shapes, in the order of the body. */
static enum err
view_both(const struct json_doc *d, struct arena *arena, struct wire_view *out)
{
	struct wire_view a, b;
	uint32_t i = 0, k = 0, n = 0;

	TRY(wire_view(WIRE_ANTHROPIC_MESSAGES, d, arena, &a));
	TRY(wire_view(WIRE_OPENAI_CHAT, d, arena, &b));
	struct wire_block *const blocks =
		ARENA_ARRAY(arena, struct wire_block, a.block_count + b.block_count + 1);
	if (!blocks)
		return ERR_NOMEM;
	while (i < a.block_count || k < b.block_count) {
		const bool first = k == b.block_count ||
				   (i < a.block_count && a.blocks[i].node < b.blocks[k].node);

		blocks[n++] = first ? a.blocks[i++] : b.blocks[k++];
	}
	*out = a;
	out->blocks = blocks;
	out->block_count = n;
	return OK;
}

enum err
conversation_shrink(const struct json_doc *d, const struct ledger_policy *p, struct store *store,
		    struct store_reader *reader, struct arena *a, struct conversation *out)
{
	struct ledger_plan *plan;
	struct store_batch *batch;
	struct wire_view view;
	enum err recorded = OK;

	TRY(view_both(d, a, &view));
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
