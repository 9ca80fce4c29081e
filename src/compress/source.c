#include "compress/source.h"

static const struct json_limits limits = { .depth = SOURCE_DEPTH, .nodes = 1u << 26 };

static bool
is_blank(const struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	return true;
}

static bool
begins_container(const struct span text)
{
	size_t i = 0;

	while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t' || text.p[i] == '\r' ||
			      text.p[i] == '\n'))
		i++;
	return i < text.n && (text.p[i] == '{' || text.p[i] == '[');
}

/* Is the first value followed by nothing but blanks on its line, and then by
 * more lines? Spares texts that are no JSON Lines the copy. */
static bool
first_line_is_value(const struct span text, struct arena *const a)
{
	size_t skip = 0, used;
	struct json_doc first;

	while (skip < text.n && (text.p[skip] == ' ' || text.p[skip] == '\t' ||
				 text.p[skip] == '\r' || text.p[skip] == '\n'))
		skip++;
	const struct span rest = span_from(text, skip);
	const struct span line = span_head(rest, span_find(rest, '\n'));

	if (line.n == rest.n || json_scan_prefix(line, &limits, a, &first, &used) != OK)
		return false;
	return is_blank(span_from(line, used));
}

/* The next line from *at on that is not blank; false when there is none. */
static bool
next_line(const struct span text, size_t *const at, struct span *const line)
{
	while (*at < text.n) {
		const struct span rest = span_from(text, *at);

		*line = span_head(rest, span_find(rest, '\n'));
		*at += line->n + 1;
		if (!is_blank(*line))
			return true;
	}
	return false;
}

/* Writes "[line,line…]" to `to`, blank lines left out; returns its length. */
static size_t
join_lines(const struct span text, char *const to, uint32_t *const lines)
{
	struct span line;
	size_t n = 0;

	*lines = 0;
	for (size_t at = 0; next_line(text, &at, &line);) {
		to[n++] = *lines ? ',' : '[';
		memcpy(to + n, line.p, line.n);
		n += line.n;
		++*lines;
	}
	to[n++] = ']';
	return n;
}

/* Joined lines may parse although no line is a value of its own ("1,2" and a
 * value cut in two): element k must lie within line k. */
static bool
elements_are_lines(const struct json_doc *const d, const struct span text)
{
	struct span line;
	size_t start = 0;
	uint32_t e = 1;

	for (size_t at = 0; next_line(text, &at, &line);) {
		start++;
		if (e >= d->nodes[0].next || d->nodes[e].off < start ||
		    (size_t)d->nodes[e].off + d->nodes[e].len > start + line.n)
			return false;
		start += line.n;
		e = d->nodes[e].next;
	}
	return e == d->nodes[0].next;
}

static enum err
read_lines(const struct span text, struct arena *const a, struct source *const out)
{
	uint32_t lines;

	if (text.n > UINT32_MAX - 2)
		return ERR_LIMIT;
	char *const joined = arena_alloc(a, text.n + 2);
	if (!joined)
		return ERR_NOMEM;
	const size_t n = join_lines(text, joined, &lines);
	if (lines < 2)
		return ERR_UNSUPPORTED;
	const enum err e = json_scan(span_of(joined, n), &limits, a, &out->doc);
	if (e != OK)
		return e == ERR_SYNTAX ? ERR_UNSUPPORTED : e;
	out->lines = true;
	return elements_are_lines(&out->doc, text) ? OK : ERR_UNSUPPORTED;
}

enum err
source_read(const struct span text, struct arena *const a, struct fuel *const fuel,
	    struct source *const out)
{
	struct source s = { .lines = false };

	if (!begins_container(text))
		return ERR_UNSUPPORTED;
	if (!fuel_use(fuel, text.n))
		return ERR_FUEL;
	enum err e = json_scan(text, &limits, a, &s.doc);
	if (e == ERR_SYNTAX) {
		if (!first_line_is_value(text, a))
			return ERR_UNSUPPORTED;
		if (!fuel_use(fuel, text.n * 2))
			return ERR_FUEL;
		e = read_lines(text, a, &s);
	}
	if (e == OK)
		*out = s;
	return e;
}
