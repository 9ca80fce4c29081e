#include "compress/ladder.h"

#include "compress/form.h"
#include "compress/minify.h"
#include "compress/same.h"
#include "tokens/tokens.h"

struct ladder {
	const struct source *source;
	struct span text;
	struct arena *a;	/* holds the source; other work has arenas of its own */
	struct arena *result;
	struct fuel *fuel;
	struct buf minified;
	struct buf tables;	/* empty: not built */
	enum err tables_err;
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
	struct span text = form;
	struct arena work;
	struct buf b;
	enum err e = OK;

	arena_init(&work, arena_room(a));
	/* Escapes that are respelled grow at most from \n to \u000a. */
	buf_init(&b, s->doc.text.n * 3 + 64);
	if (form_is_tables(form)) {
		e = form_read(form, &work, fuel, &b);
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
	minify_source(l->source, NULL, &l->minified);
	return buf_err(&l->minified);
}

/* Leaves l->tables empty when there is nothing to tabulate or no fuel for it. */
static void
build_tables(struct ladder *const l)
{
	const uint64_t reserve = reserve_for(l->text.n);
	struct arena work;
	struct plan plan;

	l->tables_err = ERR_FUEL;
	if (l->fuel->left <= reserve)
		return;
	struct fuel part = { l->fuel->left - reserve };

	arena_init(&work, arena_room(l->a));
	l->tables_err = plan_tables(l->source, &work, &part, &plan);
	if (l->tables_err == OK)
		l->tables_err = form_write(&plan, &work, &part, &l->tables);
	if (l->tables_err != OK)
		buf_clear(&l->tables);
	arena_free(&work);
	l->fuel->left = reserve + part.left;
}

static bool
meets_p6(const size_t before, const size_t after)
{
	return after + COMPRESS_MIN_SAVED_TOKENS <= before && after * 100 <= before * 95;
}

/* Proves `b` and makes it the answer. */
static enum err
take(struct ladder *const l, const enum compress_form form, const struct buf *const b,
     const size_t tokens, struct compress_out *const out)
{
	TRY(ladder_prove(l->source, buf_span(b), l->a, l->fuel));
	const struct span copy = arena_copy(l->result, buf_span(b));
	if (!copy.p)
		return ERR_NOMEM;
	out->form = form;
	out->reason = COMPRESS_REASON_NONE;
	out->text = copy;
	out->tokens_after = (uint32_t)tokens;
	return OK;
}

/* Has the form with tables fewer tokens than the minified one? A table has
 * denser text, but never twice as dense. */
static bool
tables_win(const struct ladder *const l, const size_t tokens)
{
	return l->tables.n <= l->minified.n / 2 ||
	       tokens_at_least(TOKENS_O200K, buf_span(&l->minified), tokens + 1);
}

static enum err
choose(struct ladder *const l, struct compress_out *const out)
{
	enum err e = ERR_NOT_FOUND;

	if (!fuel_use(l->fuel, l->text.n + l->tables.n + l->minified.n))
		return ERR_FUEL;
	const size_t before = tokens_count(TOKENS_O200K, l->text);

	out->tokens_before = out->tokens_after = (uint32_t)before;
	if (l->tables.n) {
		const size_t n = tokens_count(TOKENS_O200K, buf_span(&l->tables));

		if (meets_p6(before, n) && tables_win(l, n)) {
			e = take(l, COMPRESS_JSON_TABLE, &l->tables, n, out);
			/* Lack of memory never decides which form it is. */
			if (e == OK || e == ERR_NOMEM)
				return e;
		}
	}
	/* A text without white space is its own minified form. */
	if (l->minified.n < l->text.n) {
		const size_t n = tokens_count(TOKENS_O200K, buf_span(&l->minified));

		if (meets_p6(before, n))
			e = take(l, COMPRESS_JSON_MINIFIED, &l->minified, n, out);
	}
	return e;
}

void
ladder_climb(const struct source *const s, const struct span text, struct arena *const a,
	     struct arena *const result, struct fuel *const fuel, struct compress_out *const out)
{
	struct ladder l = { .source = s, .text = text, .a = a, .result = result, .fuel = fuel };

	buf_init(&l.minified, text.n);
	buf_init(&l.tables, text.n);
	enum err e = build_minified(&l);
	if (e == OK) {
		build_tables(&l);
		e = l.tables_err == ERR_NOMEM ? ERR_NOMEM : choose(&l, out);
	}
	if (e == ERR_NOT_FOUND)
		out->reason = l.tables_err == ERR_FUEL ? COMPRESS_REASON_FUEL
						       : COMPRESS_REASON_NO_GAIN;
	else if (e != OK)
		out->reason = reason_of(e);
	buf_free(&l.minified);
	buf_free(&l.tables);
}
