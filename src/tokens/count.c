#include "tokens/tokens.h"

#include "tokens/merge.h"
#include "tokens/ranks.h"
#include "tokens/split.h"

/* Is the piece one token? False where only merging can tell. */
static inline bool
is_token(const struct ranks *r, const uint8_t *p, size_t n)
{
	if (p[n - 1] == '\0')
		return false;
	if (n <= 8)
		return ranks_has_short(r, ranks_word(p, n));
	if (n <= 16)
		return ranks_has_medium(r, ranks_word(p, 8), ranks_word(p + 8, n - 8));
	return ranks_has_long(r, p, n);
}

/* Tokens of `text`, or any number from `enough` on once that many are found. */
static size_t
count_up_to(enum tokens_encoding e, struct span text, size_t enough)
{
	const struct ranks *const r = &ranks_of[e];
	const uint8_t *p = (const uint8_t *)text.p;
	const uint8_t *const end = text.n ? p + text.n : p;
	size_t count = 0;

	while (p < end && count < enough) {
		const uint8_t *const q =
			e == TOKENS_O200K ? split_o200k(p, end) : split_cl100k(p, end);
		const size_t n = (size_t)(q - p);
		count += n == 1 || is_token(r, p, n) ? 1 : merge_count(r, p, n);
		p = q;
	}
	return count;
}

size_t
tokens_count(enum tokens_encoding e, struct span text)
{
	return count_up_to(e, text, SIZE_MAX);
}

bool
tokens_at_least(enum tokens_encoding e, struct span text, size_t floor)
{
	if (text.n < floor)
		return false;
	/* No token has more bytes than this, so there must be more than `floor`. */
	if (text.n / RANKS_LONGEST >= floor)
		return true;
	return count_up_to(e, text, floor) >= floor;
}
