#include "admin/compress_request.h"

#include "json/text.h"
#include "json/walk.h"
#include "json/write.h"
#include "ledger/conversation.h"

/* As deep as a body on the provider routes may be; its size bounds the values. */
static const struct json_limits limits = { .depth = 1024, .nodes = UINT32_MAX };

/* The request as far as it was understood. */
struct work {
	const struct compress_request *request;
	struct arena *arena;
	struct buf *out;
	struct refusal *why;
	struct json_doc doc;
	uint32_t messages;
	struct tokens_model model;
	enum profile profile;
	const char *ignored[8];
	uint32_t ignored_count;
	struct span ignored_config[32];
	uint32_t ignored_config_count;
	struct conversation conversation;
	uint64_t tokens_before;
	uint64_t tokens_after;
};

static bool
is_null(const struct json_doc *d, uint32_t node)
{
	return node == JSON_NONE || json_type(d, node) == JSON_NULL;
}

/* A profile named in config; 0 when there is one of that name. */
static int
read_profile(struct work *w, uint32_t node, const char *member)
{
	struct span name;

	if (is_null(&w->doc, node))
		return 0;
	if (json_type(&w->doc, node) != JSON_STRING ||
	    json_string(&w->doc, node, w->arena, &name) != OK || !profile_parse(name, &w->profile))
		return refusal_input(w->why, "config.%s is one of \"off\", \"lossless\", \"balanced\", \"aggressive\".",
				    member);
	return 0;
}

/* Reads config; members without effect are remembered to be named. */
static int
read_config(struct work *w, uint32_t config)
{
	if (config == JSON_NONE)
		return 0;
	if (json_type(&w->doc, config) != JSON_OBJECT)
		return refusal_input(w->why, "config must be an object.");
	for (JSON_MEMBERS(&w->doc, config, key)) {
		int status = 0;

		if (json_is(&w->doc, key, SPAN("profile")))
			status = read_profile(w, key + 1, "profile");
		else if (json_is(&w->doc, key, SPAN("mode")))
			status = read_profile(w, key + 1, "mode");
		else if (w->ignored_config_count < 32)
			w->ignored_config[w->ignored_config_count++] = json_inner(&w->doc, key);
		if (status)
			return status;
	}
	return 0;
}

static int
read_members(struct work *w)
{
	const uint32_t model = json_get(&w->doc, 0, SPAN("model"));
	struct span name;

	w->messages = json_get(&w->doc, 0, SPAN("messages"));
	if (is_null(&w->doc, w->messages))
		return refusal_input(w->why, "Missing required field: messages");
	if (json_type(&w->doc, w->messages) != JSON_ARRAY)
		return refusal_input(w->why, "messages must be an array of messages.");
	for (JSON_EACH(&w->doc, w->messages, m))
		if (json_type(&w->doc, m) != JSON_OBJECT)
			return refusal_input(w->why, "Each of messages must be an object.");
	if (is_null(&w->doc, model))
		return refusal_input(w->why, "Missing required field: model");
	if (json_type(&w->doc, model) != JSON_STRING ||
	    json_string(&w->doc, model, w->arena, &name) != OK)
		return refusal_input(w->why, "model must be a string.");
	w->model = tokens_for_model(name);
	if (json_get(&w->doc, 0, SPAN("token_budget")) != JSON_NONE)
		w->ignored[w->ignored_count++] = "token_budget";
	return read_config(w, json_get(&w->doc, 0, SPAN("config")));
}

static int
read_request(struct work *w)
{
	const enum err e = json_scan(w->request->body, &limits, w->arena, &w->doc);

	if (e == ERR_NOMEM)
		return refusal_memory(w->why);
	if (e == ERR_LIMIT)
		return refusal_input(w->why, "The body nests deeper than %u levels.", limits.depth);
	if (e != OK || json_type(&w->doc, 0) != JSON_OBJECT)
		return refusal_input(w->why, "Invalid JSON in request body.");
	return w->request->bypass ? 0 : read_members(w);
}

static enum err
shrink(struct work *w, struct store *store, struct store_reader *reader)
{
	const struct ledger_policy policy = {
		.profile = w->profile,
		.adopt_compress = true,
		.shrink = true,
		.redeemable = true,
		.by_profile = true,
		.floor_tokens = w->request->floor_tokens,
		.tenant = w->request->tenant,
		.exclude_tools = w->request->exclude_tools,
	};

	/* off is a look at the sizes: it decides nothing about later calls. */
	if (!store || !reader || w->profile == PROFILE_OFF)
		return OK;
	return conversation_shrink(&w->doc, &policy, store, reader, w->arena, &w->conversation);
}

/* The messages array with its edits, as one raw value. */
static void
write_messages(struct work *w, struct json_writer *jw)
{
	const struct span raw = json_raw(&w->doc, w->messages);
	const size_t from = w->doc.nodes[w->messages].off;
	struct json_edit *const edits = w->conversation.edits;
	const size_t n = w->conversation.edit_count;

	for (size_t i = 0; i < n; i++)
		edits[i].off -= from;
	jw_key(jw, "messages");
	jw_raw(jw, SPAN(""));
	json_splice(raw, edits, n, w->out);
}

static void
write_transforms(const struct ledger_counts *counts, struct json_writer *jw)
{
	jw_key(jw, "transforms_applied");
	jw_array(jw);
	for (int f = 0; f < COMPRESS_FORMS; f++)
		if (counts->by_form[f])
			jw_string(jw, compress_form_name((enum compress_form)f));
	jw_end_array(jw);
	jw_key(jw, "transforms_summary");
	jw_object(jw);
	for (int f = 0; f < COMPRESS_FORMS; f++)
		if (counts->by_form[f])
			jw_ku64(jw, compress_form_name((enum compress_form)f), counts->by_form[f]);
	jw_end_object(jw);
}

static void
write_ignored(const struct work *w, struct json_writer *jw)
{
	if (w->ignored_count + w->ignored_config_count == 0)
		return;
	jw_key(jw, "ignored_options");
	jw_array(jw);
	for (uint32_t i = 0; i < w->ignored_count; i++)
		jw_string(jw, w->ignored[i]);
	for (uint32_t i = 0; i < w->ignored_config_count; i++)
		jw_span(jw, w->ignored_config[i]);
	jw_end_array(jw);
}

static int
write_answer(struct work *w)
{
	struct json_writer jw;
	/* Forms are chosen by o200k; another tokenizer may see it otherwise. */
	const uint64_t saved =
		w->tokens_before > w->tokens_after ? w->tokens_before - w->tokens_after : 0;

	jw_init(&jw, w->out);
	jw_object(&jw);
	write_messages(w, &jw);
	jw_ku64(&jw, "tokens_before", w->tokens_before);
	jw_ku64(&jw, "tokens_after", w->tokens_after);
	jw_ku64(&jw, "tokens_saved", saved);
	jw_knumber(&jw, "compression_ratio",
		   w->tokens_before ? (double)w->tokens_after / (double)w->tokens_before : 1.0, 4);
	jw_kbool(&jw, "tokens_estimated", !w->model.exact);
	write_transforms(&w->conversation.counts, &jw);
	jw_key(&jw, "ccr_hashes");
	jw_array(&jw);
	for (size_t i = 0; i < w->conversation.hash_count; i++)
		jw_span(&jw, w->conversation.hashes[i]);
	jw_end_array(&jw);
	write_ignored(w, &jw);
	jw_end_object(&jw);
	if (buf_err(w->out) != OK)
		return refusal_memory(w->why);
	return 200;
}

/* Bypass: whatever stands in messages comes back, or [] when nothing does. */
static int
echo(struct work *w)
{
	w->messages = json_get(&w->doc, 0, SPAN("messages"));
	w->model = (struct tokens_model){ .exact = true };
	if (w->messages != JSON_NONE)
		return write_answer(w);
	w->doc = (struct json_doc){ .text = SPAN("[]"), .nodes = arena_zalloc(w->arena, sizeof *w->doc.nodes) };
	if (!w->doc.nodes)
		return refusal_memory(w->why);
	w->doc.nodes[0].len = 2;
	w->messages = 0;
	return write_answer(w);
}

int
compress_request_answer(const struct compress_request *r, struct store *store,
			struct store_reader *reader, struct arena *a, struct buf *out,
			struct refusal *why)
{
	struct work w = { .request = r, .arena = a, .out = out, .why = why, .profile = PROFILE_LOSSLESS };
	const int status = read_request(&w);

	if (status)
		return status;
	if (r->bypass)
		return echo(&w);
	const enum err e = shrink(&w, store, reader);
	if (e == ERR_NOMEM)
		return refusal_memory(why);
	/* A request that the views cannot read for sure is given back as it is. */
	if (e != OK)
		w.conversation.edit_count = 0;
	conversation_count(&w.conversation, &w.doc, w.messages, &w.model, a, &w.tokens_before,
			   &w.tokens_after);
	return write_answer(&w);
}
