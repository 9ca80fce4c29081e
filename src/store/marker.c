#include "store/marker.h"

#define BEFORE SPAN("hash=")

static size_t
digits(struct span s)
{
	size_t n = 0;

	while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'a' && s.p[n] <= 'f')))
		n++;
	return n;
}

bool
marker_next(struct span *text, struct span *hash)
{
	while (text->n) {
		const char *const at = memmem(text->p, text->n, BEFORE.p, BEFORE.n);

		if (!at)
			break;
		*text = span_from(*text, (size_t)(at - text->p) + BEFORE.n);
		if (digits(*text) == STORE_HASH_DIGITS) {
			*hash = span_head(*text, STORE_HASH_DIGITS);
			return true;
		}
	}
	*text = span_from(*text, text->n);
	return false;
}
