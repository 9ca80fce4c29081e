#include "json/text.h"
#include "json/walk.h"
#include "ledger/conversation.h"
#include "library/library.h"

/* As deep as a body on the provider routes may be; its size bounds the values. */
static const struct json_limits limits = { .depth = 1024, .nodes = UINT32_MAX };

/* One call's work; in its arena. */
struct work {
	struct arena arena;
	struct json_doc doc;
	uint32_t messages;
	struct tokens_model model;
	struct conversation conversation;
};

static hr_status
read_body(struct work *w, struct span body)
{
	struct span model = SPAN_NONE;

	const enum err e = json_scan(body, &limits, &w->arena, &w->doc);
	if (e == ERR_NOMEM)
		return HR_NO_MEMORY;
	/* Text that is none of ours, whatever is wrong with it. */
	w->messages = e == OK ? json_get(&w->doc, 0, SPAN("messages")) : JSON_NONE;
	if (w->messages == JSON_NONE || json_type(&w->doc, w->messages) != JSON_ARRAY)
		return HR_BAD_INPUT;
	const uint32_t named = json_get(&w->doc, 0, SPAN("model"));
	if (named != JSON_NONE && json_type(&w->doc, named) == JSON_STRING &&
	    json_string(&w->doc, named, &w->arena, &model) == ERR_NOMEM)
		return HR_NO_MEMORY;
	w->model = tokens_for_model(model);
	return HR_OK;
}

static hr_status
shrink(struct work *w, const struct hr_options *o, struct hr_store *store)
{
	const struct ledger_policy policy = {
		.profile = o->profile,
		.adopt_compress = true,
		.shrink = true,
		.redeemable = store != NULL,
		.floor_tokens = o->floor_tokens,
		.target_permille = o->target_permille,
		.must_keep = o->must_keep,
		.tenant = library_tenant(o),
		.exclude_tools = o->exclude_tools,
	};
	struct store_reader *const reader = store ? library_reader_take(store) : NULL;

	if (store && !reader)
		return HR_NO_MEMORY;
	const enum err e = conversation_shrink(&w->doc, &policy, NULL, store ? library_store(store) : NULL,
					       reader, &w->arena, &w->conversation);
	if (reader)
		library_reader_return(store, reader);
	return library_status(e);
}

static hr_status
give(struct work *w, struct hr_result **out)
{
	const struct conversation *const c = &w->conversation;
	struct hr_result *r;
	struct buf b;

	buf_init(&b, json_edited_size(w->doc.text, c->edits, c->edit_count));
	json_splice(w->doc.text, c->edits, c->edit_count, &b);
	r = library_result(&b);
	buf_free(&b);
	if (!r || !library_result_hashes(r, c->hashes, c->hash_count)) {
		hr_result_free(r);
		return HR_NO_MEMORY;
	}
	r->replaced = c->edit_count;
	conversation_count(c, &w->doc, w->messages, &w->model, &w->arena, &r->tokens_before,
			   &r->tokens_after);
	*out = r;
	return HR_OK;
}

hr_status
hr_compress_body(const hr_options *options, hr_store *store, const char *body, size_t length,
		 hr_result **out)
{
	const struct hr_options *const o = library_options(options);
	struct work w = { .messages = JSON_NONE };

	if (length > HR_TEXT_LIMIT)
		return HR_TOO_LARGE;
	arena_init(&w.arena, o->memory);
	hr_status status = read_body(&w, span_of(body, length));
	/* off is a look at the sizes: it decides nothing about later calls. */
	if (status == HR_OK && o->profile != PROFILE_OFF)
		status = shrink(&w, o, store);
	if (status == HR_OK)
		status = give(&w, out);
	arena_free(&w.arena);
	return status;
}
