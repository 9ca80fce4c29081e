#include "compress/reader_table.h"
#include "compress/sequence.h"

/* The cell as JSON: what stands in the row that comes next. */
static enum err
read_moment(struct form_reader *const r, const struct read_column *const c, const char sep)
{
	struct read_sequence *const s = c->sequence;
	const size_t from = r->flat.n;

	TRY(reader_cell(r, c, sep));
	TRY(buf_err(&r->flat));
	const struct span json = span_from(buf_span(&r->flat), from);
	s->number = json.n && json.p[0] != '"';
	const struct span inner = s->number ? json : span_of(json.p + 1, json.n - 2);
	/* It points into the text behind what is kept. */
	const struct span text = arena_copy(r->a, inner);
	buf_truncate(&r->flat, from);
	if (!text.p)
		return ERR_NOMEM;
	return moment_read(text, s->number, &s->moment) &&
	       moment_read_step(&s->moment, s->step, &s->add) ? OK : ERR_SYNTAX;
}

enum err
sequence_read(struct form_reader *const r, const struct read_table *const t)
{
	const char sep = separator_char(t->separator);
	bool first = true;

	if (!reader_skip(r, SPAN(SEQUENCE_LINE)))
		return ERR_SYNTAX;
	for (uint32_t i = 0; i < t->column_count; i++) {
		if (!t->columns[i].sequence)
			continue;
		if (!first && !reader_skip(r, span_of(&sep, 1)))
			return ERR_SYNTAX;
		first = false;
		if (r->at == r->end || strchr("[{*", *r->at))
			return ERR_SYNTAX;
		TRY(read_moment(r, &t->columns[i], sep));
	}
	if (!reader_skip(r, SPAN("\n")))
		return ERR_SYNTAX;
	return fuel_use(r->fuel, t->column_count) ? OK : ERR_FUEL;
}

enum err
sequence_fill(struct form_reader *const r, const struct read_column *const c)
{
	struct read_sequence *const s = c->sequence;
	char text[MOMENT_BYTES];
	size_t n;

	if (!moment_write(&s->moment, text, &n))
		return ERR_SYNTAX;
	s->moment.count += s->add;
	buf_add_str(&r->flat, s->number ? "" : "\"");
	buf_add(&r->flat, text, n);
	buf_add_str(&r->flat, s->number ? "" : "\"");
	return OK;
}
