/* Heads of arbitrary bytes: however the input grows, the verdict is the same;
 * what is accepted lies within the input, has one framing, and written out
 * again from its parts it is read as the same head. The first byte chooses
 * between requests and responses. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "wire/head.h"
#include "wire/octet.h"

enum { LIMIT = 4096 };

struct how {
	bool response;
	bool to_head;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum head_result
parse(struct how how, struct span in, size_t *scanned, struct head *h)
{
	const char *why = NULL;
	const enum head_result r =
		how.response ? head_parse_response(in, LIMIT, scanned, how.to_head, h, &why)
			     : head_parse_request(in, LIMIT, scanned, h, &why);

	CHECK((why != NULL) == (r == HEAD_BAD || r == HEAD_UNSUPPORTED));
	CHECK(r == HEAD_MORE ? *scanned <= in.n : *scanned == 0);
	return r;
}

static void
check_within(struct span part, struct span whole)
{
	CHECK(part.p >= whole.p && part.n <= whole.n &&
	      (size_t)(part.p - whole.p) <= whole.n - part.n);
}

static void
check_headers(const struct head *h, struct span whole)
{
	CHECK(h->header_count <= HEAD_MAX_HEADERS);
	for (uint32_t i = 0; i < h->header_count; i++) {
		const struct span name = h->headers[i].name;
		const struct span value = h->headers[i].value;

		check_within(name, whole);
		check_within(value, whole);
		CHECK(name.n && octet_run(name, OCTET_TOKEN) == name.n);
		CHECK(octet_run(value, OCTET_FIELD) == value.n);
		CHECK(octet_field_run(value) == value.n);
		CHECK(span_eq(span_trim(value), value));
		CHECK(head_get(h, name).p != NULL);
		(void)head_is_hop(h, name);
	}
}

static void
check_framing(const struct head *h, struct how how)
{
	const struct span length = head_get(h, SPAN("content-length"));
	const struct span coding = head_get(h, SPAN("transfer-encoding"));

	CHECK(!length.p || !coding.p);
	CHECK(!coding.p || (span_eq_nocase(coding, SPAN("chunked")) && h->minor == 1));
	CHECK(!length.p || octet_run(length, OCTET_DIGIT) == length.n);
	CHECK(h->body != HEAD_BODY_CHUNKED || coding.p);
	CHECK(h->body != HEAD_BODY_LENGTH || (length.p && h->content_length));
	CHECK(h->body != HEAD_BODY_CLOSE || (how.response && !h->keep_alive));
	if (!how.response && coding.p)
		CHECK(h->body == HEAD_BODY_CHUNKED);
}

static void
check_request(const struct head *h, struct span whole)
{
	check_within(h->method, whole);
	check_within(h->target, whole);
	if (h->query.p)
		check_within(h->query, whole);
	CHECK(h->path.n && (h->path.p[0] == '/' || span_eq(h->path, SPAN("*"))));
	CHECK(span_find(h->path, '?') == h->path.n && span_find(h->target, ' ') == h->target.n);
	CHECK(h->minor == 0 || head_get(h, SPAN("host")).n);
}

/* The head written out plainly. */
static void
write_head(const struct head *h, bool response, struct buf *out)
{
	if (response)
		buf_addf(out, "HTTP/1.%d %d %.*s\r\n", h->minor, h->status, SPAN_ARG(h->reason));
	else
		buf_addf(out, "%.*s %.*s HTTP/1.%d\r\n", SPAN_ARG(h->method), SPAN_ARG(h->target), h->minor);
	for (uint32_t i = 0; i < h->header_count; i++)
		buf_addf(out, "%.*s: %.*s\r\n", SPAN_ARG(h->headers[i].name), SPAN_ARG(h->headers[i].value));
	buf_add_str(out, "\r\n");
}

static void
check_again(const struct head *h, struct how how)
{
	static struct head again;
	struct buf text;
	size_t scanned = 0;

	buf_init(&text, 1 << 20);
	write_head(h, how.response, &text);
	if (text.n <= LIMIT) {
		CHECK(parse(how, buf_span(&text), &scanned, &again) == HEAD_DONE);
		CHECK(again.size == text.n && again.header_count == h->header_count);
		CHECK(again.body == h->body && again.content_length == h->content_length);
		CHECK(again.keep_alive == h->keep_alive && again.upgrade == h->upgrade);
		CHECK(span_eq(again.path, h->path) && span_eq(again.query, h->query));
		CHECK(again.status == h->status && again.expect_continue == h->expect_continue);
	}
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct head whole, grown;

	if (size < 1)
		return 0;
	const struct how how = { data[0] & 1, data[0] & 2 };
	const size_t n = size - 1;
	char *const p = malloc(n ? n : 1);
	size_t scanned = 0;
	enum head_result piecewise = HEAD_MORE;

	memcpy(p, data + 1, n);
	const enum head_result r = parse(how, span_of(p, n), &scanned, &whole);

	scanned = 0;
	for (size_t i = 0; i <= n && piecewise == HEAD_MORE; i++)
		piecewise = parse(how, span_of(p, i), &scanned, &grown);
	CHECK(piecewise == r);
	CHECK(octet_field_run(span_of(p, n)) == octet_run(span_of(p, n), OCTET_FIELD));
	if (r == HEAD_DONE) {
		const struct span text = span_of(p, whole.size);

		CHECK(whole.size <= n && grown.size == whole.size);
		CHECK(span_ends(text, SPAN("\r\n\r\n")));
		check_headers(&whole, text);
		check_framing(&whole, how);
		if (!how.response)
			check_request(&whole, text);
		check_again(&whole, how);
	}
	free(p);
	return 0;
}
