#include "json/text.h"

#include "base/check.h"
#include "json/inner.h"

enum err
json_unescape(struct span inner, struct arena *a, struct span *out)
{
	char *const text = arena_alloc(a, inner.n);

	if (!text)
		return ERR_NOMEM;
	const char *const end = inner_unescape(inner.p, inner.p + inner.n, text);
	const size_t n = end ? (size_t)(end - text) : 0;

	/* Shortening the latest piece never moves it. */
	if (!arena_grow(a, text, inner.n, n))
		return ERR_NOMEM;
	if (!end)
		return ERR_UNSUPPORTED;
	*out = span_of(text, n);
	return OK;
}

enum err
json_string(const struct json_doc *d, uint32_t node, struct arena *a, struct span *out)
{
	CHECK(json_type(d, node) == JSON_STRING);
	if (d->nodes[node].escaped)
		return json_unescape(json_inner(d, node), a, out);
	*out = json_inner(d, node);
	return OK;
}

static void
add_escape(struct buf *b, char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letter[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
		['"'] = '"', ['\\'] = '\\',
	};
	const size_t i = (unsigned char)c;

	if (letter[i]) {
		const char two[2] = { '\\', letter[i] };

		buf_add(b, two, sizeof(two));
	} else {
		const char six[6] = { '\\', 'u', '0', '0', hex[i >> 4], hex[i & 15] };

		buf_add(b, six, sizeof(six));
	}
}

void
json_escape(struct buf *b, struct span utf8)
{
	const char *p = utf8.p;
	const char *const end = utf8.p + utf8.n;

	while (p < end) {
		const char *const stop = inner_plain(p, end);

		buf_add(b, p, (size_t)(stop - p));
		if (stop == end)
			break;
		add_escape(b, *stop);
		p = stop + 1;
	}
}
