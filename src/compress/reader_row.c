#include "compress/reader_table.h"

#include "compress/derive.h"
#include "compress/kinds.h"
#include "compress/table_write.h"
#include "json/text.h"

/* Appends the value that is said once for the column. */
static enum err
add_value(struct form_reader *const r, const struct read_column *const c)
{
	if (c->value_part)
		return reader_hole(r, c->value_part - 1, false);
	buf_add_span(&r->flat, c->value);
	return OK;
}

static void
close_containers(const struct read_column *const c, uint32_t depth, const uint32_t to,
		 struct buf *const out)
{
	while (--depth > to)
		buf_add_char(out, c->path[depth].is_item ? ']' : '}');
}

/* Appends the way from the value of `last` (NULL: the row's start) to that of
 * `c`, which share `common` segments. */
static enum err
add_path(const struct read_column *const last, const struct read_column *const c,
	 const uint32_t common, struct buf *const out)
{
	if (last) {
		if (common == last->depth || common == c->depth)
			return ERR_SYNTAX;
		const struct segment *const x = &last->path[common], *const y = &c->path[common];
		if (x->is_item != y->is_item || (y->is_item && y->item != x->item + 1))
			return ERR_SYNTAX;
		close_containers(last, last->depth, common, out);
		buf_add_char(out, ',');
	}
	for (uint32_t i = common; i < c->depth; i++) {
		const struct segment *const s = &c->path[i];

		if (i > common) {
			if (s->is_item && s->item != 0)
				return ERR_SYNTAX;
			buf_add_char(out, s->is_item ? '[' : '{');
		}
		buf_add_span(out, s->key);
	}
	return OK;
}

bool
reader_skip_mark(struct form_reader *const r, const struct span mark, const char sep)
{
	const char *const after = r->at + mark.n;

	if ((size_t)(r->end - r->at) < mark.n || memcmp(r->at, mark.p, mark.n) != 0)
		return false;
	if (after < r->end && *after != '\n' && *after != sep)
		return false;
	r->at = after;
	return true;
}

enum err
reader_inner(struct form_reader *const r, const char sep)
{
	if (!reader_is_at(r, '"')) {
		json_escape(&r->flat, reader_bare(r, sep));
		return OK;
	}
	buf_clear(&r->scratch);
	TRY(reader_quoted(r, &r->scratch));
	TRY(buf_err(&r->scratch));
	/* Others bring the quotes. */
	buf_add(&r->flat, r->scratch.p + 1, r->scratch.n - 2);
	return OK;
}

enum err
reader_cell(struct form_reader *const r, const struct read_column *const c, const char sep)
{
	struct buf *const out = &r->flat;

	if (c->marked && reader_skip_mark(r, SPAN("*"), sep))
		return add_value(r, c);
	if (!c->pattern && reader_is_at_name(r)) {
		uint32_t part;

		TRY(reader_name(r, &part));
		return reader_hole(r, part, false);
	}
	if (!c->pattern && (*r->at == '[' || *r->at == '{'))
		return reader_json(r, true);
	if (c->pattern) {
		buf_add_span(out, c->before);
		TRY(reader_inner(r, sep));
		buf_add_span(out, c->after);
		return OK;
	}
	if (*r->at == '"' || *r->at == '\\')
		return reader_quoted(r, out);
	const struct span bare = reader_bare(r, sep);
	if (c->has_wordings)
		return wording_fill(r, c, bare);
	reader_add_bare(bare, c->text, out);
	return OK;
}

/* The way to the column's value, and the value. */
static enum err
read_member(struct form_reader *const r, const struct read_table *const t,
	    const struct read_column *const c)
{
	const char sep = separator_char(t->separator);

	if (c->derived && (!c->usually || reader_skip_mark(r, SPAN(DERIVE_SO), sep)))
		return template_fill(r, t, c);
	if (!c->no_cell)
		return reader_cell(r, c, sep);
	if (c->sequence)
		return sequence_fill(r, c);
	return add_value(r, c);
}

/* The first column of a keyed table is a string, and no member may be missing. */
static enum err
read_key(struct form_reader *const r, const struct read_table *const t)
{
	const size_t from = r->flat.n;

	if (r->at == r->end)
		return ERR_SYNTAX;
	TRY(read_member(r, t, &t->columns[0]));
	TRY(buf_err(&r->flat));
	if (r->flat.n == from || r->flat.p[from] != '"')
		return ERR_SYNTAX;
	buf_add_char(&r->flat, ':');
	return OK;
}

static enum err
read_cells(struct form_reader *const r, const struct read_table *const t)
{
	const char sep = separator_char(t->separator);
	const struct read_column *last = NULL;
	uint32_t common = 0;
	bool first = true;

	if (t->cells)
		TRY(template_locate(r, t));
	if (t->keyed) {
		TRY(read_key(r, t));
		first = t->columns[0].no_cell;
	}
	buf_add_char(&r->flat, '{');
	for (uint32_t k = t->keyed; k < t->column_count; k++) {
		const struct read_column *const c = &t->columns[k];

		bool null = false;

		common = c->common < common ? c->common : common;
		if (!c->no_cell) {
			if (!first && !reader_skip(r, span_of(&sep, 1)))
				return ERR_SYNTAX;
			first = false;
			null = reader_skip_mark(r, separator_missing(t->separator), sep);
			if (null && !t->empty_is_null)
				continue;
			if (!null && r->at == r->end)
				return ERR_SYNTAX;
		}
		TRY(add_path(last, c, common, &r->flat));
		if (null)
			buf_add_str(&r->flat, "null");
		else
			TRY(read_member(r, t, c));
		last = c;
		common = UINT32_MAX;
	}
	if (last)
		close_containers(last, last->depth, 0, &r->flat);
	buf_add_char(&r->flat, '}');
	return OK;
}

/* A row behind "=": a value, in a keyed table with its key. */
static enum err
read_json_row(struct form_reader *const r, const struct read_table *const t)
{
	if (t->keyed) {
		if (!reader_is_at(r, '"'))
			return ERR_SYNTAX;
		TRY(reader_json(r, false));
		if (!reader_skip(r, SPAN(":")))
			return ERR_SYNTAX;
		buf_add_char(&r->flat, ':');
	}
	return reader_json(r, true);
}

/* A row behind the letter of its kind. */
static enum err
read_kind_row(struct form_reader *const r, const struct read_table *const t)
{
	const char sep = separator_char(t->separator);
	const uint32_t k = r->at < r->end ? (unsigned char)*r->at - (uint32_t)'A' : KINDS;

	if (k >= t->kind_count)
		return ERR_SYNTAX;
	r->at++;
	if (t->kinds[k].has_cells && !reader_skip(r, span_of(&sep, 1)))
		return ERR_SYNTAX;
	return read_cells(r, &t->kinds[k]);
}

enum err
reader_row(struct form_reader *const r, const struct read_table *const t)
{
	const char *const from = r->at;
	const size_t before = r->flat.n;

	if (reader_skip(r, SPAN("=")))
		TRY(read_json_row(r, t));
	else if (t->kinds)
		TRY(read_kind_row(r, t));
	else
		TRY(read_cells(r, t));
	if (r->at < r->end && *r->at != '\n')
		return ERR_SYNTAX;
	TRY(buf_err(&r->flat));
	const uint64_t steps = (uint64_t)(r->at - from) + (r->flat.n - before) + t->column_count;
	return fuel_use(r->fuel, steps) ? OK : ERR_FUEL;
}
