#include "wire/usage.h"

#include "json/walk.h"
#include "wire/octet.h"

/* Far above any count that a provider gives; sums stay far from overflow. */
#define MAX_TOKENS 1000000000000

#define MAX_DEPTH 256

static const struct usage nothing = {
	.input_tokens = USAGE_UNKNOWN,
	.cache_read_tokens = USAGE_UNKNOWN,
	.cache_creation_tokens = USAGE_UNKNOWN,
	.cache_creation_5m_tokens = USAGE_UNKNOWN,
	.cache_creation_1h_tokens = USAGE_UNKNOWN,
	.output_tokens = USAGE_UNKNOWN,
};

/* ---- values ------------------------------------------------------------ */

/* A member that counts tokens: a plain whole number, else USAGE_UNKNOWN. */
static int64_t
count_member(const struct json_doc *d, uint32_t object, struct span key)
{
	const uint32_t node = json_get(d, object, key);
	int64_t n = 0;

	if (node == JSON_NONE || json_type(d, node) != JSON_NUMBER)
		return USAGE_UNKNOWN;
	const struct span digits = json_raw(d, node);

	for (size_t i = 0; i < digits.n; i++) {
		if (!octet_is(digits.p[i], OCTET_DIGIT) || n > MAX_TOKENS)
			return USAGE_UNKNOWN;
		n = n * 10 + (digits.p[i] - '0');
	}
	return n;
}

/* Figures of a stream only grow, and a later event may leave some out. */
static void
raise(int64_t *to, int64_t n)
{
	if (n > *to)
		*to = n;
}

/* Copies a word of the provider's vocabulary; anything else than such a word is
 * called "other", since words are logged and content is not. */
static void
word_member(const struct json_doc *d, uint32_t object, struct span key, char to[USAGE_WORD])
{
	const uint32_t node = json_get(d, object, key);

	if (node == JSON_NONE || json_type(d, node) != JSON_STRING)
		return;
	struct span word = json_inner(d, node);
	size_t n = 0;

	while (n < word.n && (octet_is(word.p[n], OCTET_DIGIT) || word.p[n] == '_' ||
			      word.p[n] == '-' || word.p[n] == '.' ||
			      ((word.p[n] | 0x20) >= 'a' && (word.p[n] | 0x20) <= 'z')))
		n++;
	if (n < word.n || n >= USAGE_WORD || n == 0)
		word = SPAN("other");
	memcpy(to, word.p, word.n);
	to[word.n] = '\0';
}

/* The model's name, once; one with characters that no provider uses is left out. */
static void
model_member(const struct json_doc *d, uint32_t object, char to[USAGE_MODEL])
{
	const uint32_t node = to[0] ? JSON_NONE : json_get(d, object, SPAN("model"));

	if (node == JSON_NONE || json_type(d, node) != JSON_STRING)
		return;
	const struct span name = json_inner(d, node);
	if (name.n == 0 || name.n >= USAGE_MODEL)
		return;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == '"' || name.p[i] == '\\')
			return;
	memcpy(to, name.p, name.n);
	to[name.n] = '\0';
}

/* ---- Anthropic --------------------------------------------------------- */

static void
anthropic_usage(struct usage *u, const struct json_doc *d, uint32_t usage)
{
	const uint32_t created = json_get(d, usage, SPAN("cache_creation"));

	raise(&u->input_tokens, count_member(d, usage, SPAN("input_tokens")));
	raise(&u->output_tokens, count_member(d, usage, SPAN("output_tokens")));
	raise(&u->cache_read_tokens, count_member(d, usage, SPAN("cache_read_input_tokens")));
	raise(&u->cache_creation_tokens,
	      count_member(d, usage, SPAN("cache_creation_input_tokens")));
	raise(&u->cache_creation_5m_tokens,
	      count_member(d, created, SPAN("ephemeral_5m_input_tokens")));
	raise(&u->cache_creation_1h_tokens,
	      count_member(d, created, SPAN("ephemeral_1h_input_tokens")));
}

/* A whole response, or the data of one event: they differ in their type. */
static void
read_anthropic(struct usage *u, const struct json_doc *d)
{
	const uint32_t type = json_get(d, 0, SPAN("type"));

	if (json_is(d, type, SPAN("message_start"))) {
		const uint32_t message = json_get(d, 0, SPAN("message"));

		anthropic_usage(u, d, json_get(d, message, SPAN("usage")));
		model_member(d, message, u->model);
	} else if (json_is(d, type, SPAN("message_delta"))) {
		anthropic_usage(u, d, json_get(d, 0, SPAN("usage")));
		word_member(d, json_get(d, 0, SPAN("delta")), SPAN("stop_reason"), u->stop_reason);
	} else if (json_is(d, type, SPAN("message_stop"))) {
		u->ended = true;
	} else if (json_is(d, type, SPAN("error"))) {
		word_member(d, json_get(d, 0, SPAN("error")), SPAN("type"), u->error_type);
	} else if (json_is(d, type, SPAN("message"))) {
		anthropic_usage(u, d, json_get(d, 0, SPAN("usage")));
		model_member(d, 0, u->model);
		word_member(d, 0, SPAN("stop_reason"), u->stop_reason);
	}
}

/* The events that are most of a stream and say nothing that is wanted here. */
static bool
is_content(struct span event)
{
	return span_starts(event, SPAN("content_block_")) || span_eq(event, SPAN("ping"));
}

/* ---- OpenAI ------------------------------------------------------------ */

static void
openai_usage(struct usage *u, const struct json_doc *d, uint32_t usage)
{
	const uint32_t details = json_get(d, usage, SPAN("prompt_tokens_details"));
	const int64_t prompt = count_member(d, usage, SPAN("prompt_tokens"));
	const int64_t cached = count_member(d, details, SPAN("cached_tokens"));

	raise(&u->cache_read_tokens, cached);
	raise(&u->output_tokens, count_member(d, usage, SPAN("completion_tokens")));
	if (prompt != USAGE_UNKNOWN)
		raise(&u->input_tokens, cached <= 0 ? prompt : prompt > cached ? prompt - cached : 0);
}

static void
read_openai(struct usage *u, const struct json_doc *d, bool stream)
{
	const uint32_t choices = json_get(d, 0, SPAN("choices"));
	const uint32_t error = json_get(d, 0, SPAN("error"));

	openai_usage(u, d, json_get(d, 0, SPAN("usage")));
	model_member(d, 0, u->model);
	if (choices != JSON_NONE && json_type(d, choices) == JSON_ARRAY) {
		for (JSON_EACH(d, choices, choice))
			word_member(d, choice, SPAN("finish_reason"), u->stop_reason);
	}
	u->ended |= stream && u->stop_reason[0];
	if (error == JSON_NONE || json_type(d, error) != JSON_OBJECT)
		return;
	word_member(d, error, SPAN("code"), u->error_type);
	word_member(d, error, SPAN("type"), u->error_type);
	if (!u->error_type[0])
		memcpy(u->error_type, "other", sizeof("other"));
}

/* ---- the observer ------------------------------------------------------ */

/* False when it is not JSON that we can hold. */
static bool
read_json(struct usage_observer *o, struct span text)
{
	const struct json_limits lim = { .depth = MAX_DEPTH, .nodes = UINT32_MAX };
	struct arena a;
	struct json_doc d;

	arena_init(&a, 10 * o->limit + 65536);
	const bool ok = json_scan(text, &lim, &a, &d) == OK;

	if (ok && o->format == WIRE_ANTHROPIC_MESSAGES)
		read_anthropic(&o->seen, &d);
	else if (ok)
		read_openai(&o->seen, &d, o->kind == USAGE_STREAM);
	arena_free(&a);
	return ok;
}

static void
on_event(void *arg, const struct sse_event *e)
{
	struct usage_observer *const o = arg;

	if (o->format == WIRE_ANTHROPIC_MESSAGES && is_content(e->event))
		return;
	if (o->format == WIRE_OPENAI_CHAT && span_eq(e->data, SPAN("[DONE]")))
		o->seen.ended = true;
	else if (!read_json(o, e->data))
		o->seen.unread = true;
}

/* Takes the decoded bytes. */
static enum err
consume(void *arg, struct span bytes)
{
	struct usage_observer *const o = arg;

	if (o->kind == USAGE_STREAM) {
		sse_feed(&o->sse, bytes, on_event, o);
		return OK;
	}
	buf_add_span(&o->body, bytes);
	return buf_err(&o->body);
}

static void
give_up(struct usage_observer *o)
{
	o->broken = true;
	o->seen.unread = true;
	decoder_close(&o->decoder);
	buf_free(&o->body);
}

/* "application/json; charset=utf-8" is of the type "application/json". */
static bool
is_type(struct span content_type, struct span type)
{
	return span_eq_nocase(span_trim(span_head(content_type, span_find(content_type, ';'))),
			      type);
}

void
usage_init(struct usage_observer *o, enum wire_format format, struct span content_type,
	   struct span content_encoding, size_t limit)
{
	*o = (struct usage_observer){
		.seen = nothing,
		.format = format,
		.kind = is_type(content_type, SPAN("text/event-stream"))  ? USAGE_STREAM
			: is_type(content_type, SPAN("application/json")) ? USAGE_BODY
									  : USAGE_OTHER,
		.limit = limit < SIZE_MAX / 16 ? limit : SIZE_MAX / 16,
	};
	sse_init(&o->sse, limit);
	buf_init(&o->body, limit);
	if (o->kind == USAGE_OTHER || encoding_is_identity(content_encoding))
		return;
	/* A body's limit is also its decoder's; a stream may be of any length. */
	if (decoder_open(content_encoding, o->kind == USAGE_BODY ? limit : SIZE_MAX,
			 &o->decoder) != OK)
		give_up(o);
}

void
usage_free(struct usage_observer *o)
{
	decoder_close(&o->decoder);
	sse_free(&o->sse);
	buf_free(&o->body);
}

void
usage_feed(struct usage_observer *o, struct span bytes)
{
	if (o->broken || o->kind == USAGE_OTHER)
		return;
	if ((o->decoder ? decoder_feed(o->decoder, bytes, consume, o) : consume(o, bytes)) != OK)
		give_up(o);
}

void
usage_finish(struct usage_observer *o, bool complete)
{
	if (o->broken || o->kind == USAGE_OTHER)
		return;
	if (o->kind == USAGE_STREAM)
		o->seen.unread |= o->sse.passed_over;
	else if (read_json(o, buf_span(&o->body)))
		o->seen.ended = complete && (!o->decoder || decoder_end(o->decoder) == OK);
	else if (complete)
		o->seen.unread = true;
}
