#include "compress/prose_form.h"

#include "compress/compress.h"
#include "compress/first_line.h"

#define HEAD "[JSON in text v"
#define LINES ": lines "
#define WORDS " stand for JSON, all else is the text itself"
#define WORDS_JOINED "; + = without the line break there"

static uint32_t
count_lines(const struct span s)
{
	uint32_t n = 0;

	for (size_t i = 0; (i += span_find(span_from(s, i), '\n')) < s.n; i++)
		n++;
	return n;
}

/* Where a form begins and ends. A form stands on lines of its own; a "+" says that the break before
 * or after them is not the text's. */
struct place {
	uint32_t from, to;
	bool joined_before, joined_after;
};

static void
add_place(const struct place *const p, const bool first, struct buf *const out)
{
	buf_addf(out, "%s%s%u", first ? "" : ", ", p->joined_before ? "+" : "", p->from);
	if (p->to > p->from)
		buf_addf(out, "-%u", p->to);
	if (p->joined_after)
		buf_add_char(out, '+');
}

/* Appends one piece to the body and its place to the list. `next`: what stands behind it; `last`:
 * and nothing after that. */
static void
add_piece(const struct prose_piece *const p, const struct span next, const bool last,
	  uint32_t *const line, struct buf *const body, struct place *const place)
{
	buf_add_span(body, p->before);
	*line += count_lines(p->before);
	place->joined_before = p->before.n && p->before.p[p->before.n - 1] != '\n';
	if (place->joined_before) {
		buf_add_char(body, '\n');
		++*line;
	}
	place->from = *line;
	buf_add_span(body, p->form);
	*line += count_lines(p->form);
	place->to = *line;
	place->joined_after = next.n ? next.p[0] != '\n' : !last;
	if (place->joined_after) {
		buf_add_char(body, '\n');
		++*line;
	}
}

void
prose_form_write(const struct prose_piece *const pieces, const size_t n, const struct span after,
		 struct buf *const out)
{
	struct buf body;
	struct place place;
	bool joined = false;
	uint32_t line = 2;	/* the first line is the head */

	buf_init(&body, out->limit);
	buf_addf(out, HEAD "%d" LINES, COMPRESS_ENGINE_VERSION);
	for (size_t i = 0; i < n; i++) {
		const bool last = i + 1 == n;

		add_piece(&pieces[i], last ? after : pieces[i + 1].before, last, &line, &body, &place);
		add_place(&place, i == 0, out);
		joined |= place.joined_before || place.joined_after;
	}
	buf_add_span(&body, after);
	buf_add_str(out, joined ? WORDS WORDS_JOINED "]\n" : WORDS "]\n");
	buf_add_span(out, buf_span(&body));
	/* What the body lacks, the form lacks. */
	if (buf_err(&body) != OK)
		out->err = buf_err(&body);
	buf_free(&body);
}

bool
prose_form_begins(const struct span text)
{
	return span_starts(text, SPAN(HEAD));
}

enum err
prose_reader_begin(const struct span form, struct prose_reader *const r)
{
	const size_t n = span_find(form, '\n');
	struct span list = span_head(form, n);

	if (n == form.n || !span_ends(list, SPAN("]")) || !first_line_skip(&list, SPAN(HEAD)))
		return ERR_SYNTAX;
	TRY(first_line_version(&list));
	if (!first_line_skip(&list, SPAN(LINES)))
		return ERR_SYNTAX;
	*r = (struct prose_reader){ list, span_from(form, n + 1), 2, true };
	return OK;
}

static enum err
read_place(struct span *const list, struct place *const p)
{
	p->joined_before = first_line_skip(list, SPAN("+"));
	TRY(first_line_number(list, &p->from));
	p->to = p->from;
	if (first_line_skip(list, SPAN("-")))
		TRY(first_line_number(list, &p->to));
	p->joined_after = first_line_skip(list, SPAN("+"));
	return p->to < p->from ? ERR_SYNTAX : OK;
}

/* How far it is to the begin of `line`, or to the end of that line when `end`. */
static enum err
find_line(const struct prose_reader *const r, uint32_t line, const bool end, size_t *const at)
{
	size_t i = 0;

	if (line < r->line)
		return ERR_SYNTAX;
	for (line -= r->line; line; line--) {
		i += span_find(span_from(r->rest, i), '\n') + 1;
		if (i > r->rest.n)
			return ERR_SYNTAX;
	}
	*at = end ? i + span_find(span_from(r->rest, i), '\n') : i;
	return OK;
}

static void
move(struct prose_reader *const r, const size_t n, const uint32_t line)
{
	r->rest = span_from(r->rest, n);
	r->line = line;
}

enum err
prose_reader_next(struct prose_reader *const r, struct prose_piece *const out)
{
	struct place p;
	size_t n;

	TRY(read_place(&r->list, &p));
	r->more = first_line_skip(&r->list, SPAN(", "));
	if (!r->more && !span_starts(r->list, SPAN(" ")))
		return ERR_SYNTAX;
	TRY(find_line(r, p.from, false, &n));
	out->before = span_head(r->rest, n);
	if (p.joined_before) {
		if (n == 0)
			return ERR_SYNTAX;
		out->before.n--;
	}
	move(r, n, p.from);
	TRY(find_line(r, p.to, true, &n));
	out->form = span_head(r->rest, n);
	if (p.joined_after && n++ == r->rest.n)
		return ERR_SYNTAX;
	move(r, n, p.to + p.joined_after);
	return OK;
}
