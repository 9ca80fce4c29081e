#include "json/text.h"

#include "base/check.h"
#include "json/inner.h"

/* Copies up to the next backslash; memchr and memcpy are vectorised on every
 * platform. Returns the bytes copied. */
static inline size_t
copy_run(char *to, const char *p, const char *end)
{
	const size_t n = span_find(span_of(p, (size_t)(end - p)), '\\');

	if (n)
		memcpy(to, p, n);
	return n;
}

enum err
json_unescape(struct span inner, struct arena *a, struct span *out)
{
	const char *p = inner.p;
	const char *const end = inner.p + inner.n;
	/* The text of an escape is never longer than the escape. */
	char *const text = arena_alloc(a, inner.n);
	char *to = text;

	if (!text)
		return ERR_NOMEM;
	while (p < end) {
		const size_t run = copy_run(to, p, end);
		size_t wrote = 0;

		to += run;
		p += run;
		if (p == end)
			break;
		const size_t took = inner_decode(p, end, to, &wrote);
		if (!took) {
			(void)!arena_grow(a, text, inner.n, 0);
			return ERR_UNSUPPORTED;
		}
		p += took;
		to += wrote;
	}
	*out = span_of(text, (size_t)(to - text));
	return arena_grow(a, text, inner.n, out->n) ? OK : ERR_NOMEM;
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
