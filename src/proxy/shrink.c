#include "proxy/shrink.h"

#include <stdlib.h>

#include "base/check.h"
#include "json/edit.h"
#include "json/scan.h"
#include "ledger/ledger.h"
#include "proxy/state.h"
#include "wire/encoding.h"

/* Up to this size a body is looked at on the loop: a hand-over costs more. */
#define INLINE_BYTES ((size_t)8 << 10)
/* Up to this size a body is searched on the loop for what every block needs. */
#define SEARCH_BYTES ((size_t)64 << 10)
#define DEPTH_LIMIT 1024u
#define RETRY_MS 10u

/* Why a body went as it came. */
enum untouched {
	UNTOUCHED_NOT,		/* it was changed, or nothing spoke against it */
	UNTOUCHED_ENCODING,	/* a content coding that is unknown, broken or too large */
	UNTOUCHED_SYNTAX,	/* not JSON */
	UNTOUCHED_SHAPE,	/* not a request of its format */
	UNTOUCHED_MEMORY,
	UNTOUCHED_STORE,	/* no store to read from */
};

/* Made on the loop, worked on by one worker, then the loop's again. */
struct shrink {
	struct request *request;
	struct arena arena;
	struct span text;		/* the JSON */
	struct buf decoded;		/* what `text` points into for encoded bodies */
	struct span encoding;
	enum wire_format format;
	struct ledger_policy policy;
	struct span *pieces;		/* in the arena */
	size_t piece_count;
	uint64_t size;
	size_t held;			/* bytes of it counted in held_total */
	uint64_t waited_until;		/* ms: end of the wait for the queue */
	struct ledger_counts counts;
	enum untouched untouched;
	bool changed;
	bool done;
};

/* ---- on a worker ---- */

static enum err
decode(struct shrink *s, size_t limit)
{
	if (encoding_is_identity(s->encoding))
		return OK;
	const enum err e = encoding_decode(s->text, s->encoding, limit, &s->decoded);
	if (e == OK)
		s->text = buf_span(&s->decoded);
	return e;
}

/* The body as a conversation, or why it is none. */
static enum untouched
read_body(struct shrink *s, struct json_doc *d, struct wire_view *v)
{
	const struct json_limits limits = { .depth = DEPTH_LIMIT, .nodes = UINT32_MAX };
	const size_t limit = (size_t)s->request->proxy->settings->max_held_body;

	if (decode(s, limit) != OK)
		return UNTOUCHED_ENCODING;
	switch (json_scan(s->text, &limits, &s->arena, d)) {
	case OK:
		break;
	case ERR_NOMEM:
		return UNTOUCHED_MEMORY;
	default:
		return UNTOUCHED_SYNTAX;
	}
	switch (wire_view(s->format, d, &s->arena, v)) {
	case OK:
		return UNTOUCHED_NOT;
	case ERR_NOMEM:
		return UNTOUCHED_MEMORY;
	default:
		return UNTOUCHED_SHAPE;
	}
}

static enum untouched
apply(struct shrink *s, const struct json_edit *edits, size_t n)
{
	if (n == 0)
		return UNTOUCHED_NOT;
	s->pieces = ARENA_ARRAY(&s->arena, struct span, 2 * n + 1);
	if (!s->pieces)
		return UNTOUCHED_MEMORY;
	s->piece_count = json_pieces(s->text, edits, n, s->pieces);
	s->size = json_edited_size(s->text, edits, n);
	s->changed = true;
	return UNTOUCHED_NOT;
}

static enum untouched
plan(struct shrink *s, struct store_reader *reader)
{
	struct store *const store = s->request->proxy->options.store;
	struct ledger_plan *p;
	struct store_batch *batch = NULL;
	struct json_edit *edits;
	struct json_doc d;
	struct wire_view v;
	size_t n;
	enum err recorded = OK;

	const enum untouched u = read_body(s, &d, &v);
	if (u != UNTOUCHED_NOT || !ledger_wanted(&v, &d))
		return u;
	if (ledger_plan(&v, &d, &s->policy, reader, &s->arena, &p, &batch) != OK)
		return UNTOUCHED_MEMORY;
	/* Waiting here costs less than two more hand-overs: a commit without fsync
	 * takes some 50 µs. */
	if (batch)
		recorded = store_write(store, batch);
	if (ledger_edits(p, recorded, &edits, &n, &s->counts) != OK)
		return UNTOUCHED_MEMORY;
	return apply(s, edits, n);
}

static void
work(struct job *j, void *state)
{
	struct request *const r = CONTAINER(j, struct request, job);
	const struct worker_state *const w = state;
	struct shrink *const s = r->shrink;

	s->untouched = w && w->reader ? plan(s, w->reader) : UNTOUCHED_STORE;
	if (s->changed)
		return;
	/* Nothing of the work is sent. */
	arena_free(&s->arena);
	buf_free(&s->decoded);
}

/* ---- on the loop ---- */

/* Counts what the work keeps until the request is sent among the bodies held, so
 * that max-held-total bounds it too. */
static void
hold(struct shrink *s)
{
	s->held = s->arena.used + s->decoded.cap;
	s->request->proxy->held_total += s->held;
}

static void
on_done(struct job *j)
{
	struct request *const r = CONTAINER(j, struct request, job);

	r->in_worker = false;
	r->shrink->done = true;
	hold(r->shrink);
	if (!request_wake(r, WAKE_WORKER))
		request_free(r);	/* cancelled meanwhile */
}

static bool
header_is(const struct request *r, struct span name, struct span value)
{
	return span_eq_nocase(head_get(&r->head, name), value);
}

static enum profile
profile_of(const struct request *r)
{
	const struct span named = head_get(&r->head, SPAN("x-headroom-profile"));
	enum profile p = (enum profile)r->proxy->settings->profile;

	if (header_is(r, SPAN("x-headroom-bypass"), SPAN("true")) ||
	    header_is(r, SPAN("x-headroom-mode"), SPAN("passthrough")))
		return PROFILE_OFF;
	if (named.p)
		(void)profile_parse(named, &p);
	return p;
}

static void
set_policy(struct shrink *s, const struct request *r)
{
	const struct settings *const set = r->proxy->settings;
	const enum profile profile = profile_of(r);

	s->policy = (struct ledger_policy){
		.profile = profile,
		.bypass = profile == PROFILE_OFF,
		.adopt_compress = set->adopt == ADOPT_COMPRESS,
		.shrink = r->body.n <= (uint64_t)set->max_new_work,
		.floor_tokens = (uint32_t)set->min_tokens,
		.tenant = SPAN("local"),
		.exclude_tools = set->exclude_tools,
		.must_keep = proxy_must_keep(r->proxy),
	};
}

static struct shrink *
new_shrink(struct request *r)
{
	const struct settings *const set = r->proxy->settings;
	struct shrink *const s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->request = r;
	s->format = r->route.format;
	s->text = r->body;
	s->encoding = head_get(&r->head, SPAN("content-encoding"));
	arena_init(&s->arena, (size_t)set->max_work_memory);
	buf_init(&s->decoded, (size_t)set->max_held_body);
	set_policy(s, r);
	return s;
}

/* Can there be a block of tool output at all? Every format spells "tool" where
 * there is one, unless it hides the letters in \u escapes. */
static bool
can_hold_block(struct span body)
{
	return body.p && body.n >= LEDGER_LEAST_BYTES &&
	       (memmem(body.p, body.n, "tool", 4) || memmem(body.p, body.n, "\\u", 2));
}

/* Is it cheap to see that the ledger has no business with this body? */
static bool
is_plain(struct request *r)
{
	const struct json_limits limits = { .depth = DEPTH_LIMIT, .nodes = UINT32_MAX };
	struct json_doc d;
	struct wire_view v;
	struct arena a;

	if (!encoding_is_identity(head_get(&r->head, SPAN("content-encoding"))))
		return false;
	if (r->body.n <= SEARCH_BYTES && !can_hold_block(r->body))
		return true;
	if (r->body.n > INLINE_BYTES)
		return false;
	arena_init(&a, 64 * INLINE_BYTES);
	const bool wanted = json_scan(r->body, &limits, &a, &d) == OK &&
			    wire_view(r->route.format, &d, &a, &v) == OK && ledger_wanted(&v, &d);
	arena_free(&a);
	return !wanted;
}

static enum step_result
to_worker(struct request *r)
{
	struct proxy *const p = r->proxy;
	struct shrink *const s = r->shrink;
	const uint64_t now = loop_now(&p->loop);

	r->job = (struct job){ .loop = &p->loop, .work = work, .done = on_done };
	if (workers_submit(p->workers, &r->job) != OK) {
		if (s->waited_until == 0)
			s->waited_until = now + (uint64_t)p->settings->worker_wait;
		if (now < s->waited_until)
			return request_pause(r, RETRY_MS);
		/* It has waited long enough: its new blocks go as they are, but what
		 * was sent in another form before must be again. */
		s->policy.shrink = false;
		workers_force(p->workers, &r->job);
	}
	r->in_worker = true;
	return request_park(r, WAKE_WORKER);
}

enum step_result
step_shrink(struct request *r)
{
	if (r->shrink && r->shrink->done)
		return request_go(r, STEP_send);
	if (!r->shrink) {
		if (!r->proxy->options.store || !r->route.shrinkable || is_plain(r))
			return request_go(r, STEP_send);
		r->shrink = new_shrink(r);
		if (!r->shrink)
			return request_go(r, STEP_send);
	}
	return to_worker(r);
}

/* ---- the result ---- */

bool
shrink_changed(const struct request *r)
{
	return r->shrink && r->shrink->changed;
}

uint64_t
shrink_size(const struct request *r)
{
	return r->shrink->size;
}

size_t
shrink_piece_count(const struct request *r)
{
	return r->shrink->piece_count;
}

struct span
shrink_piece(const struct request *r, size_t i)
{
	CHECK(r->shrink->pieces && i < r->shrink->piece_count);
	return r->shrink->pieces[i];
}

static void
add_number(struct buf *out, const char *name, uint64_t v)
{
	buf_add_str(out, name);
	buf_add(out, ": ", 2);
	buf_add_u64(out, v);
	buf_add(out, "\r\n", 2);
}

void
shrink_headers(const struct request *r, struct buf *out)
{
	const struct shrink *const s = r->shrink;
	bool first = true;

	if (!shrink_changed(r))
		return;
	add_number(out, "x-headroom-tokens-before", s->counts.tokens_before);
	add_number(out, "x-headroom-tokens-after", s->counts.tokens_after);
	add_number(out, "x-headroom-tokens-saved", s->counts.tokens_before - s->counts.tokens_after);
	for (int i = 0; i < COMPRESS_FORMS; i++) {
		if (i == COMPRESS_VERBATIM || s->counts.by_form[i] == 0)
			continue;
		buf_add_str(out, first ? "x-headroom-transforms: " : ", ");
		buf_add_str(out, compress_form_name((enum compress_form)i));
		first = false;
	}
	if (!first)
		buf_add(out, "\r\n", 2);
}

const struct ledger_counts *
shrink_counts(const struct request *r)
{
	return r->shrink && r->shrink->done ? &r->shrink->counts : NULL;
}

void
shrink_count(const struct request *r)
{
	const struct shrink *const s = r->shrink;
	struct counters *const c = r->proxy->counters;

	/* A worker may still be writing when a request was cancelled. */
	if (!s || !s->done)
		return;
	const struct ledger_counts *const n = &s->counts;
	c->blocks_seen += n->blocks;
	c->blocks_replayed += n->replayed;
	c->blocks_adopted += n->adopted;
	c->blocks_compressed += n->compressed;
	c->blocks_unproven += n->verbatim[COMPRESS_REASON_UNPROVEN];
	c->tokens_before += n->tokens_before;
	c->tokens_after += n->tokens_after;
	c->bodies_changed += s->changed;
	c->bodies_overloaded += !s->policy.shrink;
	c->bodies_unreadable += s->untouched == UNTOUCHED_ENCODING ||
				s->untouched == UNTOUCHED_SYNTAX || s->untouched == UNTOUCHED_SHAPE;
	c->bodies_no_memory += s->untouched == UNTOUCHED_MEMORY;
	c->store_recall_failures += n->recall_failed || s->untouched == UNTOUCHED_STORE;
	c->store_record_failures += n->record_failed;
}

void
shrink_report(const struct request *r, struct log_line *l)
{
	static const char *const untouched_names[] = {
		[UNTOUCHED_ENCODING] = "encoding", [UNTOUCHED_SYNTAX] = "not_json",
		[UNTOUCHED_SHAPE] = "shape",	   [UNTOUCHED_MEMORY] = "memory",
		[UNTOUCHED_STORE] = "no_store",
	};
	const struct shrink *const s = r->shrink;

	if (!s || !s->done)
		return;
	if (s->untouched != UNTOUCHED_NOT) {
		log_str(l, "untouched", untouched_names[s->untouched]);
		return;
	}
	if (s->counts.blocks == 0)
		return;
	log_str(l, "profile", profile_name(s->policy.profile));
	log_u64(l, "blocks", s->counts.blocks);
	log_u64(l, "replayed", s->counts.replayed);
	log_u64(l, "adopted", s->counts.adopted);
	log_u64(l, "compressed", s->counts.compressed);
	if (s->changed)
		log_u64(l, "tokens_saved", s->counts.tokens_before - s->counts.tokens_after);
	if (!s->policy.shrink)
		log_bool(l, "overload", true);
	if (s->counts.recall_failed || s->counts.record_failed)
		log_str(l, "store", s->counts.recall_failed ? "recall_failed" : "record_failed");
}

void
shrink_release(struct request *r)
{
	struct shrink *const s = r->shrink;

	if (!s)
		return;
	arena_free(&s->arena);
	buf_free(&s->decoded);
	r->proxy->held_total -= s->held;
	s->held = 0;
	s->pieces = NULL;
	s->piece_count = 0;
}

void
shrink_free(struct request *r)
{
	if (!r->shrink)
		return;
	shrink_release(r);
	free(r->shrink);
	r->shrink = NULL;
}
