#include "compress/affix.h"

#include "tokens/tokens.h"

enum class { MARK, LETTER, DIGIT };

/* Bytes of other scripts count as letters, so no character is ever cut. */
static enum class
class_of(const char c)
{
	if (c >= '0' && c <= '9')
		return DIGIT;
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80)
		return LETTER;
	return MARK;
}

bool
affix_is_boundary(const struct span s, const size_t at)
{
	if (at == 0 || at >= s.n)
		return true;
	const enum class before = class_of(s.p[at - 1]), after = class_of(s.p[at]);

	return before != after || before == MARK;
}

/* Does it hold the mark of a pattern? */
static bool
has_mark(const struct span s)
{
	for (size_t i = 0; i + 1 < s.n; i++)
		if (s.p[i] == '{' && s.p[i + 1] == '}')
			return true;
	return false;
}

static bool
saves_enough(const struct column *const c, const struct span text)
{
	return tokens_count(TOKENS_O200K, text) >=
	       tokens_count(TOKENS_O200K, affix_middle(c, text)) + AFFIX_MIN_TOKENS;
}

static void
cut_back(struct column *const c, const struct span first, const struct span last)
{
	uint32_t most = c->shortest - 1;

	c->prefix = c->prefix < most ? c->prefix : most;
	while (!affix_is_boundary(first, c->prefix) || !affix_is_boundary(last, c->prefix))
		c->prefix--;
	most -= c->prefix;
	c->suffix = c->suffix < most ? c->suffix : most;
	while (!affix_is_boundary(first, first.n - c->suffix) || !affix_is_boundary(last, last.n - c->suffix))
		c->suffix--;
}

/* The pattern "prefix{}suffix". */
static enum err
spell_pattern(struct column *const c, const struct span text, struct arena *const a)
{
	char *const p = arena_alloc(a, c->prefix + 2 + c->suffix);

	if (!p)
		return ERR_NOMEM;
	memcpy(p, text.p, c->prefix);
	memcpy(p + c->prefix, "{}", 2);
	memcpy(p + c->prefix + 2, text.p + text.n - c->suffix, c->suffix);
	c->pattern = span_of(p, c->prefix + 2 + c->suffix);
	return OK;
}

static bool
is_worth_it(struct column *const c, const struct span first, const struct span last)
{
	if (!column_has_affix(c) || c->shortest < 2 || c->cells < AFFIX_MIN_CELLS)
		return false;
	cut_back(c, first, last);
	return column_has_affix(c) && !has_mark(span_head(first, c->prefix)) &&
	       !has_mark(span_from(first, first.n - c->suffix)) &&
	       saves_enough(c, first) && saves_enough(c, last);
}

enum err
affix_choose(struct table *const t, struct arena *const a, struct fuel *const fuel)
{
	for (uint32_t k = 0; k < t->order_count; k++) {
		struct column *const c = &t->columns[t->order[k]];
		const struct span first = t->cells[c->first].text, last = t->cells[c->last].text;

		c->marked = c->marked && tokens_at_least(TOKENS_O200K, t->cells[c->first_long].text,
							 AFFIX_MIN_TOKENS + 1);
		if (column_has_affix(c) && !fuel_use(fuel, 2 * (first.n + last.n)))
			return ERR_FUEL;
		if (!c->marked && is_worth_it(c, first, last))
			TRY(spell_pattern(c, first, a));
		else
			c->prefix = c->suffix = 0;
	}
	return OK;
}
