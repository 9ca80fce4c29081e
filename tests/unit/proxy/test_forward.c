#include "unit.h"

#include "proxy/forward.h"

static char authority[] = "up.example:8443", no_prefix[] = "", base_prefix[] = "/base";
static struct origin origin = { .authority = authority, .prefix = no_prefix };

static struct head
request(const char *text)
{
	struct head h;
	size_t scanned = 0;
	const char *why = "";

	if (head_parse_request(span_str(text), 1 << 16, &scanned, &h, &why) != HEAD_DONE)
		fail_msg("%s", why);
	return h;
}

static void
expect_request(const char *in, struct forward_request f, const char *want)
{
	const struct head h = request(in);
	struct buf out;

	buf_init(&out, 1 << 16);
	f.origin = &origin;
	forward_request_head(&h, &f, &out);
	assert_span_eq(buf_span(&out), want);
	buf_free(&out);
}

static void
only_the_host_changes(void **state)
{
	(void)state;
	expect_request("POST /v1/messages?beta=true&x=%20 HTTP/1.1\r\n"
		       "hOsT: localhost:8787\r\nX-Api-Key:k\r\nAccept:  a, \t b \r\nX-Empty:\r\n"
		       "x-dup: 1\r\nX-DUP: 2\r\nContent-Length: 007\r\n\r\n",
		       (struct forward_request){ 0 },
		       "POST /v1/messages?beta=true&x=%20 HTTP/1.1\r\n"
		       "hOsT: up.example:8443\r\nX-Api-Key:k\r\nAccept:  a, \t b \r\nX-Empty:\r\n"
		       "x-dup: 1\r\nX-DUP: 2\r\nContent-Length: 007\r\n\r\n");
}

static void
what_belongs_to_one_hop_stays(void **state)
{
	(void)state;
	expect_request("GET /v1/x HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, X-Private\r\n"
		       "X-Private: p\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nTrailer: t\r\n"
		       "Proxy-Connection: x\r\nProxy-Authorization: Basic x\r\nExpect: 100-continue\r\n"
		       "HTTP2-Settings: a\r\nX-Headroom-Bypass: true\r\nx-headroom: kept\r\nA: b\r\n\r\n",
		       (struct forward_request){ 0 },
		       "GET /v1/x HTTP/1.1\r\nHost: up.example:8443\r\nx-headroom: kept\r\nA: b\r\n\r\n");
}

/* A Connection field may not strip what says where the body ends or who is asked. */
static void
framing_cannot_be_named_away(void **state)
{
	(void)state;
	expect_request("POST /v1/x HTTP/1.1\r\nHost: h\r\nConnection: content-length, host\r\n"
		       "Content-Length: 3\r\n\r\n",
		       (struct forward_request){ 0 },
		       "POST /v1/x HTTP/1.1\r\nHost: up.example:8443\r\nContent-Length: 3\r\n\r\n");
}

static void
a_changed_body_has_its_own_length(void **state)
{
	(void)state;
	const struct forward_request f = { .set_length = true, .length = 12, .drop_encoding = true };

	expect_request("POST /v1/x HTTP/1.1\r\nHost: h\r\nCONTENT-LENGTH: 99\r\n"
		       "Content-Encoding: gzip\r\nZ: z\r\n\r\n",
		       f, "POST /v1/x HTTP/1.1\r\nHost: up.example:8443\r\nCONTENT-LENGTH: 12\r\nZ: z\r\n\r\n");
	expect_request("POST /v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nZ: z\r\n\r\n", f,
		       "POST /v1/x HTTP/1.1\r\nHost: up.example:8443\r\nZ: z\r\nContent-Length: 12\r\n\r\n");
}

static void
old_clients_and_absolute_targets_become_ordinary(void **state)
{
	(void)state;
	expect_request("GET /v1/x HTTP/1.0\r\nA: b\r\n\r\n", (struct forward_request){ 0 },
		       "GET /v1/x HTTP/1.1\r\nA: b\r\nHost: up.example:8443\r\n\r\n");
	origin.prefix = base_prefix;
	expect_request("GET http://h/v1/x?q HTTP/1.1\r\nHost: h\r\n\r\n", (struct forward_request){ 0 },
		       "GET /base/v1/x?q HTTP/1.1\r\nHost: up.example:8443\r\n\r\n");
	origin.prefix = no_prefix;
}

static void
an_upgrade_keeps_its_fields(void **state)
{
	(void)state;
	static const char text[] = "GET /v1/r HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n"
				   "Upgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n";

	expect_request(text, (struct forward_request){ .upgrade = true },
		       "GET /v1/r HTTP/1.1\r\nHost: up.example:8443\r\nConnection: Upgrade\r\n"
		       "Upgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n");
	expect_request(text, (struct forward_request){ 0 },
		       "GET /v1/r HTTP/1.1\r\nHost: up.example:8443\r\nSec-WebSocket-Key: k\r\n\r\n");
}

static void
expect_response(const char *in, struct forward_response f, const char *want)
{
	struct head h;
	size_t scanned = 0;
	const char *why = "";
	struct buf out;

	if (head_parse_response(span_str(in), 1 << 16, &scanned, false, &h, &why) != HEAD_DONE)
		fail_msg("%s", why);
	buf_init(&out, 1 << 16);
	forward_response_head(&h, &f, &out);
	assert_span_eq(buf_span(&out), want);
	buf_free(&out);
}

static void
responses_cross_as_they_are(void **state)
{
	(void)state;
	expect_response("HTTP/1.1 529 Over Loaded!\r\nDate: d\r\nServer: s\r\nset-cookie: a\r\n"
			"Set-Cookie: b\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=1\r\n"
			"X-Headroom-Tokens-Saved: 9\r\nContent-Length: 2\r\n\r\n",
			(struct forward_response){ .extra = SPAN("x-headroom-a: 1\r\n") },
			"HTTP/1.1 529 Over Loaded!\r\nDate: d\r\nServer: s\r\nset-cookie: a\r\n"
			"Set-Cookie: b\r\nContent-Length: 2\r\nx-headroom-a: 1\r\n\r\n");
	expect_response("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nTrailer: t\r\n\r\n",
			(struct forward_response){ .chunked = true },
			"HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n");
	/* To a client of HTTP/1.0 the same goes without its framing. */
	expect_response("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n",
			(struct forward_response){ .close = true },
			"HTTP/1.1 200 \r\nconnection: close\r\n\r\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_host_changes),
		cmocka_unit_test(what_belongs_to_one_hop_stays),
		cmocka_unit_test(framing_cannot_be_named_away),
		cmocka_unit_test(a_changed_body_has_its_own_length),
		cmocka_unit_test(old_clients_and_absolute_targets_become_ordinary),
		cmocka_unit_test(an_upgrade_keeps_its_fields),
		cmocka_unit_test(responses_cross_as_they_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
