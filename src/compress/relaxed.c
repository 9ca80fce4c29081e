#include "compress/relaxed.h"

enum { NEVER = 1, NOT_FIRST = 2, NOT_IN_KEY = 4 };

/* Bytes that matter; 0 for all others. Marks at the start are kept for what
 * stands in place of values. */
static const unsigned char bytes[256] = {
	NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
	NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
	NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
	NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER,
	[' '] = NOT_FIRST,
	['"'] = NEVER,
	['$'] = NOT_FIRST,
	['&'] = NOT_FIRST,
	['('] = NOT_FIRST,
	['*'] = NOT_FIRST,
	[','] = NEVER,
	[':'] = NOT_FIRST | NOT_IN_KEY,
	['='] = NOT_FIRST,
	['['] = NEVER,
	['\\'] = NEVER,
	[']'] = NEVER,
	['{'] = NEVER,
	['|'] = NEVER,
	['}'] = NEVER,
	[0x7f] = NEVER,
};

static bool
is_word(const struct span s)
{
	return span_eq(s, SPAN("true")) || span_eq(s, SPAN("false")) || span_eq(s, SPAN("null"));
}

/* Nothing in it that ends it or means something else. */
static bool
is_plain(const struct span s, const bool key)
{
	unsigned seen = 0;

	if (s.n == 0 || s.p[s.n - 1] == ' ' || span_eq(s, SPAN("-")) ||
	    span_starts(s, SPAN("table ")) || span_starts(s, SPAN(CELL_GAP)) || (bytes[(unsigned char)s.p[0]] & NOT_FIRST))
		return false;
	for (size_t i = 0; i < s.n; i++)
		seen |= bytes[(unsigned char)s.p[i]];
	return !(seen & (NEVER | (key ? NOT_IN_KEY : 0u)));
}

bool
relaxed_is_bare(const struct span text, const bool key)
{
	if (!is_plain(text, key))
		return false;
	return key ? !memmem(text.p, text.n, RELAXED_RANGE, sizeof RELAXED_RANGE - 1)
		   : !is_word(text) && !cell_is_numeric(text);
}

bool
relaxed_number(const struct span name, uint32_t *const out)
{
	uint32_t v = 0;

	if (name.n == 0 || name.n > 9 || (name.p[0] == '0' && name.n > 1))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] < '0' || name.p[i] > '9')
			return false;
		v = 10 * v + (uint32_t)(name.p[i] - '0');
	}
	*out = v;
	return true;
}

bool
relaxed_range(const struct span bare, uint32_t *const first, uint32_t *const last)
{
	const size_t at = span_find(bare, RELAXED_RANGE[0]);
	const struct span rest = span_from(bare, at);

	return span_starts(rest, SPAN(RELAXED_RANGE)) && relaxed_number(span_head(bare, at), first) &&
	       relaxed_number(span_from(rest, sizeof RELAXED_RANGE - 1), last) && *first < *last;
}

static void
add_string(const struct span s, struct buf *const out)
{
	/* Plain text has nothing to escape. */
	buf_add_char(out, '"');
	buf_add_span(out, s);
	buf_add_char(out, '"');
}

enum err
relaxed_add(const struct span bare, struct buf *const out)
{
	if (is_word(bare) || cell_is_json_number(bare))
		buf_add_span(out, bare);
	else if (relaxed_is_bare(bare, false))
		add_string(bare, out);
	else
		return ERR_SYNTAX;
	return OK;
}

enum err
relaxed_add_key(const struct span bare, struct buf *const out)
{
	if (!relaxed_is_bare(bare, true))
		return ERR_SYNTAX;
	add_string(bare, out);
	return OK;
}
