#include "compress/ladder.h"

#include "compress/elide.h"
#include "compress/form.h"
#include "compress/minify.h"
#include "compress/same.h"
#include "tokens/tokens.h"

struct ladder {
	const struct source *source;
	const struct compress_in *in;
	struct span text;
	struct arena *a;	/* holds the source; other work has arenas of its own */
	struct arena *result;
	struct fuel *fuel;
	struct tokens_memo *memo;
	struct buf minified;
	size_t minified_tokens;	/* 0: not counted yet */
	struct buf tables;	/* empty: not built */
	enum err tables_err;
	size_t tables_tokens;
	struct arena plan_arena;
	struct plan plan;	/* of the tables, if they were built */
};

static enum compress_reason
reason_of(const enum err e)
{
	switch (e) {
	case ERR_FUEL:
		return COMPRESS_REASON_FUEL;
	case ERR_CONFLICT:
	case ERR_SYNTAX:
	case ERR_UNSUPPORTED:
		return COMPRESS_REASON_UNPROVEN;
	default:
		return COMPRESS_REASON_LIMIT;
	}
}

/* What a minified block still needs: two counts, a copy, a scan, a comparison. */
static uint64_t
reserve_for(const size_t n)
{
	return 8 * (uint64_t)n;
}

enum err
ladder_prove(const struct source *const s, const struct span form, const struct arena *const a,
	     struct fuel *const fuel)
{
	struct source got = { .lines = false };
	struct span text = span_from(form, s->head.n);
	struct arena work;
	struct buf b;
	enum err e = OK;

	arena_init(&work, arena_room(a));
	/* Escapes that are respelled grow at most from \n to \u000a. */
	buf_init(&b, s->doc.text.n * 3 + 64);
	if (form_is_ours(text)) {
		e = form_read(text, false, &work, fuel, &b);
		text = buf_span(&b);
	}
	if (e == OK)
		e = source_read(text, &work, fuel, &got);
	if (e == OK)
		e = got.lines == s->lines ? json_same(&s->doc, &got.doc, &work, fuel) : ERR_CONFLICT;
	buf_free(&b);
	arena_free(&work);
	return e == ERR_SYNTAX || e == ERR_UNSUPPORTED ? ERR_CONFLICT : e;
}

static enum err
build_minified(struct ladder *const l)
{
	if (!fuel_use(l->fuel, l->source->doc.count + l->text.n))
		return ERR_FUEL;
	buf_add_span(&l->minified, l->source->head);
	minify_source(l->source, &l->minified);
	return buf_err(&l->minified);
}

static enum err
count_tables(struct ladder *const l, struct fuel *const fuel)
{
	if (!fuel_use(fuel, l->tables.n))
		return ERR_FUEL;
	l->tables_tokens = tokens_memo_count(l->memo, buf_span(&l->tables));
	return OK;
}

/* Makes `b`, the form of `plan`, whose memory `a` owns, the one with tables if it has
 * fewer tokens. Where it is shorter by a fifth it has. */
static enum err
adopt(struct ladder *const l, const struct plan *const plan, struct arena *const a,
      struct buf *const b, struct fuel *const fuel)
{
	const bool clear = b->n + b->n / 4 <= l->tables.n || l->tables.n == 0;

	if (!fuel_use(fuel, b->n))
		return ERR_FUEL;
	const size_t tokens = tokens_memo_count(l->memo, buf_span(b));
	if (!clear)
		TRY(count_tables(l, fuel));
	if (!clear && tokens >= l->tables_tokens)
		return ERR_NOT_FOUND;
	arena_free(&l->plan_arena);
	buf_free(&l->tables);
	l->plan = *plan;
	l->plan_arena = *a;
	l->tables = *b;
	l->tables_tokens = tokens;
	return OK;
}

/* The form with tables and names for repeated values, if there are some and that
 * is shorter. Only lack of memory is a failure. */
static enum err
build_named(struct ladder *const l, struct fuel *const fuel)
{
	struct arena work;
	struct plan plan;
	struct buf b;

	arena_init(&work, arena_room(l->a));
	buf_init(&b, l->tables.limit);
	struct definitions *const defs = arena_alloc(&work, sizeof *defs);
	enum err e = defs ? define_choose(&l->plan, &work, fuel, defs) : ERR_NOMEM;
	if (e == OK && defs->count == 0)
		e = ERR_NOT_FOUND;
	if (e == OK)
		e = plan_tables(l->source, defs, &work, fuel, &plan);
	if (e == OK)
		plan.memo = l->memo;
	if (e == OK)
		e = form_write(&plan, &work, fuel, &b);
	if (e == OK)
		e = adopt(l, &plan, &work, &b, fuel);
	if (e == OK)
		return OK;
	buf_free(&b);
	arena_free(&work);
	return e == ERR_NOMEM ? e : OK;
}

/* Leaves l->tables empty when neither tables nor names are of use, or there is no
 * fuel for them. */
static void
build_tables(struct ladder *const l)
{
	const uint64_t reserve = reserve_for(l->text.n);

	l->tables_err = ERR_FUEL;
	if (l->fuel->left <= reserve)
		return;
	struct fuel part = { l->fuel->left - reserve };

	enum err e = plan_tables(l->source, NULL, &l->plan_arena, &part, &l->plan);
	if (e == OK) {
		l->plan.memo = l->memo;
		e = form_write(&l->plan, &l->plan_arena, &part, &l->tables);
		if (e != OK)
			buf_clear(&l->tables);
		/* With names it may fit. */
		if (e == OK || e == ERR_LIMIT)
			e = build_named(l, &part);
		if (e == OK && l->tables.n && !l->tables_tokens)
			e = count_tables(l, &part);
	}
	l->tables_err = e;
	l->fuel->left = reserve + part.left;
}

/* Makes `b`, which is proven, the answer. */
static enum err
answer(struct ladder *const l, const enum compress_form form, const struct buf *const b,
       const size_t tokens, struct compress_out *const out)
{
	const struct span copy = arena_copy(l->result, buf_span(b));
	if (!copy.p)
		return ERR_NOMEM;
	out->form = form;
	out->reason = COMPRESS_REASON_NONE;
	out->text = copy;
	out->tokens_after = (uint32_t)tokens;
	return OK;
}

static enum err
take(struct ladder *const l, const enum compress_form form, const struct buf *const b,
     const size_t tokens, struct compress_out *const out)
{
	TRY(ladder_prove(l->source, buf_span(b), l->a, l->fuel));
	return answer(l, form, b, tokens, out);
}

static size_t
count(const struct ladder *const l, const struct buf *const b)
{
	return tokens_memo_count(l->memo, buf_span(b));
}

/* A text without white space is its own minified form. */
static bool
is_minified(const struct ladder *const l)
{
	return l->minified.n == l->text.n;
}

static size_t
minified_tokens(struct ladder *const l)
{
	if (!l->minified_tokens)
		l->minified_tokens = count(l, &l->minified);
	return l->minified_tokens;
}

/* Has the form with tables, of `tokens`, fewer than the minified one? A table has
 * denser text, but never twice as dense. Where that is clear from a part of the
 * text, the rest is not counted. */
static bool
tables_win(struct ladder *const l, const size_t tokens)
{
	const struct span minified = buf_span(&l->minified);

	if (l->tables.n <= minified.n / 2)
		return true;
	if (!l->minified_tokens && minified.n > TOKENS_ESTIMATE_EXACT &&
	    tokens <= tokens_estimate(TOKENS_O200K, minified) / 10 * 9)
		return true;
	return tokens < minified_tokens(l);
}

/* Before there are forms, whose words it then knows. */
static enum err
count_source(struct ladder *const l, struct compress_out *const out)
{
	if (!fuel_use(l->fuel, l->text.n))
		return ERR_FUEL;
	const size_t n = tokens_memo_count(l->memo, l->text);

	if (is_minified(l))
		l->minified_tokens = n;
	out->tokens_before = out->tokens_after = (uint32_t)n;
	return OK;
}

static enum err
choose(struct ladder *const l, struct compress_out *const out)
{
	enum err e = ERR_NOT_FOUND;

	const size_t before = out->tokens_before;

	if (!fuel_use(l->fuel, l->minified.n))
		return ERR_FUEL;
	if (l->tables.n) {
		const size_t n = l->tables_tokens;

		if (meets_p6(before, n) && tables_win(l, n)) {
			e = take(l, l->plan.count ? COMPRESS_JSON_TABLE : COMPRESS_JSON_RELAXED,
				 &l->tables, n, out);
			/* Lack of memory never decides which form it is. */
			if (e == OK || e == ERR_NOMEM)
				return e;
		}
	}
	if (!is_minified(l) && meets_p6(before, minified_tokens(l)))
		e = take(l, COMPRESS_JSON_MINIFIED, &l->minified, minified_tokens(l), out);
	return e;
}

/* Leaving rows out costs the reader: a sixth of the tokens must go. Returns how many
 * may be left, 0 when that can not be. */
static size_t
elided_most(const struct compress_out *const out)
{
	const size_t least = 2 * COMPRESS_MIN_SAVED_TOKENS, lossless = out->tokens_after;
	size_t most = lossless / 6 * 5;

	most = lossless < least ? 0 : most < lossless - least ? most : lossless - least;
	return most && meets_p6(out->tokens_before, most) ? most : 0;
}

/* Leaves rows out of the tables, if that pays against the form that `out` has. */
static enum err
elide(struct ladder *const l, struct compress_out *const out)
{
	const size_t most = elided_most(out);
	struct buf b;
	size_t n;

	if (most == 0 || l->in->target_tokens >= out->tokens_after)
		return ERR_NOT_FOUND;
	buf_init(&b, l->text.n);
	enum err e = elide_form(&l->plan, l->in, most, l->memo, &l->plan_arena, l->fuel, &b, &n);
	if (e == OK)
		e = elide_prove(&l->plan, buf_span(&b), l->a, l->fuel);
	if (e == OK)
		e = answer(l, l->plan.count ? COMPRESS_JSON_TABLE : COMPRESS_JSON_RELAXED, &b, n, out);
	out->elided = e == OK;
	if (e == OK)
		elide_count(&l->plan, &out->items, &out->items_after);
	buf_free(&b);
	return e;
}

static bool
may_elide(const struct ladder *const l)
{
	/* A form that is longer than the text may have parts to leave out, too. */
	const bool planned = l->tables_err == OK || l->tables_err == ERR_LIMIT;

	return l->in->profile >= PROFILE_BALANCED && l->in->hash && planned && l->plan.source;
}

/* The best lossless form, or one with rows left out. */
static enum err
climb(struct ladder *const l, struct compress_out *const out)
{
	if (l->tables_err == ERR_NOMEM)
		return ERR_NOMEM;
	const enum err e = choose(l, out);
	if ((e != OK && e != ERR_NOT_FOUND) || !may_elide(l))
		return e;
	const enum err elided = elide(l, out);
	/* Lack of memory never decides which form it is. */
	if (elided == ERR_NOMEM) {
		out->form = COMPRESS_VERBATIM;
		out->text = l->text;
		out->tokens_after = out->tokens_before;
	}
	return elided == OK || elided == ERR_NOMEM ? elided : e;
}

void
ladder_climb(const struct source *const s, const struct compress_in *const in,
	     struct arena *const a, struct arena *const result, struct fuel *const fuel,
	     struct compress_out *const out)
{
	const struct span text = in->text;
	struct ladder l = { .source = s, .in = in, .text = text, .a = a, .result = result,
			    .fuel = fuel };

	arena_init(&l.plan_arena, arena_room(a));
	/* Open strings carry marks. */
	buf_init(&l.minified, s->head.p ? 2 * text.n + s->head.n : text.n);
	buf_init(&l.tables, text.n);
	l.memo = tokens_memo_new(TOKENS_O200K, a);
	enum err e = l.memo ? build_minified(&l) : ERR_NOMEM;
	if (e == OK)
		e = count_source(&l, out);
	if (e == OK) {
		build_tables(&l);
		e = climb(&l, out);
	}
	if (e == ERR_NOT_FOUND)
		out->reason = l.tables_err == ERR_FUEL ? COMPRESS_REASON_FUEL
						       : COMPRESS_REASON_NO_GAIN;
	else if (e != OK)
		out->reason = reason_of(e);
	arena_free(&l.plan_arena);
	buf_free(&l.minified);
	buf_free(&l.tables);
}
