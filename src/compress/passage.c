#include "compress/passage.h"

#include <stdint.h>

#include "compress/source.h"

#define LEAST_BYTES 200u

/* Bytes that JSON has outside strings, brackets and quotes left out. */
static const bool is_between[256] = {
	[' '] = true, ['\n'] = true, ['\r'] = true, ['\t'] = true, [','] = true, [':'] = true,
	['+'] = true, ['-'] = true, ['.'] = true, ['0'] = true, ['1'] = true, ['2'] = true,
	['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true,
	['9'] = true, ['t'] = true, ['r'] = true, ['u'] = true, ['e'] = true, ['f'] = true,
	['a'] = true, ['l'] = true, ['s'] = true, ['n'] = true, ['E'] = true,
};

/* The place behind the string that begins at `i`, or 0. */
static size_t
string_end(const struct span text, size_t i)
{
	for (i++; i < text.n && (unsigned char)text.p[i] >= ' '; i++) {
		if (text.p[i] == '"')
			return i + 1;
		if (text.p[i] == '\\')
			i++;
	}
	return 0;
}

/* The place behind the value whose bracket stands at `from`, or 0. */
static size_t
value_end(const struct span text, const size_t from, struct fuel *const fuel)
{
	char open[SOURCE_DEPTH];
	uint32_t depth = 0;
	size_t i = from, end = 0;

	while (i < text.n && end == 0) {
		const char c = text.p[i];

		if (c == '"') {
			const size_t next = string_end(text, i);

			if (next == 0)
				break;
			i = next;
			continue;
		}
		i++;
		if (c == '{' || c == '[') {
			if (depth == SOURCE_DEPTH)
				break;
			open[depth++] = c;
		} else if (c == '}' || c == ']') {
			/* ASCII has one character between the brackets of a pair. */
			if (open[--depth] != c - 2)
				break;
			if (depth == 0)
				end = i;
		} else if (!is_between[(unsigned char)c]) {
			break;
		}
	}
	return fuel_use(fuel, i - from) ? end : 0;
}

static bool
is_bracket(const struct span text, const size_t i)
{
	return i < text.n && (text.p[i] == '{' || text.p[i] == '[');
}

/* May a value begin here? Not within a word: `argv[1]`. */
static bool
may_begin(const struct span text, const size_t i)
{
	return is_bracket(text, i) && (i == 0 || (text.p[i - 1] && strchr(" \t\r\n:=(>`',;|", text.p[i - 1])));
}

static bool
begins_line(const struct span text, const size_t i)
{
	return i == 0 || text.p[i - 1] == '\n';
}

/* The begin of the next line, if nothing but a line break stands before it; else 0. */
static size_t
next_line(const struct span text, size_t i)
{
	if (i < text.n && text.p[i] == '\r')
		i++;
	return i < text.n && text.p[i] == '\n' ? i + 1 : 0;
}

/* Adds the values on the lines that follow. */
static void
extend(const struct span text, struct passage *const p, struct fuel *const fuel)
{
	size_t end = p->off + p->len, from;

	p->broken = memchr(text.p + p->off, '\n', p->len) != NULL;
	while ((from = next_line(text, end)) != 0 && is_bracket(text, from)) {
		end = value_end(text, from, fuel);
		if (end == 0 || (end < text.n && next_line(text, end) == 0))
			break;
		p->broken |= memchr(text.p + from, '\n', end - from) != NULL;
		p->len = end - p->off;
		p->values++;
	}
}

uint32_t
passages_find(const struct span text, struct fuel *const fuel, struct passage out[PASSAGES_MOST])
{
	uint32_t n = 0;

	if (!fuel_use(fuel, text.n))
		return 0;
	for (size_t i = 0; i < text.n && n < PASSAGES_MOST && fuel->left; i++) {
		if (!may_begin(text, i))
			continue;
		const size_t end = value_end(text, i, fuel);
		if (end == 0)
			continue;
		struct passage p = { .off = i, .len = end - i, .values = 1 };
		if (begins_line(text, i))
			extend(text, &p, fuel);
		if (p.len >= LEAST_BYTES)
			out[n++] = p;
		i = p.off + p.len - 1;
	}
	return n;
}
