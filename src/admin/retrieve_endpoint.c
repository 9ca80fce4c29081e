/* The four forms of /v1/retrieve on the wire. */
#include "admin/admin.h"
#include "admin/body.h"
#include "admin/retrieve.h"
#include "admin/tool_call.h"
#include "base/clock.h"
#include "json/walk.h"
#include "proxy/proxy.h"

/* An original, its tape and what is cut out of it. */
#define ARENA_LIMIT ((size_t)2 << 30)
#define PART_LIMIT ((size_t)1 << 30)
#define TENANT SPAN("local")

static const struct json_limits limits = { .depth = 64, .nodes = 1u << 16 };

/* What a call needs while it is answered. */
struct job_memory {
	struct arena arena;
	struct buf part;
};

static void
memory_begin(struct job_memory *m)
{
	arena_init(&m->arena, ARENA_LIMIT);
	buf_init(&m->part, PART_LIMIT);
}

static void
memory_end(struct job_memory *m)
{
	arena_free(&m->arena);
	buf_free(&m->part);
}

static struct store_reader *
reader_of(const struct admin_call *c)
{
	const struct worker_state *const worker = c->worker;

	return worker ? worker->reader : NULL;
}

/* ---- POST /v1/retrieve and GET /v1/retrieve/HASH ---- */

static void
answer(struct admin_call *c, const struct retrieve_ask *ask, struct job_memory *m)
{
	struct retrieval got;
	struct refusal why;
	struct json_writer w;

	if (retrieve(ask, TENANT, reader_of(c), &m->arena, &m->part, &got, &why) != 200) {
		refusal_answer(c, &why);
		return;
	}
	jw_init(&w, &c->reply);
	jw_object(&w);
	retrieve_write(&w, &got);
	const struct store_original *const o = &got.found.original;
	jw_ku64(&w, "original_tokens", o->tokens);
	jw_kspan(&w, "tool_name", o->tool.n ? o->tool : SPAN_NONE);
	jw_ku64(&w, "retrieval_count", got.found.retrievals);
	retrieve_write_ignored(&w, ask);
	jw_end_object(&w);
}

static int
read_body(struct span body, struct arena *a, struct retrieve_ask *ask, struct refusal *why)
{
	struct json_doc d;
	const enum err e = json_scan(body, &limits, a, &d);

	if (e == ERR_NOMEM)
		return refusal_memory(why);
	if (e != OK || json_type(&d, 0) != JSON_OBJECT)
		return refusal_input(why, "The body must be a JSON object {\"hash\": …}.");
	return retrieve_ask_members(&d, 0, a, ask, why);
}

void
admin_retrieve(struct admin_call *c)
{
	struct retrieve_ask ask;
	struct job_memory m;
	struct refusal why;
	struct buf decoded;
	struct span body;

	memory_begin(&m);
	if (admin_body(c, &decoded, &body)) {
		if (read_body(body, &m.arena, &ask, &why) == 0)
			answer(c, &ask, &m);
		else
			refusal_answer(c, &why);
	}
	buf_free(&decoded);
	memory_end(&m);
}

void
admin_retrieve_hash(struct admin_call *c)
{
	struct retrieve_ask ask;
	struct job_memory m;
	struct refusal why;

	if (span_find(c->rest, '/') < c->rest.n) {
		admin_error(c, 404, "not_found", "There is nothing here; GET /v1/retrieve/HASH is an original.");
		return;
	}
	memory_begin(&m);
	if (retrieve_ask_url(c->rest, c->head->query, &m.arena, &ask, &why) == 0)
		answer(c, &ask, &m);
	else
		refusal_answer(c, &why);
	memory_end(&m);
}

/* ---- POST /v1/retrieve/tool_call ---- */

/* A model can do something with a miss, so it is an answer, not an error. */
static void
write_data(struct admin_call *c, const struct tool_call *call, const struct retrieval *got,
	   const struct refusal *why, struct buf *data)
{
	struct json_writer w;

	jw_init(&w, data);
	jw_object(&w);
	if (got->found.miss == STORE_NO_MISS) {
		retrieve_write(&w, got);
		retrieve_write_ignored(&w, &call->ask);
	} else {
		jw_kstring(&w, "error", why->text);
		jw_kspan(&w, "hash", call->ask.hash);
		jw_kstring(&w, "status", got->found.miss == STORE_NEVER ? "missing"
							: retrieve_miss_name(got->found.miss));
		jw_ku64(&w, "ttl_seconds", (uint64_t)proxy_settings(c->proxy)->originals_idle / 1000);
	}
	jw_end_object(&w);
}

static void
answer_call(struct admin_call *c, const struct tool_call *call, struct job_memory *m)
{
	struct retrieval got;
	struct refusal why;
	struct json_writer w;
	struct buf data;

	const int status = retrieve(&call->ask, TENANT, reader_of(c), &m->arena, &m->part, &got, &why);
	if (status != 200 && status != 404) {
		refusal_answer(c, &why);
		return;
	}
	buf_init(&data, PART_LIMIT);
	write_data(c, call, &got, &why, &data);
	if (buf_err(&data) == OK) {
		jw_init(&w, &c->reply);
		tool_call_write(&w, call, status == 200, buf_span(&data));
	} else {
		refusal_memory(&why);
		refusal_answer(c, &why);
	}
	buf_free(&data);
}

void
admin_retrieve_tool_call(struct admin_call *c)
{
	struct job_memory m;
	struct tool_call call;
	struct refusal why;
	struct buf decoded;
	struct span body;

	memory_begin(&m);
	if (admin_body(c, &decoded, &body)) {
		if (tool_call_read(body, &m.arena, &call, &why) == 0)
			answer_call(c, &call, &m);
		else
			refusal_answer(c, &why);
	}
	buf_free(&decoded);
	memory_end(&m);
}

/* ---- GET /v1/retrieve/stats ---- */

static void
write_totals(struct json_writer *w, const struct store_stats *s)
{
	const uint64_t asked = s->hits + s->misses;

	jw_ku64(w, "entries", s->entries);
	jw_ku64(w, "bytes", s->bytes);
	jw_ku64(w, "bytes_limit", s->bytes_limit);
	jw_ku64(w, "text_bytes", s->text_bytes);
	jw_ku64(w, "hits", s->hits);
	jw_ku64(w, "misses", s->misses);
	jw_knumber(w, "hit_rate", asked ? (double)s->hits / (double)asked : 0, 4);
	jw_ku64(w, "evictions", s->evictions);
	jw_ku64(w, "expirations", s->expirations);
	jw_ku64(w, "ttl_seconds", s->idle_s);
}

/* The names that the Headroom proxy has for it, and those that its SDK believes in. */
static void
write_store(struct json_writer *w, const struct store_stats *s)
{
	jw_key(w, "store");
	jw_object(w);
	jw_ku64(w, "entry_count", s->entries);
	jw_key(w, "max_entries");
	jw_null(w);
	jw_ku64(w, "default_ttl_seconds", s->idle_s);
	jw_ku64(w, "total_original_tokens", s->tokens);
	jw_ku64(w, "total_compressed_tokens", s->tokens_after);
	jw_ku64(w, "total_retrievals", s->hits);
	jw_ku64(w, "event_count", s->recent_count);
	jw_ku64(w, "entries", s->entries);
	jw_ku64(w, "original_tokens_cached", s->tokens);
	jw_ku64(w, "compressed_tokens_cached", s->tokens_after);
	jw_ku64(w, "retrievals", s->hits);
	jw_key(w, "backend");
	jw_object(w);
	jw_kstring(w, "backend_type", "sqlite");
	jw_ku64(w, "entry_count", s->entries);
	jw_ku64(w, "bytes_used", s->bytes);
	jw_end_object(w);
	jw_end_object(w);
}

static void
write_recent(struct json_writer *w, const struct store_stats *s)
{
	char at[25];

	jw_key(w, "recent");
	jw_array(w);
	for (uint32_t i = 0; i < s->recent_count; i++) {
		const struct store_retrieval *const r = &s->recent[i];

		clock_iso(r->at * 1000, at);
		jw_object(w);
		jw_kstring(w, "timestamp", at);
		jw_kstring(w, "hash", r->hash);
		jw_kstring(w, "tool_name", r->tool[0] ? r->tool : NULL);
		jw_kstring(w, "part", r->query[0] ? r->query : NULL);
		jw_ku64(w, "items", r->items);
		jw_ku64(w, "items_total", r->items_total);
		jw_end_object(w);
	}
	jw_end_array(w);
}

static void
write_recent_retrievals(struct json_writer *w, const struct store_stats *s)
{
	jw_key(w, "recent_retrievals");
	jw_array(w);
	for (uint32_t i = 0; i < s->recent_count; i++) {
		const struct store_retrieval *const r = &s->recent[i];

		jw_object(w);
		jw_kstring(w, "hash", r->hash);
		jw_kstring(w, "query", r->query[0] ? r->query : NULL);
		jw_ku64(w, "items_retrieved", r->items);
		jw_ku64(w, "total_items", r->items_total);
		jw_kstring(w, "tool_name", r->tool[0] ? r->tool : NULL);
		jw_kstring(w, "retrieval_type", r->query[0] ? "part" : "full");
		jw_end_object(w);
	}
	jw_end_array(w);
}

void
admin_retrieve_stats(struct admin_call *c)
{
	struct store_reader *const reader = reader_of(c);
	struct store_stats stats;
	struct json_writer w;

	if (!reader || store_originals_stats(reader, &stats) != OK) {
		admin_error(c, 503, "store_unavailable", "The store cannot be read; see the log, or GET /health.");
		return;
	}
	jw_init(&w, &c->reply);
	jw_object(&w);
	write_totals(&w, &stats);
	write_recent(&w, &stats);
	write_store(&w, &stats);
	write_recent_retrievals(&w, &stats);
	jw_end_object(&w);
}
