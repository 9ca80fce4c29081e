#include "compress/reader_table.h"

#include "compress/define.h"
#include "compress/kinds.h"
#include "compress/sequence.h"
#include "compress/table_write.h"

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
		TRY(reader_columns(r, &t->kinds[k]));
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
	return t->kind_count ? read_kinds(r, t) : reader_columns(r, t);
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
		if (r->version >= CELL_GAP_SINCE && reader_skip(r, SPAN(CELL_GAP))) {
			TRY(read_gap(r, &t, bare, &i));
			continue;
		}
		if (t.has_sequences && i % SEQUENCE_ROWS == 0)
			TRY(sequence_read(r, &t));
		if (i++)
			buf_add_char(&r->flat, bare ? '\n' : ',');
		TRY(reader_row(r, &t));
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
	TRY(reader_columns(r, &t));
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
		TRY(reader_row(r, &t));
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
