#include "proxy/guard.h"

#include <stdio.h>

#include "net/origin.h"

/* The host of a Host field, without port and brackets. */
static struct span
host_part(struct span v)
{
	if (v.n && v.p[0] == '[') {
		const size_t end = span_find(v, ']');

		if (end == v.n || (end + 1 < v.n && v.p[end + 1] != ':'))
			return SPAN_NONE;
		return span_of(v.p + 1, end - 1);
	}
	const size_t colon = span_find(v, ':');
	/* A bare IPv6 address has several. */
	if (colon < v.n && span_find(span_from(v, colon + 1), ':') < v.n - colon - 1)
		return v;
	return span_head(v, colon);
}

bool
guard_is_local(bool peer_is_loopback, const struct head *h)
{
	return peer_is_loopback && host_is_loopback(host_part(head_get(h, SPAN("host"))));
}

/* Is the authority of an origin a name of this machine's, with this port? */
static bool
is_own_authority(struct span authority, uint16_t port)
{
	char end[8];
	const int n = snprintf(end, sizeof end, ":%u", port);

	return host_is_loopback(host_part(authority)) &&
	       span_ends(authority, span_of(end, (size_t)n));
}

bool
guard_is_cross_site(const struct head *h, uint16_t port)
{
	const struct span site = head_get(h, SPAN("sec-fetch-site"));
	const struct span origin = head_get(h, SPAN("origin"));
	struct span authority;

	if (origin.p) {
		/* We speak plain HTTP; behind a TLS front the scheme differs. */
		if (span_starts(origin, SPAN("http://")))
			authority = span_from(origin, 7);
		else if (span_starts(origin, SPAN("https://")))
			authority = span_from(origin, 8);
		else
			return true;
		if (is_own_authority(authority, port))
			return false;
		if (!span_eq_nocase(authority, head_get(h, SPAN("host"))))
			return true;
	}
	return site.p && !span_eq_nocase(site, SPAN("same-origin")) &&
	       !span_eq_nocase(site, SPAN("none"));
}
