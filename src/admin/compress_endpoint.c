/* POST /v1/compress on the wire: encodings, the bypass header, errors. */
#include "admin/admin.h"
#include "admin/compress_request.h"
#include "proxy/proxy.h"
#include "wire/encoding.h"

/* A body with its tape, its forms and their proofs: a small multiple of it. */
#define ARENA_LIMIT ((size_t)2 << 30)

static void
answer(struct admin_call *c, struct span body)
{
	const struct worker_state *const worker = c->worker;
	const struct settings *const s = proxy_settings(c->proxy);
	struct compress_refusal why;
	struct arena a;

	const struct compress_request request = {
		.body = body,
		.bypass = span_eq_nocase(head_get(c->head, SPAN("x-headroom-bypass")), SPAN("true")),
		.floor_tokens = (uint32_t)s->min_tokens,
		.exclude_tools = s->exclude_tools,
		.tenant = SPAN("local"),
	};
	arena_init(&a, ARENA_LIMIT);
	c->status = compress_request_answer(&request, proxy_store(c->proxy),
					    worker ? worker->reader : NULL, &a, &c->reply, &why);
	arena_free(&a);
	if (c->status != 200)
		admin_error(c, c->status, why.type, why.text);
}

void
admin_compress(struct admin_call *c)
{
	const struct span encoding = head_get(c->head, SPAN("content-encoding"));
	struct buf decoded;

	if (!encoding.p) {
		answer(c, c->body);
		return;
	}
	buf_init(&decoded, c->route->body_limit);
	const enum err e = encoding_decode(c->body, encoding, c->route->body_limit, &decoded);
	if (e == OK)
		answer(c, buf_span(&decoded));
	else if (e == ERR_UNSUPPORTED)
		admin_error(c, 400, "invalid_request",
			    "The content-encoding is none of gzip, deflate, br, zstd and identity.");
	else if (e == ERR_LIMIT)
		admin_error(c, 413, "invalid_request", "The decoded body is larger than 64 MB.");
	else
		admin_error(c, 400, "invalid_request",
			    "The body is not valid in the content-encoding that it names.");
	buf_free(&decoded);
}
