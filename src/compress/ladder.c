#include "compress/ladder.h"

#include "compress/form.h"
#include "compress/minify.h"
#include "compress/same.h"
#include "tokens/tokens.h"

struct ladder {
	const struct source *source;
	struct span text;
	struct arena *a;
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

/* Reads a form back and compares. */
static enum err
prove_tables(const struct source *const s, const struct span form, struct arena *const a,
	     struct fuel *const fuel)
{
	struct source got = { .lines = false };
	struct buf b;
	bool lines;

	/* No proof needs more than the source minified, escapes respelled. */
	buf_init(&b, s->doc.text.n * 2 + 64);
	enum err e = form_read(form, a, fuel, &b, &lines);
	if (e == OK)
		e = source_read(buf_span(&b), a, fuel, &got);
	if (e == OK)
		e = lines == s->lines && got.lines == lines
			    ? json_same(&s->doc, &got.doc, a, fuel)
			    : ERR_CONFLICT;
	buf_free(&b);
	return e;
}

enum err
ladder_prove(const struct source *const s, const struct span form, struct arena *const a,
	     struct fuel *const fuel)
{
	struct source got = { .lines = false };
	enum err e;

	if (form_is_tables(form)) {
		e = prove_tables(s, form, a, fuel);
	} else {
		e = source_read(form, a, fuel, &got);
		if (e == OK)
			e = got.lines == s->lines ? json_same(&s->doc, &got.doc, a, fuel)
						  : ERR_CONFLICT;
	}
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
	struct plan plan;

	l->tables_err = ERR_FUEL;
	if (l->fuel->left <= reserve)
		return;
	struct fuel part = { l->fuel->left - reserve };

	l->tables_err = plan_tables(l->source, l->a, &part, &plan);
	if (l->tables_err == OK)
		l->tables_err = form_write(&plan, l->a, &part, &l->tables);
	if (l->tables_err != OK)
		buf_clear(&l->tables);
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
	const struct span copy = arena_copy(l->a, buf_span(b));
	if (!copy.p)
		return ERR_NOMEM;
	out->form = form;
	out->reason = COMPRESS_REASON_NONE;
	out->text = copy;
	out->tokens_after = (uint32_t)tokens;
	return OK;
}

/* Tokens of the minified form, or SIZE_MAX when it is not fewer than `bound`. */
static size_t
count_minified(const struct ladder *const l, const size_t bound)
{
	const struct span s = buf_span(&l->minified);

	if (bound != SIZE_MAX && tokens_at_least(TOKENS_O200K, s, bound))
		return SIZE_MAX;
	return tokens_count(TOKENS_O200K, s);
}

static enum err
choose(struct ladder *const l, struct compress_out *const out)
{
	const struct span tables = buf_span(&l->tables);
	enum err e = ERR_NOT_FOUND;

	if (!fuel_use(l->fuel, l->text.n + tables.n + l->minified.n))
		return ERR_FUEL;
	const size_t before = tokens_count(TOKENS_O200K, l->text);
	const size_t with = tables.n ? tokens_count(TOKENS_O200K, tables) : SIZE_MAX - 1;

	out->tokens_before = out->tokens_after = (uint32_t)before;
	size_t plain = count_minified(l, with == SIZE_MAX - 1 ? SIZE_MAX : with + 1);
	if (plain == SIZE_MAX && meets_p6(before, with)) {
		e = take(l, COMPRESS_JSON_TABLE, &l->tables, with, out);
		if (e == OK)
			return OK;
		plain = count_minified(l, SIZE_MAX);
	}
	if (meets_p6(before, plain))
		e = take(l, COMPRESS_JSON_MINIFIED, &l->minified, plain, out);
	return e;
}

void
ladder_climb(const struct source *const s, const struct span text, struct arena *const a,
	     struct fuel *const fuel, struct compress_out *const out)
{
	struct ladder l = { .source = s, .text = text, .a = a, .fuel = fuel };

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
