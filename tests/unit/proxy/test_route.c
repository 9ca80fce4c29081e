#include "unit.h"

#include <stdio.h>

#include "proxy/guard.h"
#include "proxy/route.h"

static void
handler(struct admin_call *c)
{
	(void)c;
}

static const struct admin_route table[] = {
	{ "GET", "/health", false, 0, 0, handler },
	{ "GET", "/stats", false, 0, 0, handler },
	{ "POST", "/stats/reset", false, ADMIN_LOOPBACK, 0, handler },
	{ "POST", "/v1/retrieve", false, ADMIN_LOOPBACK, 0, handler },
	{ "GET", "/v1/retrieve", true, ADMIN_LOOPBACK, 0, handler },
	{ "GET", "/v1/retrieve/stats", false, ADMIN_LOOPBACK, 0, handler },
};
#define ROUTES (sizeof table / sizeof *table)

static struct head
parse(const char *line, const char *headers)
{
	static char text[2048];
	struct head h;
	size_t scanned = 0;
	const char *why = "";

	snprintf(text, sizeof text, "%s HTTP/1.1\r\n%s\r\n", line, headers);
	if (head_parse_request(span_str(text), sizeof text, &scanned, &h, &why) != HEAD_DONE)
		fail_msg("%s: %s", line, why);
	return h;
}

static struct route
find(const char *line, const char *headers, bool local)
{
	char all[1024];

	snprintf(all, sizeof all, "Host: localhost\r\n%s", headers);
	const struct head h = parse(line, all);
	return route_find(table, ROUTES, &h, local);
}

#define ANT "x-api-key: k\r\n"
#define ANT_BEARER "Authorization: Bearer sk-ant-oat01-x\r\n"
#define OAI "Authorization: Bearer sk-proj-x\r\n"
#define ANY "Authorization: Bearer sk-1234\r\n"
#define GOO "x-goog-api-key: k\r\n"

static void
credentials_and_paths_choose_the_provider(void **state)
{
	(void)state;
	static const struct {
		const char *line, *headers;
		enum route_kind kind;
		enum provider provider;
	} cases[] = {
		{ "POST /v1/messages", "", ROUTE_RELAY, PROVIDER_ANTHROPIC },
		{ "POST /v1/messages/count_tokens", ANY, ROUTE_RELAY, PROVIDER_ANTHROPIC },
		{ "GET /v1/models", ANT, ROUTE_RELAY, PROVIDER_ANTHROPIC },
		{ "GET /v1/models", ANT_BEARER, ROUTE_RELAY, PROVIDER_ANTHROPIC },
		{ "GET /v1/models", "anthropic-version: 1\r\n", ROUTE_RELAY, PROVIDER_ANTHROPIC },
		{ "GET /v1/models", "anthropic-version: 1\r\n" OAI, ROUTE_RELAY, PROVIDER_OPENAI },
		{ "GET /v1/models", ANY, ROUTE_RELAY, PROVIDER_OPENAI },
		{ "GET /v1/models", GOO, ROUTE_RELAY, PROVIDER_GEMINI },
		{ "POST /v1/chat/completions", ANT, ROUTE_RELAY, PROVIDER_ANTHROPIC },
		{ "POST /v1/chat/completions", "", ROUTE_RELAY, PROVIDER_OPENAI },
		{ "POST /v1/messagesx", "", ROUTE_RELAY, PROVIDER_OPENAI },
		{ "POST /v1beta/models/m:generateContent", "", ROUTE_RELAY, PROVIDER_GEMINI },
		{ "POST /v1beta/openai/chat/completions", ANY, ROUTE_RELAY, PROVIDER_GEMINI },
		{ "GET /anything", ANT, ROUTE_RELAY, PROVIDER_ANTHROPIC },
		{ "GET /anything", ANY, ROUTE_RELAY, PROVIDER_OPENAI },
		{ "GET /anything", "", ROUTE_NOT_FOUND, PROVIDER_NONE },
		{ "GET /", "", ROUTE_NOT_FOUND, PROVIDER_NONE },
		{ "HEAD /", "", ROUTE_ROOT, PROVIDER_NONE },
		{ "HEAD /", ANT, ROUTE_ROOT, PROVIDER_NONE },
		{ "POST /v1/messages", OAI, ROUTE_MISFIT, PROVIDER_ANTHROPIC },
		{ "POST /v1/messages", GOO, ROUTE_MISFIT, PROVIDER_ANTHROPIC },
		{ "POST /v1beta/models", ANT, ROUTE_MISFIT, PROVIDER_GEMINI },
		{ "POST /v1beta/models", OAI, ROUTE_MISFIT, PROVIDER_GEMINI },
		{ "GET /v1/models", ANT GOO, ROUTE_MISFIT, PROVIDER_ANTHROPIC },
		{ "GET /v1/models", ANT OAI, ROUTE_MISFIT, PROVIDER_ANTHROPIC },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct route r = find(cases[i].line, cases[i].headers, true);

		if (r.kind != cases[i].kind || r.provider != cases[i].provider)
			fail_msg("%s %s: kind %d provider %s", cases[i].line, cases[i].headers, r.kind,
				 provider_name(r.provider));
	}
}

static void
our_own_prefixes_never_leave(void **state)
{
	(void)state;
	static const char *const paths[] = { "/admin", "/admin/x", "/stats/", "/stats/x", "/stats-history",
					     "/metrics", "/healthz", "/health/", "/livez", "/readyz",
					     "/cache/clear", "/transformations/feed", "/dashboard/x",
					     "/v1/compress", "/v1/compress/x", "/v1/retrieve/" };

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char line[64];

		snprintf(line, sizeof line, "GET %s", paths[i]);
		if (find(line, ANT, true).kind != ROUTE_NOT_FOUND)
			fail_msg("%s went on", paths[i]);
	}
	assert_int_equal(find("POST /health", ANT, true).kind, ROUTE_METHOD);
	assert_int_equal(find("HEAD /health", "", true).kind, ROUTE_OWN);
	assert_int_equal(find("GET /v1/retrieved", "", true).kind, ROUTE_RELAY);
	assert_int_equal(find("GET /v1/compressor", "", true).kind, ROUTE_RELAY);
}

static void
exact_routes_win_over_prefixes(void **state)
{
	(void)state;
	assert_ptr_equal(find("GET /v1/retrieve/stats", "", true).own, &table[5]);
	assert_ptr_equal(find("GET /v1/retrieve/abc", "", true).own, &table[4]);
	assert_ptr_equal(find("POST /v1/retrieve", "", true).own, &table[3]);
	assert_int_equal(find("GET /v1/retrieve", "", true).kind, ROUTE_METHOD);
	assert_int_equal(find("POST /v1/retrieve/abc", "", true).kind, ROUTE_METHOD);
}

static void
guarded_routes_do_not_exist_for_others(void **state)
{
	(void)state;
	assert_int_equal(find("POST /stats/reset", "", false).kind, ROUTE_NOT_FOUND);
	assert_int_equal(find("GET /stats/reset", "", false).kind, ROUTE_NOT_FOUND);
	assert_int_equal(find("GET /stats", "", false).kind, ROUTE_OWN);
}

static void
only_json_conversations_are_held(void **state)
{
	(void)state;
	assert_true(find("POST /v1/messages?beta=true", "", true).shrinkable);
	assert_true(find("POST /v1/messages", "Content-Type: Application/JSON; charset=utf-8\r\n", true).shrinkable);
	assert_false(find("POST /v1/messages", "Content-Type: text/plain\r\n", true).shrinkable);
	assert_false(find("PUT /v1/messages", "", true).shrinkable);
	assert_false(find("POST /v1/messages/batches", "", true).shrinkable);
	assert_false(find("POST /v1/embeddings", "", true).shrinkable);
	assert_int_equal(find("POST /v1/chat/completions", ANT, true).format, WIRE_OPENAI_CHAT);
}

static void
both_gates_make_a_caller_local(void **state)
{
	(void)state;
	static const char *const yes[] = { "localhost", "LOCALHOST:1", "127.0.0.1", "127.1.2.3:99", "[::1]",
					   "[::1]:80" };
	static const char *const no[] = { "localhost.", "localhost.evil.com", "127.0.0.1.evil.com", "0.0.0.0",
					  "evil.com:127" };
	char host[64];

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		snprintf(host, sizeof host, "Host: %s\r\n", yes[i]);
		const struct head h = parse("GET /", host);

		if (!guard_is_local(true, &h))
			fail_msg("%s", host);
		assert_false(guard_is_local(false, &h));
	}
	for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
		snprintf(host, sizeof host, "Host: %s\r\n", no[i]);
		const struct head h = parse("GET /", host);

		if (guard_is_local(true, &h))
			fail_msg("%s", host);
	}
}

static void
other_sites_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *headers;
		bool cross;
	} cases[] = {
		{ "", false },
		{ "Origin: http://localhost:8787\r\n", false },
		{ "Origin: http://127.0.0.1:8787\r\n", false },
		{ "Origin: http://[::1]:8787\r\n", false },
		{ "Origin: http://localhost:3000\r\n", true },
		{ "Origin: http://localhost\r\n", true },
		{ "Origin: http://evil.example:8787\r\n", true },
		{ "Origin: http://localhost.evil.example:8787\r\n", true },
		{ "Origin: null\r\n", true },
		{ "Sec-Fetch-Site: same-origin\r\n", false },
		{ "Sec-Fetch-Site: none\r\n", false },
		{ "Sec-Fetch-Site: cross-site\r\n", true },
		{ "Sec-Fetch-Site: same-site\r\n", true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char all[200];

		snprintf(all, sizeof all, "Host: localhost:8787\r\n%s", cases[i].headers);
		const struct head h = parse("POST /cache/clear", all);
		if (guard_is_cross_site(&h, 8787) != cases[i].cross)
			fail_msg("%s", cases[i].headers);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(credentials_and_paths_choose_the_provider),
		cmocka_unit_test(our_own_prefixes_never_leave),
		cmocka_unit_test(exact_routes_win_over_prefixes),
		cmocka_unit_test(guarded_routes_do_not_exist_for_others),
		cmocka_unit_test(only_json_conversations_are_held),
		cmocka_unit_test(both_gates_make_a_caller_local),
		cmocka_unit_test(other_sites_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
