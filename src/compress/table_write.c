#include "compress/table_write.h"

#include "compress/affix.h"
#include "compress/derive.h"
#include "compress/elide.h"
#include "compress/sequence.h"
#include "compress/wording.h"
#include "tokens/tokens.h"

#define SAMPLE_ROWS 16u
#define SAMPLE_BYTES ((size_t)2 << 10)
#define SAMPLE_CELL 64u		/* what follows in a cell says nothing about separators */

/* A value within the rows. */
static void
write_json(struct table_writer *const w, const uint32_t node)
{
	if (!w->sample)
		w->features |= form_relaxed(minify_relaxed(w->d, node, w->refs, w->out));
}

static void
write_string(struct table_writer *const w, struct span text, const unsigned flags,
	     const enum separator sep, const bool text_column)
{
	/* Where values have names, what begins like one is quoted. */
	const bool name = (flags & CELL_NAME) && w->refs && w->refs->definitions;

	if (w->sample && text.n > SAMPLE_CELL)
		text.n = SAMPLE_CELL;
	if (name || cell_needs_quotes(flags, sep, text_column)) {
		cell_quote(w->out, text);
		w->features |= FORM_QUOTES;
	} else {
		buf_add_span(w->out, text);
	}
}

/* The JSON string `inner` lies in, behind a backslash. */
static void
write_raw(struct table_writer *const w, const struct span inner)
{
	buf_add_str(w->out, "\\\"");
	buf_add_span(w->out, inner);
	buf_add_char(w->out, '"');
	w->features |= FORM_RAW;
}

/* Writes the name of a text where the cell is all there is to it. */
static bool
write_text_name(struct table_writer *const w, const struct column *const c, const uint32_t node)
{
	return w->refs && !column_has_affix(c) && !c->derived && !c->is_source && !c->is_key &&
	       !c->wordings && minify_name(w->refs, node, w->out);
}

static void
write_cell(struct table_writer *const w, const struct table *const t, const struct cell *const cell)
{
	const struct column *const c = &t->columns[cell->column];

	if (c->marked && cell_is_long(cell->text)) {
		buf_add_char(w->out, '*');
	} else if (json_type(w->d, cell->node) == JSON_NULL && table_empty_is_null(t)) {
		return;
	} else if (json_type(w->d, cell->node) >= JSON_ARRAY) {
		write_json(w, cell->node);
	} else if (json_type(w->d, cell->node) != JSON_STRING) {
		buf_add_span(w->out, cell->text);
	} else if (write_text_name(w, c, cell->node)) {
		return;
	} else if (cell->flags & CELL_RAW) {
		write_raw(w, json_inner(w->d, cell->node));
	} else if (column_has_affix(c)) {
		const struct span middle = affix_middle(c, cell->text);

		write_string(w, middle, cell_flags(middle), t->separator, true);
	} else {
		/* Where * is a mark, the text "*" needs quotes. */
		const bool mark = c->marked && span_eq(cell->text, SPAN("*"));

		write_string(w, cell->text, cell->flags | (mark ? CELL_QUOTED : 0), t->separator,
			     c->text || c->derived || c->wordings);
	}
}

static void
write_missing(struct table_writer *const w, const enum separator sep)
{
	buf_add_span(w->out, separator_missing(sep));
	w->features |= sep == SEPARATOR_SPACE ? FORM_DASH : FORM_BLANK;
}

static bool
has_cells(const struct table *const t, const struct column *const c)
{
	return column_has_cells(c) && !sequence_is_used(t, c);
}

/* The line that has row `r`'s values of the columns that step. */
static void
write_moments(struct table_writer *const w, const struct table *const t, const uint32_t r)
{
	bool first = true;

	for (uint32_t i = t->rows[r].cells; i < t->rows[r + 1].cells; i++) {
		if (!sequence_is_used(t, &t->columns[t->cells[i].column]))
			continue;
		if (first)
			buf_add_str(w->out, "\n" SEQUENCE_LINE);
		else
			buf_add_char(w->out, separator_char(t->separator));
		first = false;
		write_cell(w, t, &t->cells[i]);
	}
}

static void
write_row(struct table_writer *const w, const struct table *const t, const uint32_t r)
{
	const struct row *const row = &t->rows[r];
	const struct cell *cell = &t->cells[row->cells];
	const struct cell *const end = &t->cells[row[1].cells];
	uint32_t from = 0, to = t->order_count;
	bool first = true;

	if (row->json) {
		buf_add_char(w->out, '=');
		if (t->keyed) {
			write_json(w, row->node - 1);
			buf_add_char(w->out, ':');
		}
		write_json(w, row->node);
		w->features |= FORM_JSON_ROW;
		return;
	}
	if (t->kinds) {
		from = t->kinds[row->kind].from;
		to = t->kinds[row->kind].to;
		buf_add_char(w->out, table_kind_letter(row->kind));
		first = false;
	}
	for (uint32_t k = from; k < to; k++) {
		const bool here = cell < end && cell->column == t->order[k];

		if (has_cells(t, &t->columns[t->order[k]])) {
			if (!first)
				buf_add_char(w->out, separator_char(t->separator));
			first = false;
			if (here)
				write_cell(w, t, cell);
			else
				write_missing(w, t->separator);
		}
		cell += here;
	}
}

static bool
is_bare_name(const struct span name, const enum separator sep)
{
	if (name.n == 0 || name.p[0] == ' ' || name.p[name.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < 0x20 || strchr(".\"=:[\\(?", name.p[i]) ||
		    name.p[i] == separator_char(sep))
			return false;
	return true;
}

static void
write_path(struct table_writer *const w, const struct table *const t, uint32_t i)
{
	uint32_t path[TABLE_DEPTH + 1];
	uint32_t n = 0;

	for (; i; i = t->columns[i].parent)
		path[n++] = i;
	while (n--) {
		const struct column *const c = &t->columns[path[n]];

		if (c->is_item) {
			buf_addf(w->out, "[%u]", c->item);
			w->features |= FORM_ITEMS;
			continue;
		}
		if (c->parent) {
			buf_add_char(w->out, '.');
			w->features |= FORM_NESTED;
		}
		if (c->raw_name)
			write_raw(w, c->name);
		else if (is_bare_name(c->name, t->separator) && !column_hides_key(t, c))
			buf_add_span(w->out, c->name);
		else
			cell_quote(w->out, c->name);
	}
}

/* A container in the columns line: it may hold names, but no tables. */
static void
write_named(struct table_writer *const w, const uint32_t node)
{
	struct table_refs names = *w->refs;

	names.table_of = NULL;
	w->features |= form_relaxed(minify_relaxed(w->d, node, &names, w->out));
}

/* The value that is said once for the column. */
static void
write_common(struct table_writer *const w, const struct table *const t,
	     const struct column *const c)
{
	const struct cell *const cell = &t->cells[c->constant ? c->first : c->first_long];
	const enum json_type type = json_type(w->d, cell->node);

	if (type >= JSON_ARRAY)
		write_named(w, cell->node);
	else if (type != JSON_STRING)
		buf_add_span(w->out, cell->text);
	else if (cell->flags & CELL_RAW)
		write_raw(w, json_inner(w->d, cell->node));
	else
		write_string(w, cell->text, cell->flags, t->separator, false);
}

static void
write_column(struct table_writer *const w, const struct table *const t, const uint32_t i)
{
	const struct column *const c = &t->columns[i];

	const bool step = sequence_is_used(t, c);

	if (!has_cells(t, c))
		buf_add_char(w->out, '(');
	write_path(w, t, i);
	if (step) {
		buf_add_char(w->out, ':');
		buf_add_span(w->out, c->step);
		w->features |= FORM_SEQUENCE;
	}
	if (c->wordings) {
		buf_add_str(w->out, WORDING_COLUMN);
		w->features |= FORM_WORDING;
	}
	if (c->text && !c->is_key) {
		buf_add_str(w->out, ":text");
		w->features |= FORM_TEXT;
	}
	if (c->derived) {
		buf_add_str(w->out, c->usually ? DERIVE_USUALLY : ":=");
		write_string(w, c->pattern, cell_flags(c->pattern), t->separator, true);
		buf_add_str(w->out, column_has_cells(c) ? "" : ")");
		w->features |= FORM_DERIVED | (c->usually ? FORM_USUALLY : 0u) | (c->from_part ? FORM_PART : 0u);
	} else if (c->constant) {
		buf_add_char(w->out, '=');
		write_common(w, t, c);
		buf_add_char(w->out, ')');
		w->features |= FORM_CONSTANT;
	} else if (c->marked) {
		buf_add_str(w->out, "?=");
		write_common(w, t, c);
		w->features |= FORM_MARKED;
	} else if (column_has_affix(c)) {
		buf_add_char(w->out, '=');
		write_string(w, c->pattern, cell_flags(c->pattern), t->separator, true);
		w->features |= FORM_AFFIX;
	}
	buf_add_str(w->out, step ? ")" : "");
}

/* The line that says what the words in the column's cells stand for. */
static void
write_wordings(struct table_writer *const w, const struct table *const t, const uint32_t i)
{
	const struct column *const c = &t->columns[i];

	buf_add_char(w->out, '\n');
	write_path(w, t, i);
	buf_add_str(w->out, WORDING_COLUMN);
	for (uint32_t k = 0; k < c->wording_count; k++) {
		const struct wording *const p = &c->wordings[k];

		buf_add_char(w->out, separator_char(t->separator));
		buf_add_span(w->out, p->keyword);
		buf_add_char(w->out, '=');
		write_string(w, p->text, cell_flags(p->text), t->separator, true);
	}
}

static void
write_columns(struct table_writer *const w, const struct table *const t, const uint32_t from,
	      const uint32_t to)
{
	for (uint32_t k = from; k < to; k++) {
		if (k > from)
			buf_add_char(w->out, separator_char(t->separator));
		write_column(w, t, t->order[k]);
	}
	for (uint32_t k = from; k < to; k++)
		if (t->columns[t->order[k]].wordings)
			write_wordings(w, t, t->order[k]);
}

/* A line of columns, or one for each kind behind its letter. */
static void
write_column_lines(struct table_writer *const w, const struct table *const t)
{
	if (!t->kinds) {
		buf_add_char(w->out, '\n');
		write_columns(w, t, 0, t->order_count);
		return;
	}
	for (uint32_t k = 0; k < t->kind_count; k++) {
		buf_addf(w->out, "\n%c" TABLE_WRITE_KIND, table_kind_letter(k));
		write_columns(w, t, t->kinds[k].from, t->kinds[k].to);
	}
	w->features |= FORM_KINDS;
}

/* Behind the table's name: what there is, and the columns. */
static void
write_head(struct table_writer *const w, const struct table *const t, const uint32_t rows)
{
	buf_addf(w->out, ": %u%s", rows, t->keyed ? TABLE_WRITE_MEMBERS : TABLE_WRITE_ROWS);
	if (t->kinds)
		buf_addf(w->out, TABLE_WRITE_OF "%u" TABLE_WRITE_KINDS, t->kind_count);
	buf_addf(w->out, ", %s-separated", separator_name(t->separator));
	w->features |= t->keyed ? FORM_KEYED : 0u;
	if (table_empty_is_null(t))
		buf_add_str(w->out, TABLE_WRITE_NULLS);
	write_column_lines(w, t);
}

void
table_write(struct table_writer *const w, const struct table *const t,
	    const struct table *const head, const uint32_t number, const uint32_t like)
{
	buf_addf(w->out, "\ntable %u", number);
	if (like) {
		buf_addf(w->out, ": %u%s" TABLE_WRITE_LIKE "%u", t->row_count,
			 t->keyed ? TABLE_WRITE_MEMBERS : TABLE_WRITE_ROWS, like);
		w->features |= FORM_LIKE;
	} else {
		write_head(w, head, t->row_count);
	}
	for (uint32_t r = 0; r < t->row_count;) {
		if (t->reasons && !t->reasons[r]) {
			r = elide_write_gap(t, r, w->out);
			w->features |= FORM_GAP;
		} else {
			if (r % SEQUENCE_ROWS == 0)
				write_moments(w, t, r);
			buf_add_char(w->out, '\n');
			write_row(w, t, r++);
		}
	}
	elide_write_totals(t, w->out);
}

void
table_write_group(struct table_writer *const w, const struct table *const t,
		  const struct definition_group *const g)
{
	const bool *const named = w->refs->named + g->first;
	const struct definition *const list = w->refs->definitions->list + g->first;
	uint32_t rows = 0;

	for (uint32_t r = 0; r < t->row_count; r++)
		rows += named[r];
	if (rows == 0)
		return;
	buf_add_str(w->out, "\n*");
	if (g->named_by.p)
		buf_add_span(w->out, g->named_by);
	write_head(w, t, rows);
	for (uint32_t r = 0; r < t->row_count; r++) {
		if (!named[r])
			continue;
		buf_add_char(w->out, '\n');
		if (!g->named_by.p) {
			buf_add_char(w->out, DEFINE_MARK);
			buf_add_span(w->out, list[r].name);
			buf_add_char(w->out, separator_char(t->separator));
		}
		write_row(w, t, r);
	}
	w->features |= g->named_by.p ? FORM_NAMED_BY : FORM_NAMED_ROWS;
}

static size_t
count(const struct table_writer *const w, const struct span text)
{
	return w->memo ? tokens_memo_count(w->memo, text) : tokens_count(TOKENS_O200K, text);
}

enum err
table_choose_separator(const struct table_writer *const w, struct table *const t,
		       struct buf *const scratch, struct fuel *const fuel)
{
	struct table_writer trial = { .d = w->d, .out = scratch, .sample = true };
	const uint32_t step = t->row_count / SAMPLE_ROWS + 1;
	enum separator best = SEPARATOR_SPACE;
	uint32_t end = t->row_count;
	size_t fewest = SIZE_MAX;

	for (t->separator = SEPARATOR_SPACE; t->separator < SEPARATORS; t->separator++) {
		buf_clear(scratch);
		for (uint32_t r = 0; r < end; r += step) {
			buf_add_char(scratch, '\n');
			write_row(&trial, t, r);
			/* The others get the same rows as the first. */
			if (t->separator == SEPARATOR_SPACE && scratch->n > SAMPLE_BYTES)
				end = r + 1;
		}
		TRY(buf_err(scratch));
		/* Nothing is shorter than a space, which merges with the word behind it,
		 * but where it makes cells need quotes or marks. */
		if (t->separator == SEPARATOR_SPACE && !(trial.features & (FORM_QUOTES | FORM_DASH)))
			break;
		if (!fuel_use(fuel, 2 * scratch->n))
			return ERR_FUEL;
		const size_t n = count(w, buf_span(scratch));
		if (n < fewest) {
			fewest = n;
			best = t->separator;
		}
	}
	t->separator = best;
	return OK;
}
