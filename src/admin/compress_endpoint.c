/* POST /v1/compress on the wire: encodings, the bypass header, errors. */
#include "admin/admin.h"
#include "admin/body.h"
#include "admin/compress_request.h"
#include "proxy/proxy.h"

/* A body with its tape, its forms and their proofs: a small multiple of it. */
#define ARENA_LIMIT ((size_t)2 << 30)

static bool
header_is(const struct admin_call *c, struct span name, struct span value)
{
	return span_eq_nocase(head_get(c->head, name), value);
}

/* What the body may overrule: the header, else the setting if somebody made it, else
 * balanced, since the caller can redeem. False: the header names none. */
static bool
read_profile(const struct admin_call *c, const struct settings *s, enum profile *out)
{
	const struct span named = head_get(c->head, SPAN("x-headroom-profile"));

	*out = s->source[SETTING_ID_profile] == SETTING_FROM_DEFAULT ? PROFILE_BALANCED
								      : (enum profile)s->profile;
	return !named.p || profile_parse(named, out);
}

static void
answer(struct admin_call *c, struct span body)
{
	const struct worker_state *const worker = c->worker;
	const struct settings *const s = proxy_settings(c->proxy);
	struct refusal why;
	enum profile profile;
	struct arena a;

	if (!read_profile(c, s, &profile)) {
		refusal_input(&why, "x-headroom-profile is one of off, lossless, balanced and aggressive.");
		refusal_answer(c, &why);
		return;
	}
	const struct compress_request request = {
		.body = body,
		.bypass = header_is(c, SPAN("x-headroom-bypass"), SPAN("true")) ||
			  header_is(c, SPAN("x-headroom-mode"), SPAN("passthrough")),
		.profile = profile,
		.floor_tokens = (uint32_t)s->min_tokens,
		.exclude_tools = s->exclude_tools,
		.must_keep = proxy_must_keep(c->proxy),
		.tenant = SPAN("local"),
	};
	arena_init(&a, ARENA_LIMIT);
	c->status = compress_request_answer(&request, proxy_store(c->proxy),
					    worker ? worker->reader : NULL, &a, &c->reply, &why);
	arena_free(&a);
	if (c->status != 200)
		refusal_answer(c, &why);
}

void
admin_compress(struct admin_call *c)
{
	struct buf decoded;
	struct span body;

	if (admin_body(c, &decoded, &body))
		answer(c, body);
	buf_free(&decoded);
}
