#include "compress/reader_table.h"
#include "compress/wording.h"
#include "json/text.h"

/* "keyword=text"; *room entries have been made for. */
static enum err
read_wording(struct form_reader *const r, const char sep, struct read_column *const c,
	     uint32_t *const room)
{
	const struct span rest = span_of(r->at, (size_t)(r->end - r->at));
	const struct span line = span_head(rest, span_find(rest, '\n'));
	const struct span keyword = span_head(line, span_find(line, '='));
	struct span json;

	if (keyword.n == 0)
		return ERR_SYNTAX;
	r->at += keyword.n;
	if (!reader_skip(r, SPAN("=")))
		return ERR_SYNTAX;
	TRY(reader_value(r, sep, c, &json));
	if (json.p[0] != '"')
		return ERR_SYNTAX;
	if (c->wording_count == *room) {
		const uint32_t more = *room ? 2 * *room : 8;
		struct read_wording *const p = arena_grow(r->a, c->wordings, *room * sizeof *p,
							  more * sizeof *p);

		if (!p)
			return ERR_NOMEM;
		c->wordings = p;
		*room = more;
	}
	c->wordings[c->wording_count++] =
		(struct read_wording){ keyword, span_of(json.p + 1, json.n - 2) };
	return c->wording_count <= WORDINGS ? OK : ERR_SYNTAX;
}

enum err
wording_read(struct form_reader *const r, struct read_table *const t)
{
	const char sep = separator_char(t->separator);

	for (uint32_t i = 0; i < t->column_count; i++) {
		struct read_column *const c = &t->columns[i];
		uint32_t room = 0;

		if (!c->has_wordings)
			continue;
		if (!reader_skip(r, SPAN("\n")) || !reader_skip(r, c->spelled) ||
		    !reader_skip(r, SPAN(WORDING_COLUMN)))
			return ERR_SYNTAX;
		while (reader_skip(r, span_of(&sep, 1)))
			TRY(read_wording(r, sep, c, &room));
	}
	return OK;
}

static const struct read_wording *
find_wording(const struct read_column *const c, const struct span keyword)
{
	for (uint32_t i = 0; i < c->wording_count; i++)
		if (span_eq(c->wordings[i].keyword, keyword))
			return &c->wordings[i];
	return NULL;
}

enum err
wording_fill(struct form_reader *const r, const struct read_column *const c, const struct span cell)
{
	const size_t mark = span_find(cell, WORDING_MARK);
	const struct read_wording *const p = find_wording(c, span_head(cell, mark));
	struct span parts = span_from(cell, mark), text = p ? p->text : cell;

	if (!p && span_eq(cell, SPAN("null"))) {
		buf_add_span(&r->flat, cell);
		return OK;
	}
	if (!fuel_use(r->fuel, c->wording_count + text.n))
		return ERR_FUEL;
	buf_add_char(&r->flat, '"');
	if (!p)
		json_escape(&r->flat, cell);
	/* A part for each "{}", no more and no less. */
	while (p) {
		const char *const hole = memmem(text.p, text.n, "{}", 2);
		const size_t n = hole ? (size_t)(hole - text.p) : text.n;

		if ((hole != NULL) != (parts.n > 0))
			return ERR_SYNTAX;
		buf_add(&r->flat, text.p, n);
		if (!hole)
			break;
		text = span_from(text, n + 2);
		parts = span_from(parts, 1);
		const size_t part = span_find(parts, WORDING_MARK);
		json_escape(&r->flat, span_head(parts, part));
		parts = span_from(parts, part);
	}
	buf_add_char(&r->flat, '"');
	return OK;
}
