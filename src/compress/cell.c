#include "compress/cell.h"

char
separator_char(const enum separator s)
{
	return " ,|"[s];
}

const char *
separator_name(const enum separator s)
{
	static const char *const names[SEPARATORS] = { "space", "comma", "bar" };

	return names[s];
}

struct span
separator_missing(const enum separator s)
{
	return s == SEPARATOR_SPACE ? SPAN("-") : SPAN("");
}

static bool
is_digit(const char c)
{
	return c >= '0' && c <= '9';
}

static size_t
skip_digits(const struct span s, size_t i)
{
	while (i < s.n && is_digit(s.p[i]))
		i++;
	return i;
}

/* Offset after an exponent at `i`; `i` itself when none stands there; s.n + 1
 * when it is broken off. */
static size_t
skip_exponent(const struct span s, const size_t i)
{
	size_t j = i;

	if (j >= s.n || (s.p[j] != 'e' && s.p[j] != 'E'))
		return i;
	j++;
	if (j < s.n && (s.p[j] == '+' || s.p[j] == '-'))
		j++;
	const size_t end = skip_digits(s, j);
	return end == j ? s.n + 1 : end;
}

bool
cell_is_numeric(const struct span s)
{
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	const size_t whole = skip_digits(s, i);
	size_t digits = whole - i;

	i = whole;
	if (i < s.n && s.p[i] == '.') {
		const size_t end = skip_digits(s, i + 1);

		digits += end - i - 1;
		i = end;
	}
	return digits > 0 && skip_exponent(s, i) == s.n;
}

bool
cell_is_json_number(const struct span s)
{
	size_t i = s.n && s.p[0] == '-';
	const size_t whole = skip_digits(s, i);

	if (whole == i || (s.p[i] == '0' && whole > i + 1))
		return false;
	i = whole;
	if (i < s.n && s.p[i] == '.') {
		const size_t end = skip_digits(s, i + 1);

		if (end == i + 1)
			return false;
		i = end;
	}
	return skip_exponent(s, i) == s.n;
}

/* Bytes that matter; 0 for all others. */
static const unsigned char byte_flags[256] = {
	CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW,
	CELL_RAW, CELL_QUOTED, CELL_QUOTED, CELL_RAW, CELL_RAW, CELL_QUOTED, CELL_RAW, CELL_RAW,
	CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW,
	CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW, CELL_RAW,
	[' '] = CELL_HAS_SPACE,
	[','] = CELL_HAS_COMMA,
	['|'] = CELL_HAS_BAR,
	[0x7f] = CELL_RAW,
};

/* Flags of words that mean something else in a cell. */
static unsigned
word_flags(const struct span s)
{
	switch (s.p[0]) {
	case '-':
		if (s.n == 1)
			return CELL_DASH;
		break;
	case 't':
		return span_eq(s, SPAN("true")) ? CELL_TYPED : 0;
	case 'f':
		return span_eq(s, SPAN("false")) ? CELL_TYPED : 0;
	case 'n':
		return span_eq(s, SPAN("null")) ? CELL_QUOTED : 0;
	case '\xe2':
		return span_starts(s, SPAN(CELL_GAP)) ? CELL_QUOTED : 0;
	default:
		break;
	}
	return cell_is_numeric(s) ? CELL_TYPED : 0;
}

/* Does a cell that begins so mean something else than its text? */
static bool
leads_elsewhere(const char c)
{
	return c == '"' || c == '[' || c == '{' || c == '\\' || c == '=' || c == ' ';
}

unsigned
cell_flags(const struct span text)
{
	unsigned flags = 0;

	if (text.n == 0)
		return CELL_QUOTED;
	for (size_t i = 0; i < text.n; i++)
		flags |= byte_flags[(unsigned char)text.p[i]];
	if (leads_elsewhere(text.p[0]) || text.p[text.n - 1] == ' ')
		flags |= CELL_QUOTED;
	if (text.p[0] == '*')
		flags |= CELL_NAME;
	return flags | word_flags(text);
}

bool
cell_needs_quotes(const unsigned flags, const enum separator s, const bool text_column)
{
	if (flags & (CELL_QUOTED | 1u << s))
		return true;
	if ((flags & CELL_TYPED) && !text_column)
		return true;
	return (flags & CELL_DASH) && s == SEPARATOR_SPACE;
}

void
cell_quote(struct buf *const out, const struct span text)
{
	struct span rest = text;

	buf_add_char(out, '"');
	for (;;) {
		const size_t n = span_find(rest, '"');

		buf_add(out, rest.p, n);
		if (n == rest.n)
			break;
		buf_add(out, "\"\"", 2);
		rest = span_from(rest, n + 1);
	}
	buf_add_char(out, '"');
}
