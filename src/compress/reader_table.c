#include "compress/reader_table.h"

#include "compress/define.h"
#include "compress/derive.h"
#include "compress/kinds.h"
#include "compress/sequence.h"
#include "compress/table_write.h"
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

/* Appends a bare value as JSON: a number or word, else a string. */
static void
add_bare(const struct span s, const bool text, struct buf *const out)
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
		add_bare(bare, false, &r->scratch);
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

/* The line of columns, after its "\n"; stays at the end of the line. */
static enum err
read_columns(struct form_reader *const r, struct read_table *const t)
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
	add_bare(bare, c->text, out);
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

static enum err
read_row(struct form_reader *const r, const struct read_table *const t)
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

/* "table N: " */
static enum err
read_title(struct form_reader *const r)
{
	uint32_t number;

	if (!reader_skip(r, SPAN("table ")))
		return ERR_SYNTAX;
	TRY(reader_number(r, &number));
	/* A table that no earlier part refers to belongs nowhere. */
	if (number != r->table_count + 1 || number > r->tables_referred)
		return ERR_SYNTAX;
	return reader_skip(r, SPAN(": ")) ? OK : ERR_SYNTAX;
}

/* "R rows", or members. */
static enum err
read_count(struct form_reader *const r, struct read_table *const t)
{
	TRY(reader_number(r, &t->rows));
	t->keyed = reader_skip(r, SPAN(TABLE_WRITE_MEMBERS));
	if (!t->keyed && !reader_skip(r, SPAN(TABLE_WRITE_ROWS)))
		return ERR_SYNTAX;
	/* Every row is a line, so there are no more than bytes, but for those left out. */
	return t->rows && (r->gaps || t->rows <= (size_t)(r->end - r->at)) ? OK : ERR_SYNTAX;
}

/* " of K kinds, space-separated", and whether empty is null; a line ends. */
static enum err
read_manner(struct form_reader *const r, struct read_table *const t)
{
	if (reader_skip(r, SPAN(TABLE_WRITE_OF))) {
		TRY(reader_number(r, &t->kind_count));
		if (t->kind_count == 0 || t->kind_count > KINDS ||
		    !reader_skip(r, SPAN(TABLE_WRITE_KINDS)))
			return ERR_SYNTAX;
	}
	if (!reader_skip(r, SPAN(", ")))
		return ERR_SYNTAX;
	while (t->separator < SEPARATORS &&
	       !reader_skip(r, span_str(separator_name(t->separator))))
		t->separator++;
	if (t->separator == SEPARATORS || !reader_skip(r, SPAN("-separated")))
		return ERR_SYNTAX;
	t->empty_is_null = reader_skip(r, SPAN(TABLE_WRITE_NULLS));
	if (t->empty_is_null && t->separator == SEPARATOR_SPACE)
		return ERR_SYNTAX;
	return reader_skip(r, SPAN("\n")) ? OK : ERR_SYNTAX;
}

/* The number of an earlier table, whose columns this one has, too. */
static enum err
read_like(struct form_reader *const r, struct read_table *const t)
{
	const uint32_t rows = t->rows;
	const bool keyed = t->keyed;
	uint32_t number;

	TRY(reader_number(r, &number));
	if (number == 0 || number > r->table_count)
		return ERR_SYNTAX;
	*t = r->tables[number - 1];
	t->rows = rows;
	return keyed == t->keyed && !t->has_sequences ? OK : ERR_SYNTAX;
}

/* A line of columns for each kind, in the order of their letters. */
static enum err
read_kinds(struct form_reader *const r, struct read_table *const t)
{
	t->kinds = ARENA_ARRAY(r->a, struct read_table, t->kind_count);
	if (!t->kinds)
		return ERR_NOMEM;
	for (uint32_t k = 0; k < t->kind_count; k++) {
		const char letter = table_kind_letter(k);

		t->kinds[k] = (struct read_table){ .separator = t->separator, .keyed = t->keyed,
						   .empty_is_null = t->empty_is_null };
		if ((k && !reader_skip(r, SPAN("\n"))) || !reader_skip(r, span_of(&letter, 1)) ||
		    !reader_skip(r, SPAN(TABLE_WRITE_KIND)))
			return ERR_SYNTAX;
		TRY(read_columns(r, &t->kinds[k]));
	}
	return OK;
}

/* Behind the title: what there is, and the columns. */
static enum err
read_head(struct form_reader *const r, struct read_table *const t)
{
	TRY(read_count(r, t));
	if (reader_skip(r, SPAN(TABLE_WRITE_LIKE)))
		return read_like(r, t);
	TRY(read_manner(r, t));
	return t->kind_count ? read_kinds(r, t) : read_columns(r, t);
}

/* Behind the mark: "A" or "A-B", rows that are left out, the first of them row *i + 1. */
static enum err
read_gap(struct form_reader *const r, const struct read_table *const t, const bool bare,
	 uint32_t *const i)
{
	uint32_t last;

	/* Members are never left out, nor are rows whose moments are reckoned. */
	if (t->keyed || t->has_sequences)
		return ERR_SYNTAX;
	TRY(reader_gap(r, *i + 1, &last));
	if (last > t->rows)
		return ERR_SYNTAX;
	(void)reader_bare(r, '\n');
	for (; *i < last; ++*i) {
		if (*i)
			buf_add_char(&r->flat, bare ? '\n' : ',');
		buf_add_str(&r->flat, "null");
	}
	return OK;
}

/* What follows is the next table. */
static enum err
note_table(struct form_reader *const r, const struct read_table *const t)
{
	if (r->table_count == r->table_room) {
		const uint32_t room = r->table_room ? 2 * r->table_room : 16;
		uint32_t *const more = arena_grow(r->a, r->table_parts,
						  r->table_room * sizeof *more,
						  room * sizeof *more);
		struct read_table *const tables = arena_grow(r->a, r->tables,
							     r->table_room * sizeof *tables,
							     room * sizeof *tables);

		if (!more || !tables)
			return ERR_NOMEM;
		r->tables = tables;
		r->table_parts = more;
		r->table_room = room;
	}
	r->tables[r->table_count] = *t;
	r->table_parts[r->table_count++] = r->part_count;
	return reader_part(r);
}

enum err
reader_table(struct form_reader *const r, const bool bare)
{
	struct read_table t = { 0 };

	TRY(read_title(r));
	TRY(read_head(r, &t));
	if (t.keyed && bare)
		return ERR_SYNTAX;
	TRY(note_table(r, &t));
	if (!bare)
		buf_add_char(&r->flat, t.keyed ? '{' : '[');
	for (uint32_t i = 0; i < t.rows;) {
		if (!reader_skip(r, SPAN("\n")))
			return ERR_SYNTAX;
		if (reader_skip(r, SPAN(CELL_GAP))) {
			TRY(read_gap(r, &t, bare, &i));
			continue;
		}
		if (t.has_sequences && i % SEQUENCE_ROWS == 0)
			TRY(sequence_read(r, &t));
		if (i++)
			buf_add_char(&r->flat, bare ? '\n' : ',');
		TRY(read_row(r, &t));
	}
	/* What is said of the table as a whole. */
	while (r->gaps && reader_skip(r, SPAN("\n" CELL_GAP)))
		(void)reader_bare(r, '\n');
	if (!bare)
		buf_add_char(&r->flat, t.keyed ? '}' : ']');
	return buf_err(&r->flat);
}

/* The column after which rows are named: its cells are the names. */
static enum err
find_names(struct form_reader *const r, struct read_table *const t, const struct span member,
	   uint32_t *const out)
{
	for (uint32_t k = 0; k < t->column_count; k++) {
		const struct read_column *const c = &t->columns[k];

		if (!span_eq(c->spelled, member))
			continue;
		if (c->no_cell || c->derived || c->pattern || c->marked || c->has_wordings)
			return ERR_SYNTAX;
		*out = k;
		if (!t->cells)
			t->cells = ARENA_ARRAY(r->a, const char *, t->column_count);
		return t->cells ? OK : ERR_NOMEM;
	}
	return ERR_SYNTAX;
}

/* The name that begins a row. */
static enum err
read_row_name(struct form_reader *const r, const char sep, struct span *const name)
{
	if (!reader_skip(r, SPAN("*")))
		return ERR_SYNTAX;
	*name = reader_bare(r, sep);
	return reader_skip(r, span_of(&sep, 1)) ? OK : ERR_SYNTAX;
}

static bool
is_name(const struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!define_is_name_char(s.p[i]))
			return false;
	return s.n > 0;
}

enum err
reader_named_rows(struct form_reader *const r, const struct span member)
{
	struct read_table t = { 0 };
	uint32_t names = 0;

	TRY(read_count(r, &t));
	TRY(read_manner(r, &t));
	TRY(read_columns(r, &t));
	if (t.keyed || t.kind_count)
		return ERR_SYNTAX;
	if (member.n)
		TRY(find_names(r, &t, member, &names));
	for (uint32_t i = 0; i < t.rows; i++) {
		const uint32_t part = r->part_count;
		const char sep = separator_char(t.separator);
		struct span name;

		if (!reader_skip(r, SPAN("\n")))
			return ERR_SYNTAX;
		if (member.n == 0)
			TRY(read_row_name(r, sep, &name));
		TRY(reader_part(r));
		/* A row behind "=" has no cells. */
		if (reader_is_at(r, '='))
			return ERR_SYNTAX;
		TRY(read_row(r, &t));
		if (member.n) {
			const struct span rest = span_of(t.cells[names],
							 (size_t)(r->at - t.cells[names]));
			name = span_head(rest, span_find(rest, sep));
		}
		if (!is_name(name))
			return ERR_SYNTAX;
		TRY(reader_define(r, name, part));
	}
	return OK;
}
