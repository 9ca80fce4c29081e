#include "json/edit.h"

#include "base/check.h"

/* Aborts unless edit `e`, the next after a text position `from`, stands within
 * the text and not before it. */
static void
check_edit(struct span text, size_t from, const struct json_edit *e)
{
	CHECK(e->off >= from);
	CHECK(e->off <= text.n && e->len <= text.n - e->off);
}

size_t
json_pieces(struct span text, const struct json_edit *edits, size_t n, struct span *pieces)
{
	size_t used = 0;
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		const struct json_edit *const e = &edits[i];

		check_edit(text, from, e);
		if (e->off > from)
			pieces[used++] = span_of(text.p + from, e->off - from);
		if (e->with.n)
			pieces[used++] = e->with;
		from = e->off + e->len;
	}
	if (from < text.n)
		pieces[used++] = span_from(text, from);
	return used;
}

size_t
json_edited_size(struct span text, const struct json_edit *edits, size_t n)
{
	size_t size = text.n;
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		check_edit(text, from, &edits[i]);
		from = edits[i].off + edits[i].len;
		size = size - edits[i].len + edits[i].with.n;
	}
	return size;
}

void
json_splice(struct span text, const struct json_edit *edits, size_t n, struct buf *out)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		const struct json_edit *const e = &edits[i];

		check_edit(text, from, e);
		buf_add_span(out, span_of(text.p + from, e->off - from));
		buf_add_span(out, e->with);
		from = e->off + e->len;
	}
	buf_add_span(out, span_from(text, from));
}
