/* Lines by number, head and tail; grep. */
#include "store/slice_parts.h"

/* Longer lines are shown around what matches only: JSON is often one line. */
#define LONG_LINE ((size_t)1000)
#define AROUND ((size_t)200)	/* bytes on each side of a match in a long line */
#define EXCERPTS 32u		/* of one line */

bool
slice_next_line(struct span text, size_t *at, struct span *line)
{
	if (*at >= text.n)
		return false;
	const struct span rest = span_from(text, *at);
	const size_t end = span_find(rest, '\n');

	*line = span_head(rest, end + 1);
	*at += line->n;
	return true;
}

/* Lines of the text, and *to cut down to them. */
static enum err
clip_range(struct slicing *s, struct slice_range *range)
{
	struct span line;
	uint64_t n = 0;

	if (!fuel_use(s->fuel, s->text.n))
		return ERR_FUEL;
	for (size_t at = 0; slice_next_line(s->text, &at, &line);)
		n++;
	s->result->total = n;
	*range = s->slice->lines;
	if (s->slice->asks[SLICE_LINES] && range->first > n)
		return slicing_fail(s, ERR_NOT_FOUND, "The original has %llu line%s; there is no line %llu.",
				    (unsigned long long)n, n == 1 ? "" : "s",
				    (unsigned long long)range->first);
	if (range->last > n)
		range->last = n;
	return OK;
}

enum err
slice_take_lines(struct slicing *s)
{
	struct slice_range range;
	uint64_t from, to, n = 0;
	size_t begin = s->text.n, end = 0;
	struct span line;

	TRY(clip_range(s, &range));
	if (!fuel_use(s->fuel, s->text.n))
		return ERR_FUEL;
	s->result->matched = range.last + 1 - range.first;
	slice_window(s->slice, s->result->matched, &from, &to);
	s->result->given = to - from;
	for (size_t at = 0; n < range.first - 1 + to && slice_next_line(s->text, &at, &line); n++) {
		if (n == range.first - 1 + from)
			begin = (size_t)(line.p - s->text.p);
		end = at;
	}
	if (begin < end)
		buf_add(s->out, s->text.p + begin, end - begin);
	return OK;
}

/* ---- grep ---- */

/* Numbers of lines that match, in order. */
struct matches {
	uint64_t *lines;
	uint64_t n;
	uint64_t room;
};

static enum err
add_match(struct slicing *s, struct matches *m, uint64_t line)
{
	if (m->n == m->room) {
		const uint64_t room = m->room ? m->room * 2 : 64;
		uint64_t *const grown = arena_grow(s->arena, m->lines, m->room * sizeof *m->lines,
						   room * sizeof *m->lines);

		if (!grown)
			return ERR_NOMEM;
		m->lines = grown;
		m->room = room;
	}
	m->lines[m->n++] = line;
	return OK;
}

/* A line without what ends it. */
static struct span
bare(struct span line)
{
	if (line.n && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static enum err
find_matches(struct slicing *s, const struct slice_range *range, struct regex_matcher *matcher,
	     struct matches *out)
{
	struct span line;
	uint64_t n = 1;

	for (size_t at = 0; n <= range->last && slice_next_line(s->text, &at, &line); n++) {
		if (n < range->first)
			continue;
		const enum err e = regex_search(s->slice->grep, matcher, bare(line), s->fuel, NULL);

		if (e == OK)
			TRY(add_match(s, out, n));
		else if (e != ERR_NOT_FOUND)
			return e;
	}
	return OK;
}

/* Moves `at` to the front of a character, `by` bytes at most. */
static size_t
to_character(struct span s, size_t at, int by)
{
	while (at > 0 && at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80)
		at = by < 0 ? at - 1 : at + 1;
	return at;
}

/* What is shown of a long line: the surroundings of its matches, joined where they meet. */
static enum err
add_excerpts(struct slicing *s, struct regex_matcher *matcher, struct span line)
{
	size_t shown = 0, at = 0;
	struct span found;

	for (unsigned i = 0; i < EXCERPTS && at <= line.n; i++) {
		const enum err e =
			regex_search(s->slice->grep, matcher, span_from(line, at), s->fuel, &found);

		if (e == ERR_NOT_FOUND)
			break;
		if (e != OK)
			return e;
		const size_t begin = (size_t)(found.p - line.p);
		const size_t end = begin + found.n;
		size_t from = begin > AROUND ? to_character(line, begin - AROUND, -1) : 0;
		const size_t to = to_character(line, end + AROUND < line.n ? end + AROUND : line.n, 1);

		if (from <= shown)
			from = shown;
		else
			buf_add_str(s->out, shown ? " … " : "… ");
		if (to > from)
			buf_add(s->out, line.p + from, to - from);
		shown = to > shown ? to : shown;
		at = to_character(line, end + (found.n == 0), 1);
	}
	if (shown < line.n)
		buf_add_str(s->out, " …");
	return OK;
}

static enum err
add_line(struct slicing *s, struct regex_matcher *matcher, uint64_t number, bool matches,
	 struct span line)
{
	enum err e = OK;

	line = bare(line);
	buf_addf(s->out, "%llu%c", (unsigned long long)number, matches ? ':' : '-');
	if (line.n <= LONG_LINE) {
		buf_add_span(s->out, line);
	} else if (matches) {
		e = add_excerpts(s, matcher, line);
	} else {
		buf_add_span(s->out, span_head(line, to_character(line, AROUND, -1)));
		buf_add_str(s->out, " …");
	}
	buf_add_char(s->out, '\n');
	return e;
}

/* The chosen matches with the lines around them, "--" where lines are left out. */
static enum err
add_matches(struct slicing *s, const struct slice_range *range, struct regex_matcher *matcher,
	    const struct matches *all, uint64_t from, uint64_t to)
{
	const uint64_t *const lines = all->lines;
	const uint64_t context = s->slice->context;
	uint64_t near = from;	/* the first chosen match not above line n - context */
	uint64_t next = 0;	/* the first match not above line n */
	uint64_t n = 1, last = 0;
	struct span line;

	for (size_t at = 0; n <= range->last && slice_next_line(s->text, &at, &line); n++) {
		while (near < to && lines[near] + context < n)
			near++;
		while (next < all->n && lines[next] < n)
			next++;
		if (near == to)
			break;
		if (n < range->first || n + context < lines[near])
			continue;
		if (last && last + 1 < n)
			buf_add_str(s->out, "--\n");
		last = n;
		TRY(add_line(s, matcher, n, next < all->n && lines[next] == n, line));
		TRY(buf_err(s->out));
	}
	return OK;
}

static enum err
grep(struct slicing *s, struct regex_matcher *matcher)
{
	struct matches m = { NULL, 0, 0 };
	struct slice_range range;
	uint64_t from, to;

	TRY(clip_range(s, &range));
	TRY(find_matches(s, &range, matcher, &m));
	s->result->matched = m.n;
	slice_window(s->slice, m.n, &from, &to);
	s->result->given = to - from;
	if (m.n == 0)
		return OK;
	if (!fuel_use(s->fuel, s->text.n))
		return ERR_FUEL;
	return add_matches(s, &range, matcher, &m, from, to);
}

enum err
slice_take_grep(struct slicing *s)
{
	struct regex_matcher *matcher = regex_matcher_make();

	if (!matcher)
		return ERR_NOMEM;
	const enum err e = grep(s, matcher);
	regex_matcher_free(&matcher);
	if (e == ERR_FUEL)
		return slicing_fail(s, e, "grep: the regular expression takes too many steps on this text; use a simpler one.");
	return e;
}
