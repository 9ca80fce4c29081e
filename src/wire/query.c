#include "wire/query.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum err
decode(struct span s, struct arena *a, struct span *out)
{
	size_t n = 0;

	if (span_find(s, '%') == s.n && span_find(s, '+') == s.n) {
		*out = s;
		return OK;
	}
	char *const to = arena_alloc(a, s.n);
	if (!to)
		return ERR_NOMEM;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '%') {
			to[n++] = s.p[i] == '+' ? ' ' : s.p[i];
			continue;
		}
		const int high = s.n - i > 2 ? hex_value(s.p[i + 1]) : -1;
		const int low = s.n - i > 2 ? hex_value(s.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return ERR_SYNTAX;
		to[n++] = (char)(high << 4 | low);
		i += 2;
	}
	*out = span_of(to, n);
	return OK;
}

enum err
query_next(struct span *query, struct arena *a, struct span *name, struct span *value)
{
	struct span key, pair = SPAN_NONE, rest = *query;

	while (rest.n && pair.n == 0) {
		pair = span_head(rest, span_find(rest, '&'));
		rest = span_from(rest, pair.n + 1);
	}
	if (pair.n == 0)
		return ERR_NOT_FOUND;
	const size_t equals = span_find(pair, '=');
	TRY(decode(span_head(pair, equals), a, &key));
	TRY(decode(span_from(pair, equals + 1), a, value));
	*name = key;
	*query = rest;
	return OK;
}
