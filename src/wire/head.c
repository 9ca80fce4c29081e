#include "wire/head.h"

#include <stdlib.h>

#include "wire/octet.h"

/* What has been read of a head whose end is known. */
struct reader {
	struct span rest;
	struct head *head;
	const char *why;
	/* What the headers read so far said; counts see repetition. */
	uint32_t hosts, lengths, codings, options;
	struct span host;
	bool chunked;		/* the one coding is "chunked" */
	bool close, persist, upgrade;	/* options of Connection */
	bool protocol, h2c;	/* Upgrade names one; names h2c */
	bool expects;
};

static enum head_result
bad(struct reader *r, const char *why)
{
	r->why = why;
	return HEAD_BAD;
}

/* `lower` has lower-case letters and hyphens, `name` token octets: within these
 * two setting a bit folds the case of letters and changes nothing else. */
static bool
name_is(struct span name, struct span lower)
{
	if (name.n != lower.n)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if ((name.p[i] | 0x20) != lower.p[i])
			return false;
	}
	return true;
}

/* The next element of a comma-separated list, trimmed, perhaps empty; false at
 * its end. */
static bool
next_element(struct span *list, struct span *element)
{
	if (list->p == NULL)
		return false;
	const size_t n = span_find(*list, ',');

	*element = span_trim(span_head(*list, n));
	*list = n < list->n ? span_from(*list, n + 1) : SPAN_NONE;
	return true;
}

/* ---- where the head ends ---------------------------------------------- */

/* Looks for the empty line. A line break without its CR is refused at once, so
 * that such a client hears why instead of waiting. */
static enum head_result
find_end(struct span in, size_t start, size_t *scanned, size_t *size, const char **why)
{
	size_t i = *scanned > start ? *scanned : start;

	for (;;) {
		i += span_find(span_from(in, i), '\n');
		if (i == in.n)
			break;
		if (i == start || in.p[i - 1] != '\r') {
			*why = "a line ends without a carriage return";
			return HEAD_BAD;
		}
		if (i >= start + 2 && in.p[i - 2] == '\n') {
			*size = i + 1;
			return HEAD_DONE;
		}
		i++;
	}
	*scanned = in.n;
	return HEAD_MORE;
}

/* Skips the empty lines that a request may have before it (RFC 9112 §2.2). */
static size_t
skip_empty_lines(struct span in)
{
	size_t at = 0;

	while (at < 4 && in.n - at >= 2 && in.p[at] == '\r' && in.p[at + 1] == '\n')
		at += 2;
	return at;
}

/* Finds the head in `in` and leaves its lines, without the empty one, in
 * r->rest. */
static enum head_result
find_head(struct reader *r, struct span in, size_t start, size_t limit, size_t *scanned)
{
	const struct span seen = span_head(in, limit);
	size_t size = 0;
	const enum head_result found = find_end(seen, start, scanned, &size, &r->why);

	if (found == HEAD_MORE && seen.n == limit)
		return HEAD_TOO_LARGE;
	if (found != HEAD_DONE)
		return found;
	r->head->size = size;
	r->rest = span_of(in.p + start, size - start - 2);
	return HEAD_DONE;
}

/* ---- header lines ------------------------------------------------------ */

/* Content-Length: digits alone (RFC 9112 §6.3), once. */
static enum head_result
read_length(struct reader *r, struct span value)
{
	uint64_t n = 0;

	if (r->lengths++)
		return bad(r, "more than one content-length");
	if (value.n == 0 || octet_run(value, OCTET_DIGIT) != value.n)
		return bad(r, "content-length is not a number");
	for (size_t i = 0; i < value.n; i++) {
		const unsigned digit = (unsigned)(value.p[i] - '0');

		if (n > ((uint64_t)INT64_MAX - digit) / 10)
			return bad(r, "content-length is too large");
		n = n * 10 + digit;
	}
	r->head->content_length = n;
	return HEAD_DONE;
}

static enum head_result
read_connection(struct reader *r, struct span list)
{
	struct span option;

	while (next_element(&list, &option)) {
		if (++r->options > HEAD_MAX_OPTIONS)
			return bad(r, "too many connection options");
		if (span_eq_nocase(option, SPAN("close")))
			r->close = true;
		else if (span_eq_nocase(option, SPAN("keep-alive")))
			r->persist = true;
		else if (span_eq_nocase(option, SPAN("upgrade")))
			r->upgrade = true;
		else if (option.n)
			r->head->names_hops = true;
	}
	return HEAD_DONE;
}

static enum head_result
read_upgrade(struct reader *r, struct span list)
{
	struct span protocol;

	while (next_element(&list, &protocol)) {
		r->protocol |= protocol.n > 0;
		r->h2c |= span_eq_nocase(protocol, SPAN("h2c"));
	}
	return HEAD_DONE;
}

static enum head_result
read_coding(struct reader *r, struct span value)
{
	if (r->codings++)
		return bad(r, "more than one transfer-encoding");
	r->chunked = span_eq_nocase(value, SPAN("chunked"));
	return r->chunked ? HEAD_DONE : bad(r, "a transfer-encoding other than chunked");
}

/* Takes notice of a header that decides how the message is read. */
static enum head_result
note_header(struct reader *r, const struct head_header *h)
{
	switch (h->name.n) {
	case 4:
		if (name_is(h->name, SPAN("host"))) {
			r->host = h->value;
			r->hosts++;
		}
		return HEAD_DONE;
	case 6:
		if (name_is(h->name, SPAN("expect")))
			r->expects |= span_eq_nocase(h->value, SPAN("100-continue"));
		return HEAD_DONE;
	case 7:
		return name_is(h->name, SPAN("upgrade")) ? read_upgrade(r, h->value) : HEAD_DONE;
	case 10:
		return name_is(h->name, SPAN("connection")) ? read_connection(r, h->value)
							    : HEAD_DONE;
	case 14:
		return name_is(h->name, SPAN("content-length")) ? read_length(r, h->value)
								: HEAD_DONE;
	case 17:
		return name_is(h->name, SPAN("transfer-encoding")) ? read_coding(r, h->value)
								   : HEAD_DONE;
	default:
		return HEAD_DONE;
	}
}

/* Reads "octets CR LF" from the rest; anything else than field octets before
 * the line break is refused. */
static bool
take_line(struct reader *r, struct span *line)
{
	const size_t n = octet_field_run(r->rest);

	if (n + 2 > r->rest.n || r->rest.p[n] != '\r' || r->rest.p[n + 1] != '\n')
		return false;
	*line = span_head(r->rest, n);
	r->rest = span_from(r->rest, n + 2);
	return true;
}

static enum head_result
bad_name(struct reader *r, size_t name)
{
	const char c = name < r->rest.n ? r->rest.p[name] : '\0';

	if (c != ' ' && c != '\t')
		return bad(r, name ? "a header name with an octet that it may not have"
				   : "a header without a name");
	return bad(r, name ? "white space after a header name" : "a folded header line");
}

static enum head_result
read_header(struct reader *r, struct head_header *h)
{
	const size_t name = octet_run(r->rest, OCTET_TOKEN);

	if (name == 0 || name == r->rest.n || r->rest.p[name] != ':')
		return bad_name(r, name);
	h->name = span_head(r->rest, name);
	r->rest = span_from(r->rest, name + 1);
	if (!take_line(r, &h->value))
		return bad(r, "a header value with a control character");
	h->value = span_trim(h->value);
	return note_header(r, h);
}

static enum head_result
read_headers(struct reader *r)
{
	struct head *const h = r->head;

	for (h->header_count = 0; r->rest.n; h->header_count++) {
		if (h->header_count == HEAD_MAX_HEADERS)
			return HEAD_TOO_LARGE;
		const enum head_result res = read_header(r, &h->headers[h->header_count]);

		if (res != HEAD_DONE)
			return res;
	}
	if (r->codings && r->lengths)
		return bad(r, "both content-length and transfer-encoding");
	if (r->codings && h->minor == 0)
		return bad(r, "transfer-encoding in HTTP/1.0");
	h->keep_alive = !r->close && (h->minor == 1 || r->persist);
	return HEAD_DONE;
}

/* ---- requests ---------------------------------------------------------- */

/* "HTTP/1.1" */
static enum head_result
read_version(struct reader *r, struct span v)
{
	if (v.n != 8 || !span_starts(v, SPAN("HTTP/")) || v.p[6] != '.' ||
	    !octet_is(v.p[5], OCTET_DIGIT) || !octet_is(v.p[7], OCTET_DIGIT))
		return bad(r, "no HTTP version where one must stand");
	if (v.p[5] != '1' || v.p[7] > '1') {
		r->why = "an HTTP version other than 1.0 and 1.1";
		return HEAD_UNSUPPORTED;
	}
	r->head->minor = v.p[7] - '0';
	return HEAD_DONE;
}

/* Sets path and query from "/path?query". */
static void
split_path(struct head *h, struct span s)
{
	const size_t path = span_find(s, '?');

	h->path = path ? span_head(s, path) : SPAN("/");
	h->query = path < s.n ? span_from(s, path + 1) : SPAN_NONE;
}

/* A host with an optional port, "api.example:8080" or "[::1]". */
static bool
host_ok(struct span s)
{
	size_t n = 0;

	if (s.n && s.p[0] == '[') {
		n = 1 + octet_run(span_from(s, 1), OCTET_HEX);
		while (n < s.n && (s.p[n] == ':' || s.p[n] == '.'))
			n += 1 + octet_run(span_from(s, n + 1), OCTET_HEX);
		if (n < 3 || n == s.n || s.p[n] != ']')
			return false;
		n++;
	} else {
		n = octet_run(s, OCTET_HOST);
	}
	if (n == 0 || n == s.n)
		return n > 0;
	const struct span port = span_from(s, n + 1);

	return s.p[n] == ':' && port.n <= 5 && octet_run(port, OCTET_DIGIT) == port.n;
}

/* An authority without the scheme's own port. */
static struct span
without_port(struct span authority, struct span port)
{
	if (span_ends(authority, port))
		authority.n -= port.n;
	else if (span_ends(authority, SPAN(":")))
		authority.n--;
	return authority;
}

/* "http://host/path": the authority must be the Host that the headers name, or
 * we and the next reader could see different ones. */
static enum head_result
check_absolute(struct reader *r)
{
	struct span s = r->head->target;
	const bool secure = s.n >= 5 && (s.p[4] | 0x20) == 's';
	const struct span scheme = secure ? SPAN("https://") : SPAN("http://");
	const struct span port = secure ? SPAN(":443") : SPAN(":80");

	if (!span_eq_nocase(span_head(s, scheme.n), scheme))
		return bad(r, "a request target that is neither a path nor an http URL");
	s = span_from(s, scheme.n);
	size_t n = 0;

	while (n < s.n && s.p[n] != '/' && s.p[n] != '?')
		n++;
	const struct span authority = span_head(s, n);

	if (!host_ok(authority))
		return bad(r, "a request target without a valid host");
	if (r->hosts && !span_eq_nocase(without_port(authority, port), without_port(r->host, port)))
		return bad(r, "host and request target name different hosts");
	split_path(r->head, span_from(s, n));
	return HEAD_DONE;
}

static enum head_result
check_target(struct reader *r)
{
	struct head *const h = r->head;

	if (h->target.p[0] == '/') {
		split_path(h, h->target);
		return HEAD_DONE;
	}
	if (!span_eq(h->target, SPAN("*")))
		return check_absolute(r);
	if (!span_eq(h->method, SPAN("OPTIONS")))
		return bad(r, "the target * with a method other than OPTIONS");
	h->path = h->target;
	h->query = SPAN_NONE;
	return HEAD_DONE;
}

static enum head_result
read_request_line(struct reader *r)
{
	struct head *const h = r->head;
	struct span line;

	if (!take_line(r, &line))
		return bad(r, "a control character in the request line");
	const size_t method = span_find(line, ' ');
	const struct span rest = span_from(line, method + 1);
	const size_t target = span_find(rest, ' ');

	if (method == line.n || target == rest.n)
		return bad(r, "a request line that is not method, target, version");
	const enum head_result res = read_version(r, span_from(rest, target + 1));

	if (res != HEAD_DONE)
		return res;
	h->method = span_head(line, method);
	h->target = span_head(rest, target);
	if (method == 0 || octet_run(h->method, OCTET_TOKEN) != method)
		return bad(r, "a method with an octet that it may not have");
	if (target == 0 || octet_run(h->target, OCTET_TARGET) != target)
		return bad(r, "a request target with an octet that it may not have");
	if (span_eq(h->method, SPAN("CONNECT")))
		return bad(r, "the method CONNECT, which this server does not serve");
	return HEAD_DONE;
}

static enum head_result
check_host(struct reader *r)
{
	if (r->hosts > 1)
		return bad(r, "more than one host header");
	if (r->hosts == 0)
		return r->head->minor == 0 ? HEAD_DONE : bad(r, "no host header");
	return host_ok(r->host) ? HEAD_DONE : bad(r, "a host header that is not host or host:port");
}

static enum head_result
read_request(struct reader *r)
{
	struct head *const h = r->head;
	enum head_result res = read_request_line(r);

	if (res == HEAD_DONE)
		res = read_headers(r);
	if (res == HEAD_DONE)
		res = check_host(r);
	if (res == HEAD_DONE)
		res = check_target(r);
	h->body = r->chunked ? HEAD_BODY_CHUNKED
			     : r->lengths && h->content_length ? HEAD_BODY_LENGTH : HEAD_BODY_NONE;
	h->upgrade = h->minor == 1 && r->upgrade && r->protocol && !r->h2c;
	h->expect_continue = h->minor == 1 && r->expects;
	return res;
}

/* Resets what is not always assigned. The headers themselves are left: clearing
 * 4 KB would cost more than the parse. */
static struct reader
begin(struct head *out)
{
	out->method = out->target = out->path = out->query = out->reason = SPAN_NONE;
	out->status = 0;
	out->content_length = 0;
	out->upgrade = out->expect_continue = out->names_hops = false;
	return (struct reader){ .head = out };
}

static enum head_result
done(const struct reader *r, enum head_result res, size_t *scanned, const char **why)
{
	if (res != HEAD_MORE)
		*scanned = 0;
	if (r->why)
		*why = r->why;
	return res;
}

enum head_result
head_parse_request(struct span in, size_t limit, size_t *scanned, struct head *out,
		   const char **why)
{
	struct reader r = begin(out);
	const size_t start = skip_empty_lines(in);
	enum head_result res = HEAD_DONE;

	/* Not HTTP at all (a TLS hello, say) is told from its first byte. */
	if (start < in.n && !octet_is(in.p[start], OCTET_TOKEN) &&
	    !(in.p[start] == '\r' && start < 4 && start + 1 == in.n))
		res = bad(&r, "what does not begin with a method");
	if (res == HEAD_DONE)
		res = find_head(&r, in, start, limit, scanned);
	if (res == HEAD_DONE)
		res = read_request(&r);
	return done(&r, res, scanned, why);
}

/* ---- responses --------------------------------------------------------- */

/* "HTTP/1.1 200 OK"; the reason and the blank before it may be missing. */
static enum head_result
read_status_line(struct reader *r)
{
	struct span line;

	if (!take_line(r, &line))
		return bad(r, "a control character in the status line");
	const enum head_result res = read_version(r, span_head(line, 8));

	if (res != HEAD_DONE)
		return res;
	const struct span s = span_from(line, 8);

	if (s.n < 4 || s.p[0] != ' ' || octet_run(span_from(s, 1), OCTET_DIGIT) != 3 ||
	    s.p[1] == '0' || (s.n > 4 && s.p[4] != ' '))
		return bad(r, "a status line without a status");
	r->head->status = (s.p[1] - '0') * 100 + (s.p[2] - '0') * 10 + (s.p[3] - '0');
	r->head->reason = span_from(s, 5);
	return HEAD_DONE;
}

static bool
never_has_body(int status)
{
	return status < 200 || status == 204 || status == 304;
}

static void
decide_response_body(struct reader *r, bool to_head)
{
	struct head *const h = r->head;

	if (to_head || never_has_body(h->status)) {
		h->body = HEAD_BODY_NONE;
		/* A length tells what a GET would have got; after 1xx and 204 it is
		 * a contradiction, and bytes may follow that belong to nobody. */
		if (!to_head && h->status != 304 && (r->chunked || h->content_length))
			h->keep_alive = false;
		h->upgrade = h->status == 101;
		if (h->upgrade)
			h->keep_alive = false;
	} else if (r->chunked) {
		h->body = HEAD_BODY_CHUNKED;
	} else if (r->lengths) {
		h->body = h->content_length ? HEAD_BODY_LENGTH : HEAD_BODY_NONE;
	} else {
		h->body = HEAD_BODY_CLOSE;
		h->keep_alive = false;
	}
}

static enum head_result
read_response(struct reader *r, bool to_head)
{
	enum head_result res = read_status_line(r);

	if (res == HEAD_DONE)
		res = read_headers(r);
	if (res == HEAD_DONE)
		decide_response_body(r, to_head);
	return res;
}

enum head_result
head_parse_response(struct span in, size_t limit, size_t *scanned, bool to_head, struct head *out,
		    const char **why)
{
	struct reader r = begin(out);
	const struct span magic = SPAN("HTTP/");
	enum head_result res = HEAD_DONE;

	if (!span_starts(magic, span_head(in, magic.n)))
		res = bad(&r, "what does not begin like a response");
	if (res == HEAD_DONE)
		res = find_head(&r, in, 0, limit, scanned);
	if (res == HEAD_DONE)
		res = read_response(&r, to_head);
	return done(&r, res, scanned, why);
}

/* ---- looking things up ------------------------------------------------- */

struct span
head_get(const struct head *h, struct span name)
{
	for (uint32_t i = 0; i < h->header_count; i++) {
		if (span_eq_nocase(h->headers[i].name, name))
			return h->headers[i].value;
	}
	return SPAN_NONE;
}

bool
head_has_token(const struct head *h, struct span name, struct span token)
{
	for (uint32_t i = 0; i < h->header_count; i++) {
		struct span list = h->headers[i].value;
		struct span element;

		if (!span_eq_nocase(h->headers[i].name, name))
			continue;
		while (next_element(&list, &element)) {
			if (span_eq_nocase(element, token))
				return true;
		}
	}
	return false;
}

bool
head_is_hop(const struct head *h, struct span name)
{
	static const struct span hops[] = {
		SPAN("connection"), SPAN("keep-alive"), SPAN("te"), SPAN("trailer"),
		SPAN("upgrade"), SPAN("transfer-encoding"), SPAN("proxy-connection"),
		SPAN("proxy-authenticate"), SPAN("proxy-authorization"), SPAN("http2-settings"),
	};

	for (size_t i = 0; i < sizeof(hops) / sizeof(hops[0]); i++) {
		if (name_is(name, hops[i]))
			return true;
	}
	return h->names_hops && name.n && head_has_token(h, SPAN("connection"), name);
}
