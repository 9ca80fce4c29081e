#include "compress/derive.h"
#include "compress/reader_table.h"

/* Takes the next group in braces off *rest: what stands before it and within.
 * False: there is none. */
static bool
take_group(struct span *const rest, struct span *const before, struct span *const group)
{
	const size_t open = span_find(*rest, '{');
	const struct span from = span_from(*rest, open + 1);
	const size_t close = span_find(from, '}');

	if (open == rest->n || close == from.n)
		return false;
	*before = span_head(*rest, open);
	*group = span_head(from, close);
	*rest = span_from(from, close + 1);
	return true;
}

/* Takes " after x" off the source's path. */
static void
take_part(struct template *const t)
{
	const size_t n = sizeof DERIVE_AFTER;
	const struct span s = t->source_path;

	if (s.n <= n || memcmp(s.p + s.n - n, DERIVE_AFTER, n - 1) != 0 ||
	    !memchr(DERIVE_MARKS, s.p[s.n - 1], sizeof DERIVE_MARKS - 1))
		return;
	t->after = s.p[s.n - 1];
	t->source_path = span_head(s, s.n - n);
}

enum err
template_parse(struct read_column *const c, const struct span json)
{
	struct template *const t = &c->template;
	struct span rest = json, group[2] = { SPAN_NONE, SPAN_NONE };
	const bool whole = c->no_cell || c->usually;
	uint32_t groups = 0;

	if (json.p[0] != '"')
		return ERR_SYNTAX;
	while (groups < 2u - whole && take_group(&rest, &t->text[groups], &group[groups]))
		groups++;
	t->text[groups] = rest;
	t->source_group = groups == 2 && group[0].n == 0;
	t->source_path = group[t->source_group];
	/* One group, or two of which the other is the cell's. */
	if (groups == 0 || t->source_path.n == 0 || (groups == 1) != whole ||
	    (groups == 2 && group[!t->source_group].n != 0))
		return ERR_SYNTAX;
	take_part(t);
	return OK;
}

static enum err
resolve(struct form_reader *const r, const struct read_table *const t, struct template *const p)
{
	if (!fuel_use(r->fuel, t->column_count))
		return ERR_FUEL;
	for (uint32_t i = 0; i < t->column_count; i++) {
		const struct read_column *const c = &t->columns[i];

		if (span_eq(c->spelled, p->source_path)) {
			p->source = i;
			return c->no_cell || c->derived || c->pattern || c->marked ||
					       c->has_wordings ? ERR_SYNTAX : OK;
		}
	}
	return ERR_SYNTAX;
}

enum err
template_resolve(struct form_reader *const r, struct read_table *const t)
{
	bool any = false;

	for (uint32_t i = 0; i < t->column_count; i++) {
		if (!t->columns[i].derived)
			continue;
		TRY(resolve(r, t, &t->columns[i].template));
		any = true;
	}
	if (!any)
		return OK;
	t->cells = ARENA_ARRAY(r->a, const char *, t->column_count);
	return t->cells ? OK : ERR_NOMEM;
}

/* Moves behind a cell, whatever it holds. */
static enum err
skip_cell(struct form_reader *const r, const struct read_column *const c, const char sep)
{
	const size_t n = r->flat.n;
	enum err e;

	if (r->at == r->end)
		return OK;
	if (!strchr("\"\\[{", *r->at)) {
		(void)reader_bare(r, sep);
		return OK;
	}
	e = c->derived && !c->usually ? reader_inner(r, sep) : reader_cell(r, c, sep);
	buf_truncate(&r->flat, n);
	return e;
}

enum err
template_locate(struct form_reader *const r, const struct read_table *const t)
{
	const char sep = separator_char(t->separator);
	const char *const from = r->at;
	const uint32_t holes = r->hole_count, tables = r->tables_referred;
	bool first = true;

	for (uint32_t k = 0; k < t->column_count; k++) {
		const struct read_column *const c = &t->columns[k];

		t->cells[k] = NULL;
		if (c->no_cell)
			continue;
		if (!first && !reader_skip(r, span_of(&sep, 1)))
			return ERR_SYNTAX;
		first = false;
		t->cells[k] = r->at;
		TRY(skip_cell(r, c, sep));
	}
	const uint64_t steps = (uint64_t)(r->at - from) + t->column_count;
	/* References are counted when the cells are read. */
	r->hole_count = holes;
	r->at = from;
	r->hole_count = holes;
	r->tables_referred = tables;
	return fuel_use(r->fuel, steps) ? OK : ERR_FUEL;
}

/* Leaves what stands behind the last `mark` since `from`. */
static enum err
cut_to_part(struct buf *const out, const size_t from, const char mark)
{
	const struct span s = span_from(buf_span(out), from);
	size_t n = s.n;

	while (n && s.p[n - 1] != mark)
		n--;
	if (n == 0)
		return ERR_SYNTAX;
	memmove(out->p + from, out->p + from + n, s.n - n);
	buf_truncate(out, out->n - n);
	return OK;
}

/* Appends the source's text, escaped. */
static enum err
add_source(struct form_reader *const r, const struct read_table *const t,
	   const struct template *const p)
{
	const char sep = separator_char(t->separator);
	const char *const back = r->at;
	const size_t from = r->flat.n;

	r->at = t->cells[p->source];
	if (r->at == r->end || strchr("\\[{", *r->at) || reader_is_at_name(r) ||
	    reader_skip_mark(r, separator_missing(t->separator), sep))
		return ERR_SYNTAX;
	TRY(reader_inner(r, sep));
	/* Each column may name the same long value. */
	if (!fuel_use(r->fuel, (uint64_t)(r->at - t->cells[p->source]) + 1))
		return ERR_FUEL;
	r->at = back;
	TRY(buf_err(&r->flat));
	return p->after ? cut_to_part(&r->flat, from, p->after) : OK;
}

enum err
template_fill(struct form_reader *const r, const struct read_table *const t,
	      const struct read_column *const c)
{
	const struct template *const p = &c->template;

	for (uint32_t g = 0; g < 2; g++) {
		buf_add_span(&r->flat, p->text[g]);
		if (g == p->source_group)
			TRY(add_source(r, t, p));
		else if (!c->no_cell && !c->usually)
			TRY(reader_inner(r, separator_char(t->separator)));
	}
	buf_add_span(&r->flat, p->text[2]);
	return OK;
}
