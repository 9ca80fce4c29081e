#include "proxy/route.h"

/* What stands under these names is answered here or nowhere. */
static const char *const own_prefixes[] = {
	"/admin",   "/cache",	"/dashboard",	"/health",	    "/healthz",	 "/livez",
	"/metrics", "/readyz",	"/stats",	"/stats-history",   "/transformations",
	"/v1/compress",		"/v1/retrieve",
};

static bool
is_at_or_under(struct span path, struct span prefix)
{
	return span_starts(path, prefix) && (path.n == prefix.n || path.p[prefix.n] == '/');
}

bool
route_is_own(struct span path)
{
	for (size_t i = 0; i < sizeof own_prefixes / sizeof *own_prefixes; i++)
		if (is_at_or_under(path, span_str(own_prefixes[i])))
			return true;
	return false;
}

/* ---- endpoints of our own ---- */

static bool
serves_path(const struct admin_route *a, struct span path)
{
	const struct span own = span_str(a->path);

	if (!a->prefix)
		return span_eq(path, own);
	return span_starts(path, own) && path.n > own.n + 1 && path.p[own.n] == '/';
}

static bool
serves_method(const struct admin_route *a, struct span method)
{
	return span_eq(method, span_str(a->method)) ||
	       (span_eq(method, SPAN("HEAD")) && strcmp(a->method, "GET") == 0);
}

/* Among the routes of one sort, exact or prefix: the one that serves the
 * request, else one that serves its path, else NULL. */
static const struct admin_route *
pick(const struct admin_route *routes, size_t n, const struct head *h, bool local, bool prefix)
{
	const struct admin_route *path = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct admin_route *const a = &routes[i];

		if (a->prefix != prefix || !serves_path(a, h->path) ||
		    ((a->flags & ADMIN_LOOPBACK) && !local))
			continue;
		if (serves_method(a, h->method))
			return a;
		path = a;
	}
	return path;
}

/* "/v1/retrieve/stats" itself wins over what "/v1/retrieve/" serves. */
static struct route
find_own(const struct admin_route *routes, size_t n, const struct head *h, bool local)
{
	struct route out = { .kind = ROUTE_NOT_FOUND, .provider = PROVIDER_NONE };

	out.own = pick(routes, n, h, local, false);
	if (!out.own)
		out.own = pick(routes, n, h, local, true);
	if (out.own)
		out.kind = serves_method(out.own, h->method) ? ROUTE_OWN : ROUTE_METHOD;
	return out;
}

void
route_allow(const struct admin_route *routes, size_t n, const struct admin_route *own,
	    struct buf *out)
{
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(routes[i].path, own->path) != 0 || routes[i].prefix != own->prefix)
			continue;
		buf_addf(out, "%s%s", first ? "" : ", ", routes[i].method);
		if (strcmp(routes[i].method, "GET") == 0)
			buf_add_str(out, ", HEAD");
		first = false;
	}
}

/* ---- providers ---- */

/* Sets of providers. */
#define BIT(p) (1u << (p))

static struct span
bearer(const struct head *h)
{
	const struct span v = head_get(h, SPAN("authorization"));

	if (v.n < 7 || strncasecmp(v.p, "bearer ", 7) != 0)
		return SPAN_NONE;
	return span_trim(span_from(v, 7));
}

/* Google's API keys may stand in the query, and begin alike. */
static bool
has_google_key(struct span query)
{
	while (query.n) {
		const size_t end = span_find(query, '&');

		if (span_starts(span_head(query, end), SPAN("key=AIza")))
			return true;
		query = span_from(query, end + 1);
	}
	return false;
}

/* Providers whose credential the request surely carries. Keys of unknown make
 * (gateways hand out their own) say nothing. */
static unsigned
credentials(const struct head *h)
{
	const struct span token = bearer(h);
	unsigned set = 0;

	if (head_get(h, SPAN("x-api-key")).p || span_starts(token, SPAN("sk-ant-")))
		set |= BIT(PROVIDER_ANTHROPIC);
	if (head_get(h, SPAN("x-goog-api-key")).p || has_google_key(h->query))
		set |= BIT(PROVIDER_GEMINI);
	if (span_starts(token, SPAN("sk-proj-")) || span_starts(token, SPAN("sk-svcacct-")) ||
	    span_starts(token, SPAN("sk-admin-")))
		set |= BIT(PROVIDER_OPENAI);
	return set;
}

static bool
has_credential(const struct head *h)
{
	return head_get(h, SPAN("authorization")).p || head_get(h, SPAN("x-api-key")).p ||
	       head_get(h, SPAN("x-goog-api-key")).p || head_get(h, SPAN("api-key")).p;
}

/* The provider whose API alone has this path. */
static enum provider
owner_of_path(struct span path)
{
	if (is_at_or_under(path, SPAN("/v1/messages")) || is_at_or_under(path, SPAN("/v1/complete")))
		return PROVIDER_ANTHROPIC;
	if (is_at_or_under(path, SPAN("/v1beta")))
		return PROVIDER_GEMINI;
	return PROVIDER_NONE;
}

static enum provider
choose_provider(const struct head *h, bool *misfit)
{
	const unsigned keys = credentials(h);
	const enum provider owner = owner_of_path(h->path);

	if (owner != PROVIDER_NONE) {
		*misfit = keys & ~BIT(owner);
		return owner;
	}
	*misfit = keys & (keys - 1);
	if (keys & BIT(PROVIDER_ANTHROPIC))
		return PROVIDER_ANTHROPIC;
	if (keys & BIT(PROVIDER_GEMINI))
		return PROVIDER_GEMINI;
	if (!(keys & BIT(PROVIDER_OPENAI)) && head_get(h, SPAN("anthropic-version")).p)
		return PROVIDER_ANTHROPIC;
	return PROVIDER_OPENAI;
}

static bool
is_json(const struct head *h)
{
	const struct span type = head_get(h, SPAN("content-type"));

	if (!type.p)
		return true;
	return span_eq_nocase(span_trim(span_head(type, span_find(type, ';'))),
			      SPAN("application/json"));
}

static void
set_shrinkable(struct route *out, const struct head *h)
{
	if (!span_eq(h->method, SPAN("POST")) || !is_json(h))
		return;
	if (span_eq(h->path, SPAN("/v1/messages"))) {
		out->shrinkable = true;
		out->format = WIRE_ANTHROPIC_MESSAGES;
	} else if (span_eq(h->path, SPAN("/v1/chat/completions"))) {
		out->shrinkable = true;
		out->format = WIRE_OPENAI_CHAT;
	}
}

struct route
route_find(const struct admin_route *routes, size_t n, const struct head *h, bool local)
{
	struct route out = { .kind = ROUTE_NOT_FOUND, .provider = PROVIDER_NONE };
	bool misfit = false;

	if (route_is_own(h->path))
		return find_own(routes, n, h, local);
	if (span_eq(h->path, SPAN("/")) && span_eq(h->method, SPAN("HEAD"))) {
		out.kind = ROUTE_ROOT;
		return out;
	}
	if (!is_at_or_under(h->path, SPAN("/v1")) && !is_at_or_under(h->path, SPAN("/v1beta")) &&
	    !has_credential(h))
		return out;
	out.provider = choose_provider(h, &misfit);
	out.kind = misfit ? ROUTE_MISFIT : ROUTE_RELAY;
	if (!misfit)
		set_shrinkable(&out, h);
	return out;
}
