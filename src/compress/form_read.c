#include "compress/compress.h"
#include "compress/form.h"
#include "compress/reader.h"

bool
form_is_ours(const struct span text)
{
	return span_starts(text, SPAN(FORM_JSON)) || span_starts(text, SPAN(FORM_RELAXED)) ||
	       form_is_lines(text);
}

bool
form_is_lines(const struct span text)
{
	return span_starts(text, SPAN(FORM_LINES)) || span_starts(text, SPAN(FORM_RELAXED_LINES));
}

/* The first line tells the model how to read what follows; we need its kind and
 * version only. */
static enum err
read_first_line(struct form_reader *const r, bool *const relaxed)
{
	*relaxed = reader_skip(r, SPAN(FORM_RELAXED)) || reader_skip(r, SPAN(FORM_RELAXED_LINES));
	if (!*relaxed && !reader_skip(r, SPAN(FORM_LINES)) && !reader_skip(r, SPAN(FORM_JSON)))
		return ERR_UNSUPPORTED;
	TRY(reader_number(r, &r->version));
	if (r->version < 1 || r->version > COMPRESS_ENGINE_VERSION)
		return ERR_UNSUPPORTED;
	const struct span line = reader_bare(r, '\n');
	if (line.n < 2 || line.p[0] != ':' || line.p[line.n - 1] != ']')
		return ERR_SYNTAX;
	return reader_skip(r, SPAN("\n")) ? OK : ERR_SYNTAX;
}

/* Values, one a line, up to the first table, or the end if there is none. */
static enum err
read_outline(struct form_reader *const r, const bool lines, const bool tables)
{
	TRY(reader_part(r));
	for (;;) {
		const char *const from = r->at;

		TRY(reader_json(r, tables));
		if (!fuel_use(r->fuel, (uint64_t)(r->at - from)))
			return ERR_FUEL;
		if (r->at == r->end && !tables)
			return OK;
		if (!reader_skip(r, SPAN("\n")))
			return ERR_SYNTAX;
		if (tables && reader_is_at(r, 't') && r->end - r->at > 5 && r->at[1] == 'a')
			return OK;
		if (!lines)
			return ERR_SYNTAX;
		buf_add_char(&r->flat, '\n');
	}
}

static enum err
read_parts(struct form_reader *const r, const bool lines)
{
	bool relaxed;

	TRY(read_first_line(r, &relaxed));
	while (reader_is_at_definition(r))
		TRY(reader_definition(r));
	r->no_outline = !relaxed && reader_is_at(r, 't');
	r->tables_referred = r->no_outline;
	r->root = r->part_count;
	if (!r->no_outline)
		TRY(read_outline(r, lines, !relaxed));
	if (!relaxed)
		TRY(reader_table(r, r->no_outline && lines));
	if (r->no_outline)
		r->root = r->table_parts[0];
	while (r->at < r->end) {
		if (!reader_skip(r, SPAN("\n")))
			return ERR_SYNTAX;
		TRY(reader_table(r, false));
	}
	return r->table_count == r->tables_referred ? buf_err(&r->flat) : ERR_SYNTAX;
}

/* Bytes of the last line, which names the original, and of the line end before it. */
static size_t
marker_length(const struct span form)
{
	size_t n = form.n;

	while (n && form.p[n - 1] != '\n')
		n--;
	return n && n < form.n && form.p[n] == '[' ? form.n - n + 1 : 0;
}

enum err
form_read(const struct span form, const bool gaps, struct arena *const a,
	  struct fuel *const fuel, struct buf *const out)
{
	struct form_reader r = { .at = form.p, .end = form.p + form.n, .a = a, .fuel = fuel,
				 .gaps = gaps };

	if (gaps)
		r.end -= marker_length(form);
	buf_init(&r.flat, out->limit);
	buf_init(&r.scratch, form.n * 6 + 16);
	enum err e = read_parts(&r, form_is_lines(form));
	if (e == OK && r.part_count == 1 && out->n == 0) {
		const struct buf mine = *out;

		*out = r.flat;
		r.flat = mine;
	} else if (e == OK) {
		e = reader_assemble(&r, out);
	}
	buf_free(&r.flat);
	buf_free(&r.scratch);
	return e;
}
