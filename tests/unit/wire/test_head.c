#include "unit.h"

#include <stdio.h>

#include "wire/head.h"
#include "wire/octet.h"

#define LIMIT 65536

struct case_ {
	const char *text;
	enum head_result want;
};

#define H "Host: a\r\n"

/* Requests that must be read one way or not at all. */
static const struct case_ requests[] = {
	/* plain */
	{ "GET / HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "GET / HTTP/1.0\r\n\r\n", HEAD_DONE },
	{ "\r\nGET / HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "\r\n\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "M-SEARCH!#$%&'*+.^_`|~9 / HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "OPTIONS * HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "GET //x/../y;z=1@:[]|\\^`{}\"<>? HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "GET http://a/b HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "GET HTTPS://a:443/b HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	{ "GET http://A?q HTTP/1.1\r\n" H "\r\n", HEAD_DONE },
	/* not complete */
	{ "", HEAD_MORE },
	{ "\r", HEAD_MORE },
	{ "\r\n\r\n", HEAD_MORE },
	{ "GET", HEAD_MORE },
	{ "GET / HTTP/1.1\r\n" H "\r", HEAD_MORE },
	/* request line */
	{ "GET / HTTP/1.1\n" H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\r\n" H "\r\n", HEAD_BAD },
	{ "GET  / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET /  HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1 \r\n" H "\r\n", HEAD_BAD },
	{ " GET / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET\t/ HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET / x HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET /\r\n\r\n", HEAD_BAD },
	{ "GET\r\n\r\n", HEAD_BAD },
	{ "GET  HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "G@T / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "G(T / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "G\x80T / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "\x16\x03\x01", HEAD_BAD },
	{ ": / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "\rGET / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "\nGET / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET x HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET /a#b HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET /\x7f HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET /\x01 HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET * HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "OPTIONS ** HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "CONNECT a:443 HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "CONNECT / HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET ftp://a/ HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET http:/a HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET http:///b HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET http://u:p@a/b HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET http://u@a/b HTTP/1.0\r\n\r\n", HEAD_BAD },
	{ "GET http:///b HTTP/1.0\r\n\r\n", HEAD_BAD },
	{ "GET http://a/b HTTP/1.0\r\n\r\n", HEAD_DONE },
	{ "GET http://b/ HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET http://a:81/ HTTP/1.1\r\n" H "\r\n", HEAD_BAD },
	/* versions */
	{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HEAD_UNSUPPORTED },
	{ "GET / HTTP/1.2\r\n" H "\r\n", HEAD_UNSUPPORTED },
	{ "GET / HTTP/0.9\r\n" H "\r\n", HEAD_UNSUPPORTED },
	{ "GET / HTTP/3.0\r\n" H "\r\n", HEAD_UNSUPPORTED },
	{ "GET / HTTP/11.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1.10\r\n" H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1\r\n" H "\r\n", HEAD_BAD },
	{ "GET / http/1.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1,1\r\n" H "\r\n", HEAD_BAD },
	{ "GET / HTTP/x.1\r\n" H "\r\n", HEAD_BAD },
	{ "GET / ICY/1.1\r\n" H "\r\n", HEAD_BAD },
	/* content-length */
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n\r\n", HEAD_DONE },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: \t 5 \t\r\n\r\n", HEAD_DONE },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 9223372036854775807\r\n\r\n", HEAD_DONE },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 9223372036854775808\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 18446744073709551621\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 99999999999999999999999\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5, 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: +5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: -5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 0x5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5.0\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5;\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\x0b\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length : 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length\t: 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H " Content-Length: 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\n 6\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "X: y\nContent-Length: 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "X: y\rContent-Length: 5\r\n\r\n", HEAD_BAD },
	/* transfer-encoding */
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n", HEAD_DONE },
	{ "POST / HTTP/1.1\r\n" H "tRANSFER-eNCODING:cHunKed\r\n\r\n", HEAD_DONE },
	{ "POST / HTTP/1.0\r\n" H "Transfer-Encoding: chunked\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip, chunked\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked, chunked\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked,\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked;q=1\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: identity\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: xchunked\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \"chunked\"\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: \x0b" "chunked\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding:\r\n chunked\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
	  HEAD_BAD },
	{ "POST / HTTP/1.1\r\n" H "Transfer-Encoding : chunked\r\n\r\n", HEAD_BAD },
	/* other headers */
	{ "GET / HTTP/1.1\r\n" H "X: \xff\x80 a\tb\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\n" H "X:\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\n" H ": x\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X y: z\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X\x80: z\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X(: z\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X: a\x7f\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X: a\x1b[0m\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X: a value of more than sixteen octets\x01\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X: a value of more than sixteen octets\rY\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X: a\r\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n X: a\r\n" H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "X: a\r\n\tb\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "\n", HEAD_BAD },
	/* host */
	{ "GET / HTTP/1.1\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\n" H "hOST: b\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.0\r\n" H H "\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost:\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\nHost: a:8787\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\nHost: a:808080\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\nHost: [::ffff:1.2.3.4]\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\nHost: [::]\r\n\r\n", HEAD_DONE },
	{ "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: []\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: [g]\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", HEAD_BAD },
	{ "GET / HTTP/1.1\r\nHost: a\xc3\xa9\r\n\r\n", HEAD_BAD },
};

static const struct case_ responses[] = {
	{ "HTTP/1.1 200 OK\r\n\r\n", HEAD_DONE },
	{ "HTTP/1.1 200 \r\n\r\n", HEAD_DONE },
	{ "HTTP/1.1 200\r\n\r\n", HEAD_DONE },
	{ "HTTP/1.0 999 \xe4 \t!\r\n\r\n", HEAD_DONE },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", HEAD_DONE },
	{ "", HEAD_MORE },
	{ "HT", HEAD_MORE },
	{ "HTTP/1.1 200 OK\r\nX: y\r\n", HEAD_MORE },
	{ "HTTX", HEAD_BAD },
	{ "\r\nHTTP/1.1 200 OK\r\n\r\n", HEAD_BAD },
	{ "SSH-2.0-x\r\n", HEAD_BAD },
	{ "HTTP/2 200\r\n\r\n", HEAD_BAD },
	{ "HTTP/2.0 200\r\n\r\n", HEAD_UNSUPPORTED },
	{ "HTTP/1.1 099 x\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 20 x\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 2000 x\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 200x\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1  200 x\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 \r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 200 a\x01\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 200 OK\n\n", HEAD_BAD },
	{ "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 200 OK\r\nX : a\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", HEAD_BAD },
	{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", HEAD_BAD },
};

static struct head head;
static const char *why;

static enum head_result
parse(struct span in, size_t limit, size_t *scanned, bool response)
{
	why = NULL;
	return response ? head_parse_response(in, limit, scanned, false, &head, &why)
			: head_parse_request(in, limit, scanned, &head, &why);
}

static enum head_result
request(const char *text)
{
	size_t scanned = 0;

	return parse(span_str(text), LIMIT, &scanned, false);
}

static enum head_result
response(const char *text, bool to_head)
{
	size_t scanned = 0;

	return head_parse_response(span_str(text), LIMIT, &scanned, to_head, &head, &why);
}

/* Each prefix of the text waits for more until the whole is judged; the head
 * may be refused early, but never otherwise than as a whole. The input is a
 * block of its own so that a read beyond its end is seen. */
static void
check_split(const struct case_ *c, bool is_response)
{
	const size_t n = strlen(c->text);
	size_t scanned = 0;
	enum head_result res = HEAD_MORE;

	for (size_t i = 0; i <= n && res == HEAD_MORE; i++) {
		char *const p = malloc(i ? i : 1);

		memcpy(p, c->text, i);
		res = parse(span_of(p, i), LIMIT, &scanned, is_response);
		free(p);
	}
	if (res != HEAD_MORE)
		assert_int_equal(scanned, 0);
	if (res != c->want)
		fail_msg("%s: in pieces %d, want %d (%s)", c->text, res, c->want, why ? why : "");
}

static void
check_table(const struct case_ *cases, size_t n, bool is_response)
{
	for (size_t i = 0; i < n; i++) {
		size_t scanned = 0;
		const enum head_result res =
			parse(span_str(cases[i].text), LIMIT, &scanned, is_response);

		if (res != cases[i].want)
			fail_msg("%s: got %d, want %d (%s)", cases[i].text, res, cases[i].want,
				 why ? why : "");
		if ((res == HEAD_BAD || res == HEAD_UNSUPPORTED) != (why != NULL))
			fail_msg("%s: a reason goes with a refusal alone", cases[i].text);
		if (res != HEAD_MORE)
			assert_int_equal(scanned, 0);
		check_split(&cases[i], is_response);
	}
}

static void
ambiguous_requests_are_refused(void **state)
{
	(void)state;
	check_table(requests, sizeof(requests) / sizeof(requests[0]), false);
}

static void
ambiguous_responses_are_refused(void **state)
{
	(void)state;
	check_table(responses, sizeof(responses) / sizeof(responses[0]), true);
}

/* NUL can not stand in the table's C strings. */
static void
a_nul_is_refused_wherever_it_stands(void **state)
{
	(void)state;
	const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nAccept: x\r\n\r\n";

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char with[sizeof(text) - 1];
		size_t scanned = 0;

		memcpy(with, text, sizeof(with));
		with[i] = '\0';
		const enum head_result res =
			parse(span_of(with, sizeof(with)), LIMIT, &scanned, false);

		/* the last line break destroyed: the head has no end yet */
		if (i == sizeof(with) - 1 || i == sizeof(with) - 3)
			assert_int_equal(res, HEAD_MORE);
		else
			assert_int_equal(res, HEAD_BAD);
	}
}

static void
a_request_is_taken_apart(void **state)
{
	(void)state;
	const char text[] = "POST /v1/messages?beta=true&x HTTP/1.1\r\nhost: localhost:8787\r\n"
			    "X-Api-Key:  k \t\r\nempty:\r\nContent-Length: 12\r\n\r\nbody of next";
	size_t scanned = 0;

	assert_int_equal(parse(span_str(text), LIMIT, &scanned, false), HEAD_DONE);
	assert_span_eq(head.method, "POST");
	assert_span_eq(head.target, "/v1/messages?beta=true&x");
	assert_span_eq(head.path, "/v1/messages");
	assert_span_eq(head.query, "beta=true&x");
	assert_int_equal(head.minor, 1);
	assert_int_equal(head.header_count, 4);
	assert_span_eq(head.headers[1].name, "X-Api-Key");
	assert_span_eq(head.headers[1].value, "k");
	assert_span_eq(head_get(&head, SPAN("x-aPI-key")), "k");
	assert_non_null(head_get(&head, SPAN("Empty")).p);
	assert_int_equal(head_get(&head, SPAN("Empty")).n, 0);
	assert_null(head_get(&head, SPAN("x-api-ke")).p);
	assert_int_equal(head.size, sizeof(text) - 1 - 12);
	assert_int_equal(head.body, HEAD_BODY_LENGTH);
	assert_int_equal(head.content_length, 12);
	assert_true(head.keep_alive);
	assert_false(head.upgrade);
	assert_false(head.expect_continue);
}

static void
targets_give_path_and_query(void **state)
{
	(void)state;
	static const struct {
		const char *target, *path, *query;
	} cases[] = {
		{ "/", "/", NULL },		 { "/a?", "/a", "" },
		{ "/a?b?c", "/a", "b?c" },	 { "//a/b", "//a/b", NULL },
		{ "http://h", "/", NULL },	 { "http://h/", "/", NULL },
		{ "http://h:80/a?b", "/a", "b" }, { "hTTps://H:443?b", "/", "b" },
		{ "http://h?a/b", "/", "a/b" },	 { "*", "*", NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[200];

		snprintf(text, sizeof(text), "OPTIONS %s HTTP/1.1\r\nHost: h\r\n\r\n", cases[i].target);
		assert_int_equal(request(text), HEAD_DONE);
		assert_span_eq(head.target, cases[i].target);
		assert_span_eq(head.path, cases[i].path);
		assert_true((head.query.p == NULL) == (cases[i].query == NULL));
		if (cases[i].query)
			assert_span_eq(head.query, cases[i].query);
	}
}

/* The head that it leaves behind points into a text that stays. */
static bool
persists(const char *version, const char *lines)
{
	static char text[400];

	snprintf(text, sizeof(text), "GET / HTTP/%s\r\nHost: a\r\n%s\r\n", version, lines);
	assert_int_equal(request(text), HEAD_DONE);
	return head.keep_alive;
}

static void
persistence_follows_version_and_connection(void **state)
{
	(void)state;
	assert_true(persists("1.1", ""));
	assert_false(persists("1.1", "Connection: close\r\n"));
	assert_false(persists("1.1", "Connection: keep-alive\r\nconnection: te ,\tCLOSE\r\n"));
	assert_true(persists("1.1", "Connection: closed\r\n"));
	assert_false(persists("1.0", ""));
	assert_true(persists("1.0", "Connection: foo, Keep-Alive\r\n"));
	assert_false(persists("1.0", "Connection: keep-alive, close\r\n"));
}

static bool
upgrades(const char *version, const char *lines)
{
	(void)persists(version, lines);
	return head.upgrade;
}

static void
an_upgrade_needs_both_headers_and_is_not_h2c(void **state)
{
	(void)state;
	assert_true(upgrades("1.1", "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"));
	assert_false(upgrades("1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
	assert_false(upgrades("1.1", "Upgrade: websocket\r\n"));
	assert_false(upgrades("1.1", "Connection: upgrade\r\n"));
	assert_false(upgrades("1.1", "Connection: upgrade\r\nUpgrade:\r\n"));
	assert_false(upgrades("1.1", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
				     "HTTP2-Settings: AAMA\r\n"));
	assert_false(upgrades("1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: H2C\r\n"));
	assert_true(head_is_hop(&head, SPAN("HTTP2-Settings")));
}

static void
expectations_are_seen(void **state)
{
	(void)state;
	(void)persists("1.1", "Expect: 100-Continue\r\n");
	assert_true(head.expect_continue);
	(void)persists("1.1", "Expect: 200-ok\r\n");
	assert_false(head.expect_continue);
	(void)persists("1.0", "Expect: 100-continue\r\n");
	assert_false(head.expect_continue);
}

static void
lists_and_hops(void **state)
{
	(void)state;
	(void)persists("1.1", "Connection: X-One,, \"q\"\r\nX-One: a\r\nVary: a, b\r\nVARY:c\r\n"
			      "connection: x-two\r\n");
	assert_true(head_has_token(&head, SPAN("vary"), SPAN("B")));
	assert_true(head_has_token(&head, SPAN("vary"), SPAN("c")));
	assert_false(head_has_token(&head, SPAN("vary"), SPAN("a, b")));
	assert_true(head_is_hop(&head, SPAN("x-ONE")));
	assert_true(head_is_hop(&head, SPAN("X-Two")));
	assert_false(head_is_hop(&head, SPAN("X-Three")));
	assert_false(head_is_hop(&head, SPAN("vary")));
	(void)persists("1.1", "");
	assert_true(head_is_hop(&head, SPAN("Transfer-Encoding")));
	assert_true(head_is_hop(&head, SPAN("Proxy-Authorization")));
	assert_true(head_is_hop(&head, SPAN("TE")));
	assert_false(head_is_hop(&head, SPAN("x-one")));
	assert_false(head_is_hop(&head, SPAN("content-length")));
}

static void
responses_know_their_body(void **state)
{
	(void)state;
	assert_int_equal(response("HTTP/1.1 200 All right\r\nContent-Length: 7\r\n\r\n", false), HEAD_DONE);
	assert_int_equal(head.body, HEAD_BODY_LENGTH);
	assert_int_equal(head.status, 200);
	assert_span_eq(head.reason, "All right");
	assert_true(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 200 \r\nContent-Length: 7\r\n\r\n", true), HEAD_DONE);
	assert_int_equal(head.body, HEAD_BODY_NONE);
	assert_true(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 304 \r\nContent-Length: 7\r\n\r\n", false), HEAD_DONE);
	assert_int_equal(head.body, HEAD_BODY_NONE);
	assert_true(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 204 \r\nContent-Length: 7\r\n\r\n", false), HEAD_DONE);
	assert_int_equal(head.body, HEAD_BODY_NONE);
	assert_false(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 204 \r\nContent-Length: 0\r\n\r\n", false), HEAD_DONE);
	assert_true(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 103 \r\nTransfer-Encoding: chunked\r\n\r\n", false), HEAD_DONE);
	assert_int_equal(head.body, HEAD_BODY_NONE);
	assert_false(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 500 x\r\nTransfer-Encoding: Chunked\r\n\r\n", false), HEAD_DONE);
	assert_int_equal(head.body, HEAD_BODY_CHUNKED);
	assert_true(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 200 x\r\n\r\n", false), HEAD_DONE);
	assert_int_equal(head.body, HEAD_BODY_CLOSE);
	assert_false(head.keep_alive);
	assert_int_equal(response("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", false),
			 HEAD_DONE);
	assert_true(head.upgrade);
	assert_false(head.keep_alive);
	assert_int_equal(head.body, HEAD_BODY_NONE);
}

static void
heads_are_bounded(void **state)
{
	(void)state;
	char text[20000];
	size_t scanned = 0;

	memset(text, 'a', sizeof(text));
	assert_int_equal(parse(span_of(text, 99), 100, &scanned, false), HEAD_MORE);
	assert_int_equal(scanned, 99);
	assert_int_equal(parse(span_of(text, 100), 100, &scanned, false), HEAD_TOO_LARGE);

	/* the limit is on the head, whatever follows it */
	const char small[] = "GET / HTTP/1.0\r\n\r\n";

	memcpy(text, small, sizeof(small) - 1);
	scanned = 0;
	assert_int_equal(parse(span_of(text, sizeof(text)), sizeof(small) - 1, &scanned, false), HEAD_DONE);
	assert_int_equal(parse(span_of(text, sizeof(text)), sizeof(small) - 2, &scanned, false),
			 HEAD_TOO_LARGE);

	for (int headers = HEAD_MAX_HEADERS; headers <= HEAD_MAX_HEADERS + 1; headers++) {
		size_t n = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\n");

		for (int i = 1; i < headers; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "X-%d: y\r\n", i);
		snprintf(text + n, sizeof(text) - n, "\r\n");
		assert_int_equal(request(text), headers > HEAD_MAX_HEADERS ? HEAD_TOO_LARGE : HEAD_DONE);
	}
	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nConnection: %0*d\r\n\r\n", 31, 0);
	memset(strstr(text, "000"), ',', 31);
	assert_int_equal(request(text), HEAD_DONE);
	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\nConnection: %0*d\r\n\r\n", 32, 0);
	memset(strstr(text, "000"), ',', 32);
	assert_int_equal(request(text), HEAD_BAD);
}

/* Every octet in every place of a buffer whose end is the end of its block. */
static void
the_fast_field_scan_equals_the_plain_one(void **state)
{
	(void)state;
	unsigned random = 1;

	for (size_t n = 0; n < 70; n++) {
		char *const p = malloc(n ? n : 1);

		for (unsigned c = 0; c < 256; c++) {
			for (size_t i = 0; i < n; i++) {
				memset(p, c & 1 ? '\t' : 0xa0, n);
				p[i] = (char)c;
				random = random * 1103515245 + 12345;
				p[(random >> 8) % n] = (char)(random >> 20);
				const struct span s = span_of(p, n);

				assert_int_equal(octet_field_run(s), octet_run(s, OCTET_FIELD));
			}
		}
		free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ambiguous_requests_are_refused),
		cmocka_unit_test(ambiguous_responses_are_refused),
		cmocka_unit_test(a_nul_is_refused_wherever_it_stands),
		cmocka_unit_test(a_request_is_taken_apart),
		cmocka_unit_test(targets_give_path_and_query),
		cmocka_unit_test(persistence_follows_version_and_connection),
		cmocka_unit_test(an_upgrade_needs_both_headers_and_is_not_h2c),
		cmocka_unit_test(expectations_are_seen),
		cmocka_unit_test(lists_and_hops),
		cmocka_unit_test(responses_know_their_body),
		cmocka_unit_test(heads_are_bounded),
		cmocka_unit_test(the_fast_field_scan_equals_the_plain_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
