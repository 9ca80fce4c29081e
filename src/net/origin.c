#include "net/origin.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

bool
host_is_loopback(struct span host)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr four;
	struct in6_addr six;

	if (span_eq_nocase(host, SPAN("localhost")))
		return true;
	if (host.n == 0 || host.n >= sizeof text)
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	if (inet_pton(AF_INET, text, &four) == 1)
		return (ntohl(four.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, text, &six) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return six.s6_addr[12] == 127;
	return IN6_IS_ADDR_LOOPBACK(&six);
}

/* Characters that a host name or address literal is made of. */
static bool
is_host(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '.' || c == '_' || c == ':'))
			return false;
	}
	return s.n > 0 && s.n <= 253;
}

/* "host", "host:port", "[::1]:port" → its parts. */
static bool
split_authority(struct span a, struct span *host, struct span *port)
{
	size_t end;

	if (a.n && a.p[0] == '[') {
		end = span_find(a, ']');
		if (end == a.n)
			return false;
		*host = span_of(a.p + 1, end - 1);
		end++;
	} else {
		end = span_find(a, ':');
		*host = span_head(a, end);
		if (span_find(*host, ':') != host->n)
			return false;
	}
	*port = span_from(a, end);
	if (port->n == 0)
		return true;
	if (port->p[0] != ':')
		return false;
	*port = span_from(*port, 1);
	return port->n > 0;
}

static bool
parse_port(struct span s, uint16_t *out)
{
	uint32_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || i > 4)
			return false;
		v = v * 10 + (uint32_t)(s.p[i] - '0');
	}
	if (v == 0 || v > 65535)
		return false;
	*out = (uint16_t)v;
	return true;
}

static bool
is_path(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '?' || s.p[i] == '#')
			return false;
	return true;
}

static struct span
trim_path(struct span p)
{
	while (p.n && p.p[p.n - 1] == '/')
		p.n--;
	if (span_ends(p, SPAN("/v1")))
		p.n -= 3;
	while (p.n && p.p[p.n - 1] == '/')
		p.n--;
	return p;
}

static enum err
fill(struct origin *o, struct span host, struct span path)
{
	const bool six = span_find(host, ':') != host.n;
	const char *const open = six ? "[" : "", *const close = six ? "]" : "";
	const bool usual = o->port == (o->tls ? 443 : 80);
	char port[8] = "";

	if (!usual)
		snprintf(port, sizeof port, ":%u", o->port);
	if (asprintf(&o->url, "%s://%s%.*s%s:%u/", o->tls ? "https" : "http", open, SPAN_ARG(host),
		     close, o->port) < 0)
		o->url = NULL;
	if (asprintf(&o->authority, "%s%.*s%s%s", open, SPAN_ARG(host), close, port) < 0)
		o->authority = NULL;
	o->prefix = strndup(path.p, path.n);
	o->host = strndup(host.p, host.n);
	if (o->url && o->authority && o->prefix && o->host)
		return OK;
	origin_free(o);
	return ERR_NOMEM;
}

enum err
origin_parse(struct span url, struct origin *out, char why[200])
{
	struct origin o = { .tls = true, .port = 443 };
	struct span rest = url, host, port;

	if (url.n >= 7 && strncasecmp(url.p, "http://", 7) == 0) {
		o.tls = false;
		o.port = 80;
		rest = span_from(url, 7);
	} else if (url.n >= 8 && strncasecmp(url.p, "https://", 8) == 0) {
		rest = span_from(url, 8);
	} else {
		snprintf(why, 200, "it must begin with http:// or https://");
		return ERR_SYNTAX;
	}
	const size_t slash = span_find(rest, '/');
	const struct span path = span_from(rest, slash);
	rest = span_head(rest, slash);
	if (span_find(rest, '@') != rest.n) {
		snprintf(why, 200, "a user or password has no place in it");
		return ERR_SYNTAX;
	}
	if (!split_authority(rest, &host, &port) || !is_host(host) ||
	    (port.n && !parse_port(port, &o.port))) {
		snprintf(why, 200, "its host or port is not one");
		return ERR_SYNTAX;
	}
	if (!is_path(path)) {
		snprintf(why, 200, "its path must have no query, fragment or blank");
		return ERR_SYNTAX;
	}
	o.loopback = host_is_loopback(host);
	TRY(fill(&o, host, trim_path(path)));
	*out = o;
	list_init(&out->idle);
	return OK;
}

void
origin_free(struct origin *o)
{
	free(o->url);
	free(o->authority);
	free(o->prefix);
	free(o->host);
	o->url = o->authority = o->prefix = o->host = NULL;
}
