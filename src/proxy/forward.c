#include "proxy/forward.h"

/* What a field means to somebody who passes a head on. */
enum field {
	FIELD_OTHER,
	FIELD_HOST,
	FIELD_LENGTH,
	FIELD_ENCODING,
	FIELD_EXPECT,
	FIELD_CONNECTION,
	FIELD_UPGRADE,
	FIELD_HOP,
	FIELD_OURS,
};

static const struct known {
	const char *name;
	uint8_t n;
	uint8_t field;
} known[] = {
#define KNOWN(name, field) { name, sizeof name - 1, field }
	KNOWN("te", FIELD_HOP),
	KNOWN("host", FIELD_HOST),
	KNOWN("expect", FIELD_EXPECT),
	KNOWN("trailer", FIELD_HOP),
	KNOWN("upgrade", FIELD_UPGRADE),
	KNOWN("connection", FIELD_CONNECTION),
	KNOWN("keep-alive", FIELD_HOP),
	KNOWN("content-length", FIELD_LENGTH),
	KNOWN("http2-settings", FIELD_HOP),
	KNOWN("content-encoding", FIELD_ENCODING),
	KNOWN("proxy-connection", FIELD_HOP),
	KNOWN("transfer-encoding", FIELD_HOP),
	KNOWN("proxy-authenticate", FIELD_HOP),
	KNOWN("proxy-authorization", FIELD_HOP),
#undef KNOWN
};

static enum field
field_of(struct span name)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].n == name.n && strncasecmp(known[i].name, name.p, name.n) == 0)
			return (enum field)known[i].field;
	if (name.n > 11 && (name.p[0] | 0x20) == 'x' && strncasecmp(name.p, "x-headroom-", 11) == 0)
		return FIELD_OURS;
	return FIELD_OTHER;
}

/* The whole line of field i, line end included. */
static struct span
line_of(const struct head *h, uint32_t i)
{
	const struct head_header *const f = &h->headers[i];
	const char *end = f->value.p ? f->value.p + f->value.n : f->name.p + f->name.n;

	while (*end != '\n')
		end++;
	return span_of(f->name.p, (size_t)(end + 1 - f->name.p));
}

static void
add_length(struct buf *out, struct span name, uint64_t length)
{
	buf_add_span(out, name);
	buf_add(out, ": ", 2);
	buf_add_u64(out, length);
	buf_add(out, "\r\n", 2);
}

/* Copies the lines that `keep` says; runs of kept lines go in one piece. */
struct copier {
	struct buf *out;
	struct span run;
};

static void
copy_flush(struct copier *c)
{
	if (c->run.n)
		buf_add_span(c->out, c->run);
	c->run = SPAN_NONE;
}

static void
copy_line(struct copier *c, struct span line)
{
	if (c->run.n && c->run.p + c->run.n == line.p) {
		c->run.n += line.n;
		return;
	}
	copy_flush(c);
	c->run = line;
}

static void
add_request_line(const struct head *h, const struct origin *o, struct buf *out)
{
	buf_add_span(out, h->method);
	buf_add_char(out, ' ');
	if (o->prefix[0])
		buf_add_str(out, o->prefix);
	/* Origin form, also when the client sent "http://host/path". */
	buf_add_span(out, h->path);
	if (h->query.p) {
		buf_add_char(out, '?');
		buf_add_span(out, h->query);
	}
	buf_add_str(out, " HTTP/1.1\r\n");
}

static void
add_host(struct buf *out, struct span name, const struct origin *o)
{
	buf_add_span(out, name);
	buf_add(out, ": ", 2);
	buf_add_str(out, o->authority);
	buf_add(out, "\r\n", 2);
}

void
forward_request_head(const struct head *h, const struct forward_request *f, struct buf *out)
{
	struct copier c = { .out = out };
	bool host = false, length = false;

	add_request_line(h, f->origin, out);
	for (uint32_t i = 0; i < h->header_count; i++) {
		const struct span name = h->headers[i].name;
		const enum field field = field_of(name);

		if (field == FIELD_HOST) {
			copy_flush(&c);
			if (!host)
				add_host(out, name, f->origin);
			host = true;
		} else if (field == FIELD_LENGTH && f->set_length) {
			copy_flush(&c);
			if (!length)
				add_length(out, name, f->length);
			length = true;
		} else if (field == FIELD_LENGTH ||
			   (field == FIELD_ENCODING && !f->drop_encoding) ||
			   (field == FIELD_OTHER && !(h->names_hops && head_is_hop(h, name))) ||
			   (f->upgrade && (field == FIELD_UPGRADE || field == FIELD_CONNECTION))) {
			copy_line(&c, line_of(h, i));
		}
	}
	copy_flush(&c);
	/* HTTP/1.0 knows no Host. */
	if (!host)
		add_host(out, SPAN("Host"), f->origin);
	if (f->set_length && !length)
		add_length(out, SPAN("Content-Length"), f->length);
	if (f->chunked)
		buf_add_str(out, "Transfer-Encoding: chunked\r\n");
	buf_add(out, "\r\n", 2);
}

void
forward_response_head(const struct head *h, const struct forward_response *f, struct buf *out)
{
	struct copier c = { .out = out };
	const char line[] = { (char)('0' + h->status / 100 % 10), (char)('0' + h->status / 10 % 10),
			      (char)('0' + h->status % 10), ' ' };

	buf_add_str(out, "HTTP/1.1 ");
	buf_add(out, line, sizeof line);
	buf_add_span(out, h->reason);
	buf_add(out, "\r\n", 2);
	for (uint32_t i = 0; i < h->header_count; i++) {
		const struct span name = h->headers[i].name;
		const enum field field = field_of(name);
		bool keep = false;

		switch (field) {
		case FIELD_CONNECTION:
		case FIELD_UPGRADE:
			keep = f->upgrade;
			break;
		case FIELD_HOP:
		case FIELD_OURS:
			break;
		case FIELD_LENGTH:
			keep = h->body != HEAD_BODY_CHUNKED;
			break;
		default:
			keep = !(h->names_hops && head_is_hop(h, name));
			break;
		}
		if (keep)
			copy_line(&c, line_of(h, i));
	}
	copy_flush(&c);
	if (f->chunked)
		buf_add_str(out, "transfer-encoding: chunked\r\n");
	if (f->close)
		buf_add_str(out, "connection: close\r\n");
	else if (f->keep_alive)
		buf_add_str(out, "connection: keep-alive\r\n");
	buf_add_span(out, f->extra);
	buf_add(out, "\r\n", 2);
}
