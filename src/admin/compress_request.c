#include "admin/compress_request.h"

#include <stdlib.h>

#include "admin/named_originals.h"
#include "json/number.h"
#include "json/text.h"
#include "json/walk.h"
#include "json/write.h"
#include "ledger/conversation.h"
#include "wire/message_tokens.h"

/* As deep as a body on the provider routes may be; its size bounds the values. */
static const struct json_limits limits = { .depth = 1024, .nodes = UINT32_MAX };

/* Of tokens; no model reads as many. */
#define BUDGET_MAX 1000000000u

/* Names of options without effect that are given back. */
#define IGNORED 32

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
	struct conversation_scope scope;
	uint64_t token_budget;		/* of the model's tokens; 0: none */
	uint32_t target_permille;
	struct span ignored[IGNORED];
	uint32_t ignored_count;
	struct conversation conversation;
	struct store_reader *reader;
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

static void
ignore(struct work *w, struct span name)
{
	if (w->ignored_count < IGNORED)
		w->ignored[w->ignored_count++] = name;
}

/* A whole number from `least` to `most`; null leaves *out as it is. */
static int
read_count(struct work *w, uint32_t node, const char *name, uint64_t least, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;

	if (is_null(&w->doc, node))
		return 0;
	const struct span raw = json_raw(&w->doc, node);
	while (i < raw.n && i < 15 && raw.p[i] >= '0' && raw.p[i] <= '9')
		n = n * 10 + (uint64_t)(raw.p[i++] - '0');
	if (i < raw.n || n < least || n > most)
		return refusal_input(w->why, "%s must be a whole number from %llu to %llu.", name,
				     (unsigned long long)least, (unsigned long long)most);
	*out = n;
	return 0;
}

static int
read_ratio(struct work *w, uint32_t node)
{
	const struct span raw = json_raw(&w->doc, node);
	char text[64] = "";

	if (is_null(&w->doc, node))
		return 0;
	if (json_type(&w->doc, node) != JSON_NUMBER || json_number_compare(raw, SPAN("0")) <= 0 ||
	    json_number_compare(raw, SPAN("1")) > 0)
		return refusal_input(w->why, "config.target_ratio must be a number above 0 and up to 1: tokens "
					     "after by tokens before.");
	memcpy(text, raw.p, raw.n < sizeof text ? raw.n : sizeof text - 1);
	w->target_permille = (uint32_t)(strtod(text, NULL) * 1000 + 0.5);
	if (w->target_permille == 0)
		w->target_permille = 1;
	return 0;
}

static int
read_flag(struct work *w, uint32_t node, const char *name, bool *out)
{
	if (is_null(&w->doc, node))
		return 0;
	if (json_type(&w->doc, node) != JSON_TRUE && json_type(&w->doc, node) != JSON_FALSE)
		return refusal_input(w->why, "config.%s must be true or false.", name);
	*out = json_type(&w->doc, node) == JSON_TRUE;
	return 0;
}

static int
read_option(struct work *w, uint32_t key)
{
	const uint32_t value = key + 1;
	uint64_t recent = w->scope.protect_recent;
	int status;

	if (json_is(&w->doc, key, SPAN("profile")))
		return read_profile(w, value, "profile");
	if (json_is(&w->doc, key, SPAN("mode")))
		return read_profile(w, value, "mode");
	if (json_is(&w->doc, key, SPAN("target_ratio")))
		return read_ratio(w, value);
	if (json_is(&w->doc, key, SPAN("compress_user_messages")))
		return read_flag(w, value, "compress_user_messages", &w->scope.user_messages);
	if (json_is(&w->doc, key, SPAN("protect_recent"))) {
		status = read_count(w, value, "config.protect_recent", 0, UINT32_MAX, &recent);
		w->scope.protect_recent = (uint32_t)recent;
		return status;
	}
	ignore(w, json_inner(&w->doc, key));
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
		const int status = read_option(w, key);

		if (status)
			return status;
	}
	return 0;
}

/* What steers elision does nothing where nothing is left out. */
static void
drop_steering(struct work *w)
{
	if (w->profile > PROFILE_LOSSLESS)
		return;
	if (w->target_permille)
		ignore(w, SPAN("target_ratio"));
	if (w->token_budget)
		ignore(w, SPAN("token_budget"));
	w->target_permille = 0;
	w->token_budget = 0;
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
	int status = read_count(w, json_get(&w->doc, 0, SPAN("token_budget")), "token_budget", 1, BUDGET_MAX,
				&w->token_budget);
	if (!status)
		status = read_config(w, json_get(&w->doc, 0, SPAN("config")));
	drop_steering(w);
	return status;
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

/* Forms are chosen by o200k; the budget is in the model's own tokens. */
static void
set_budget(struct work *w, struct ledger_policy *policy)
{
	static const struct tokens_model o200k = { .encoding = TOKENS_O200K, .exact = true, .scale = 1 };

	if (!w->token_budget)
		return;
	const uint64_t own = message_tokens(&w->doc, w->messages, &w->model, w->arena);
	policy->message_tokens = message_tokens(&w->doc, w->messages, &o200k, w->arena);
	policy->token_budget = own ? w->token_budget * policy->message_tokens / own : w->token_budget;
	if (policy->token_budget == 0)
		policy->token_budget = 1;
}

static enum err
shrink(struct work *w, struct store *store, struct store_reader *reader)
{
	struct ledger_policy policy = {
		.profile = w->profile,
		.adopt_compress = true,
		.shrink = true,
		.redeemable = true,
		.by_profile = true,
		.variant = w->target_permille | w->token_budget << 16,
		.target_permille = w->target_permille,
		.floor_tokens = w->request->floor_tokens,
		.tenant = w->request->tenant,
		.exclude_tools = w->request->exclude_tools,
		.must_keep = w->request->must_keep,
	};

	/* off is a look at the sizes: it decides nothing about later calls. */
	if (!store || !reader || w->profile == PROFILE_OFF)
		return OK;
	set_budget(w, &policy);
	return conversation_shrink(&w->doc, &policy, &w->scope, store, reader, w->arena, &w->conversation);
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
	if (w->ignored_count == 0)
		return;
	jw_key(jw, "ignored_options");
	jw_array(jw);
	for (uint32_t i = 0; i < w->ignored_count; i++)
		jw_span(jw, w->ignored[i]);
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
	const size_t from = w->out->n;
	write_messages(w, &jw);
	/* Beside the hashes of this answer's own forms those of earlier ones, sent back. */
	if (named_originals(span_from(buf_span(w->out), from), w->request->tenant, w->reader, w->arena,
			    &w->conversation.hashes, &w->conversation.hash_count) != OK)
		return refusal_memory(w->why);
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
	struct work w = { .request = r, .arena = a, .out = out, .why = why, .profile = r->profile, .reader = reader };
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
