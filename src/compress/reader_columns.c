#include "compress/reader_table.h"

#include "compress/derive.h"
#include "compress/wording.h"
#include "json/text.h"

static enum err
keep(struct form_reader *const r, struct span *const out)
{
	TRY(buf_err(&r->scratch));
	*out = arena_copy(r->a, buf_span(&r->scratch));
	return out->p ? OK : ERR_NOMEM;
}

static bool
ends_name(const char c, const char sep)
{
	return c == sep || c == '\n' || c == '.' || c == '=' || c == ':' || c == '[' ||
	       c == '?';
}

static enum err
read_name(struct form_reader *const r, const char sep, struct segment *const s)
{
	buf_clear(&r->scratch);
	if (reader_is_at(r, '"') || reader_is_at(r, '\\')) {
		TRY(reader_quoted(r, &r->scratch));
	} else {
		const char *const from = r->at;

		while (r->at < r->end && !ends_name(*r->at, sep))
			r->at++;
		if (r->at == from)
			return ERR_SYNTAX;
		buf_add_char(&r->scratch, '"');
		json_escape(&r->scratch, span_of(from, (size_t)(r->at - from)));
		buf_add_char(&r->scratch, '"');
	}
	buf_add_char(&r->scratch, ':');
	return keep(r, &s->key);
}

static enum err
read_path(struct form_reader *const r, const char sep, struct read_column *const c)
{
	struct segment path[READER_PATH];
	const char *const from = r->at;
	uint32_t n = 0;

	do {
		if (n == READER_PATH)
			return ERR_SYNTAX;
		path[n] = (struct segment){ 0 };
		TRY(read_name(r, sep, &path[n++]));
		while (reader_skip(r, SPAN("["))) {
			if (n == READER_PATH)
				return ERR_SYNTAX;
			path[n] = (struct segment){ .is_item = true };
			TRY(reader_number(r, &path[n++].item));
			if (!reader_skip(r, SPAN("]")))
				return ERR_SYNTAX;
		}
	} while (reader_skip(r, SPAN(".")));
	c->path = ARENA_ARRAY(r->a, struct segment, (size_t)n + 0u);
	if (!c->path)
		return ERR_NOMEM;
	memcpy(c->path, path, n * sizeof *path);
	c->depth = n;
	c->spelled = span_of(from, (size_t)(r->at - from));
	return OK;
}

static uint32_t
common_path(const struct read_column *const x, const struct read_column *const y)
{
	uint32_t n = 0;

	while (n < x->depth && n < y->depth && x->path[n].is_item == y->path[n].is_item &&
	       x->path[n].item == y->path[n].item && span_eq(x->path[n].key, y->path[n].key))
		n++;
	return n;
}

void
reader_add_bare(const struct span s, const bool text, struct buf *const out)
{
	const bool word = span_eq(s, SPAN("null")) ||
			  (!text && (span_eq(s, SPAN("true")) || span_eq(s, SPAN("false")) ||
				     cell_is_json_number(s)));

	if (word) {
		buf_add_span(out, s);
		return;
	}
	buf_add_char(out, '"');
	json_escape(out, s);
	buf_add_char(out, '"');
}

/* Splits a pattern, spelled as a JSON string, at its mark. */
static enum err
take_pattern(struct read_column *const c, const struct span json)
{
	const char *const mark = memmem(json.p, json.n, "{}", 2);

	if (!mark || json.p[0] != '"')
		return ERR_SYNTAX;
	c->pattern = true;
	c->before = span_of(json.p, (size_t)(mark - json.p));
	c->after = span_of(mark + 2, json.n - c->before.n - 2);
	return OK;
}

enum err
reader_value(struct form_reader *const r, const char sep, const struct read_column *const c,
	     struct span *const json)
{
	buf_clear(&r->scratch);
	if (reader_is_at_name(r) || reader_is_at(r, '[') || reader_is_at(r, '{'))
		return ERR_SYNTAX;
	if (reader_is_at(r, '"') || reader_is_at(r, '\\')) {
		TRY(reader_quoted(r, &r->scratch));
	} else {
		struct span bare = reader_bare(r, sep);

		if (c->no_cell) {
			if (!span_ends(bare, SPAN(")")))
				return ERR_SYNTAX;
			r->at--;
			bare.n--;
		}
		reader_add_bare(bare, false, &r->scratch);
	}
	return keep(r, json);
}

/* A container in the columns line: its JSON, or with names in it a part of its own. */
static enum err
read_container(struct form_reader *const r, struct read_column *const c)
{
	const size_t start = r->flat.n;
	const uint32_t holes = r->hole_count;

	TRY(reader_part(r));
	TRY(reader_json(r, false));
	TRY(buf_err(&r->flat));
	if (r->hole_count > holes) {
		c->value_part = r->part_count;
		return OK;
	}
	buf_clear(&r->scratch);
	buf_add_span(&r->scratch, span_from(buf_span(&r->flat), start));
	buf_truncate(&r->flat, start);
	r->part_count--;
	return keep(r, &c->value);
}

/* The value that is said once for the column. */
static enum err
read_common(struct form_reader *const r, const char sep, struct read_column *const c)
{
	if (reader_is_at_name(r)) {
		TRY(reader_name(r, &c->value_part));
		c->value_part++;
		return OK;
	}
	if (reader_is_at(r, '[') || reader_is_at(r, '{'))
		return read_container(r, c);
	return reader_value(r, sep, c, &c->value);
}

/* ":step)" or ":step=pattern)". */
static enum err
read_sequence(struct form_reader *const r, const char sep, struct read_column *const c)
{
	struct span json;

	c->sequence = arena_zalloc(r->a, sizeof *c->sequence);
	if (!c->sequence)
		return ERR_NOMEM;
	const char *const from = ++r->at;
	while (r->at < r->end && *r->at != '=' && *r->at != ')' && *r->at != '\n')
		r->at++;
	c->sequence->step = span_of(from, (size_t)(r->at - from));
	if (reader_skip(r, SPAN("="))) {
		TRY(reader_value(r, sep, c, &json));
		TRY(take_pattern(c, json));
	}
	return reader_skip(r, SPAN(")")) ? OK : ERR_SYNTAX;
}

static enum err
read_column(struct form_reader *const r, const char sep, struct read_column *const c)
{
	struct span json;

	c->no_cell = reader_skip(r, SPAN("("));
	TRY(read_path(r, sep, c));
	c->usually = !c->no_cell && reader_skip(r, SPAN(DERIVE_USUALLY));
	c->text = c->usually;
	c->derived = c->usually || reader_skip(r, SPAN(":="));
	if (c->derived) {
		TRY(reader_value(r, sep, c, &json));
		TRY(template_parse(c, json));
		return !c->no_cell || reader_skip(r, SPAN(")")) ? OK : ERR_SYNTAX;
	}
	if (c->no_cell && reader_is_at(r, ':'))
		return read_sequence(r, sep, c);
	if (c->no_cell) {
		if (!reader_skip(r, SPAN("=")))
			return ERR_SYNTAX;
		TRY(read_common(r, sep, c));
		return reader_skip(r, SPAN(")")) ? OK : ERR_SYNTAX;
	}
	c->has_wordings = reader_skip(r, SPAN(WORDING_COLUMN));
	if (c->has_wordings)
		return OK;
	c->text = reader_skip(r, SPAN(":text"));
	c->marked = reader_skip(r, SPAN("?="));
	if (c->marked)
		return read_common(r, sep, c);
	if (!reader_skip(r, SPAN("=")))
		return OK;
	TRY(reader_value(r, sep, c, &json));
	return take_pattern(c, json);
}

static enum err
add_column(struct form_reader *const r, struct read_table *const t, uint32_t *const room,
	   struct read_column *const c)
{
	if (t->column_count == *room) {
		const uint32_t more = *room ? 2 * *room : 16;
		struct read_column *const p = arena_grow(r->a, t->columns, *room * sizeof *p,
							 more * sizeof *p);

		if (!p)
			return ERR_NOMEM;
		t->columns = p;
		*room = more;
	}
	t->has_sequences = t->has_sequences || c->sequence;
	if (t->column_count)
		c->common = common_path(&t->columns[t->column_count - 1], c);
	t->columns[t->column_count++] = *c;
	return OK;
}

enum err
reader_columns(struct form_reader *const r, struct read_table *const t)
{
	const char sep = separator_char(t->separator);
	const char *const line = r->at;
	uint32_t room = 0;

	/* Members have a column with their names at least. */
	if (r->at == r->end || *r->at == '\n')
		return t->keyed ? ERR_SYNTAX : OK;
	do {
		struct read_column c = { 0 };

		TRY(read_column(r, sep, &c));
		c.text = c.text || (t->keyed && t->column_count == 0);
		t->has_cells = t->has_cells || !c.no_cell;
		TRY(add_column(r, t, &room, &c));
		if (r->at < r->end && *r->at != sep && *r->at != '\n')
			return ERR_SYNTAX;
	} while (reader_is_at(r, sep) && r->at++);
	TRY(template_resolve(r, t));
	TRY(wording_read(r, t));
	return fuel_use(r->fuel, (uint64_t)(r->at - line)) ? OK : ERR_FUEL;
}
