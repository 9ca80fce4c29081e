#include "unit.h"

#include "net/origin.h"

static struct origin
parsed(const char *url)
{
	struct origin o;
	char why[200] = "";
	const enum err e = origin_parse(span_str(url), &o, why);

	if (e != OK)
		fail_msg("%s: %s", url, why);
	return o;
}

static void
takes_urls_apart(void **state)
{
	(void)state;
	static const struct {
		const char *url, *connect, *authority, *prefix, *host;
		uint16_t port;
		bool tls;
	} cases[] = {
		{ "https://api.anthropic.com", "https://api.anthropic.com:443/", "api.anthropic.com", "",
		  "api.anthropic.com", 443, true },
		{ "http://h", "http://h:80/", "h", "", "h", 80, false },
		{ "HTTPS://H.example:8443/base/", "https://H.example:8443/", "H.example:8443", "/base",
		  "H.example", 8443, true },
		{ "https://h/v1", "https://h:443/", "h", "", "h", 443, true },
		{ "https://h/openai/v1///", "https://h:443/", "h", "/openai", "h", 443, true },
		{ "https://h/v1beta", "https://h:443/", "h", "/v1beta", "h", 443, true },
		{ "http://[::1]:99/x", "http://[::1]:99/", "[::1]:99", "/x", "::1", 99, false },
		{ "http://h:443", "http://h:443/", "h:443", "", "h", 443, false },
		{ "https://h:443", "https://h:443/", "h", "", "h", 443, true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct origin o = parsed(cases[i].url);

		assert_string_equal(o.url, cases[i].connect);
		assert_string_equal(o.authority, cases[i].authority);
		assert_string_equal(o.prefix, cases[i].prefix);
		assert_string_equal(o.host, cases[i].host);
		assert_int_equal(o.port, cases[i].port);
		assert_int_equal(o.tls, cases[i].tls);
		origin_free(&o);
	}
}

static void
refuses_what_is_no_base_url(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",		   "h",		     "ftp://h",	       "https://",
		"https:///x",	   "https://u:p@h",  "https://h?x=1",  "https://h/?x",
		"https://h/#f",	   "https://h:0",    "https://h:65536", "https://h:8x",
		"https://h:",	   "https://[::1",   "https://a b",    "https://h/a b",
		"https://::1/",	   "https://h\r\nx", "https://h/\r\nHost: x",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct origin o;
		char why[200] = "";

		if (origin_parse(span_str(bad[i]), &o, why) != ERR_SYNTAX)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_true(why[0]);
	}
}

static void
knows_loopback(void **state)
{
	(void)state;
	static const char *const yes[] = { "localhost", "LOCALHOST", "127.0.0.1", "127.255.1.2", "::1",
					   "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1" };
	static const char *const no[] = { "", "localhost.", "localhost.evil.com", "127.0.0.1.evil.com",
					  "0.0.0.0", "128.0.0.1", "::2", "::ffff:128.0.0.1", "127.1",
					  "[::1]", "::" };

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (!host_is_loopback(span_str(yes[i])))
			fail_msg("%s is loopback", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (host_is_loopback(span_str(no[i])))
			fail_msg("%s is not loopback", no[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_urls_apart),
		cmocka_unit_test(refuses_what_is_no_base_url),
		cmocka_unit_test(knows_loopback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
