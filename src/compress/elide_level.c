#include "compress/elide.h"

#include "compress/form.h"

#define BALANCED_LEVEL 2u

uint32_t
elide_level(const enum profile p)
{
	return p == PROFILE_AGGRESSIVE ? 0 : BALANCED_LEVEL;
}

struct search {
	struct plan *plan;
	const struct compress_in *in;
	struct tokens_memo *memo;
	struct arena *a;
	struct fuel *fuel;
	struct buf *out;
	size_t tokens;	/* of the form in `out`; SIZE_MAX: nothing is left out */
};

static enum err
write_level(struct search *const s, const uint32_t level)
{
	buf_clear(s->out);
	s->tokens = SIZE_MAX;
	const enum err e = elide_choose(s->plan, s->in, level, s->a, s->fuel);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(form_write(s->plan, s->a, s->fuel, s->out));
	if (!fuel_use(s->fuel, s->out->n))
		return ERR_FUEL;
	s->tokens = tokens_memo_count(s->memo, buf_span(s->out));
	return OK;
}

/* The highest level with at most so many tokens, or level 0; it is written last. */
static enum err
search_level(struct search *const s, const size_t most)
{
	uint32_t low = 0, high = ELIDE_LEVELS, written = ELIDE_LEVELS;

	while (high - low > 1) {
		written = (low + high) / 2;
		TRY(write_level(s, written));
		if (s->tokens <= most)
			low = written;
		else
			high = written;
	}
	return written == low ? OK : write_level(s, low);
}

enum err
elide_form(struct plan *const p, const struct compress_in *const in, const size_t most,
	   struct tokens_memo *const memo, struct arena *const a, struct fuel *const fuel,
	   struct buf *const out, size_t *const tokens)
{
	const size_t target = in->target_tokens;
	struct search s = { p, in, memo, a, fuel, out, SIZE_MAX };

	if (target)
		TRY(search_level(&s, target < most ? target : most));
	else
		TRY(write_level(&s, elide_level(in->profile)));
	*tokens = s.tokens;
	return s.tokens <= most ? OK : ERR_NOT_FOUND;
}
