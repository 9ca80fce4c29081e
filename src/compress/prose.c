#include "compress/prose.h"

#include "compress/form.h"
#include "compress/ladder.h"
#include "compress/passage.h"
#include "compress/prose_form.h"
#include "compress/strings.h"
#include "compress/value.h"
#include "tokens/tokens.h"

/* Searching may take so many steps a byte: brackets that close nothing are read again. */
#define SEARCH_FUEL 4u

/* What was made of a text. */
struct work {
	const struct compress_in *in;
	struct arena *a;
	struct prose_piece pieces[PASSAGES_MOST];
	uint32_t count;
	struct span after;
	struct compress_out last;	/* of a passage */
	bool elided;
};

/* The passage as value_compress reads it: of several values each on one line. */
static struct span
passage_text(const struct work *const w, const struct passage *const p)
{
	const struct span raw = span_of(w->in->text.p + p->off, p->len);

	if (p->values == 1 || !p->broken)
		return raw;
	char *const text = arena_alloc(w->a, raw.n);
	uint32_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; text && i < raw.n; i++) {
		const char c = raw.p[i];

		text[i] = c == '\n' && depth ? ' ' : c;
		if (quoted && c == '\\' && i + 1 < raw.n) {
			i++;
			text[i] = raw.p[i];
		} else if (c == '"') {
			quoted = !quoted;
		} else if (!quoted) {
			depth += c == '{' || c == '[';
			depth -= c == '}' || c == ']';
		}
	}
	return text ? span_of(text, raw.n) : SPAN_NONE;
}

/* The part of the whole's target that falls to a passage; 0 only where there is none. */
static uint32_t
target_of(const struct compress_in *const in, const size_t n)
{
	const uint64_t part = (uint64_t)in->target_tokens * n / in->text.n;

	return part || in->target_tokens == 0 ? (uint32_t)part : 1;
}

/* Compresses a passage; OK also where it stays. */
static enum err
add_passage(struct work *const w, const struct passage *const p, struct fuel *const fuel)
{
	const char *const text = w->in->text.p;
	struct compress_in in = *w->in;

	in.text = passage_text(w, p);
	in.target_tokens = target_of(w->in, p->len);
	if (!in.text.p)
		return ERR_NOMEM;
	w->last = (struct compress_out){ .form = COMPRESS_VERBATIM, .text = in.text };
	value_compress(&in, w->a, fuel, &w->last);
	if (w->last.reason == COMPRESS_REASON_LIMIT)
		return ERR_NOMEM;
	if (w->last.form == COMPRESS_VERBATIM)
		return OK;
	w->pieces[w->count++] = (struct prose_piece){
		.before = span_of(w->after.p, (size_t)(text + p->off - w->after.p)),
		.form = w->last.text,
	};
	w->after = span_from(w->in->text, p->off + p->len);
	w->elided |= w->last.elided;
	return OK;
}

/* Does the form give back the very pieces? The forms themselves are proven. */
static bool
is_proven(const struct work *const w, const struct span form)
{
	struct prose_reader r;
	struct prose_piece got;
	uint32_t i = 0;

	if (prose_reader_begin(form, &r) != OK)
		return false;
	for (; r.more; i++)
		if (i == w->count || prose_reader_next(&r, &got) != OK ||
		    !span_eq(got.before, w->pieces[i].before) || !span_eq(got.form, w->pieces[i].form))
			return false;
	return i == w->count && span_eq(r.rest, w->after);
}

static bool
is_blank(const struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r' && s.p[i] != '\n')
			return false;
	return true;
}

/* The whole as one form; *kind says which. */
static enum err
write_form(const struct work *const w, struct buf *const b, enum compress_form *const kind)
{
	/* Values one after the other, and nothing else: JSON, with other white space. */
	if (w->count == 1 && is_blank(w->pieces[0].before) && is_blank(w->after)) {
		*kind = w->last.form;
		buf_add_span(b, w->pieces[0].form);
		return buf_err(b);
	}
	*kind = COMPRESS_JSON_IN_TEXT;
	prose_form_write(w->pieces, w->count, w->after, b);
	TRY(buf_err(b));
	return is_proven(w, buf_span(b)) ? OK : ERR_CONFLICT;
}

/* Makes the form the answer, if it pays. */
static enum err
answer(const struct work *const w, struct buf *const b, struct arena *const result,
       struct fuel *const fuel, struct compress_out *const out)
{
	const struct span text = w->in->text;
	enum compress_form kind;

	TRY(write_form(w, b, &kind));
	if (!fuel_use(fuel, text.n + 2 * b->n))
		return ERR_FUEL;
	const size_t before = tokens_count(TOKENS_O200K, text);
	const size_t after = tokens_count(TOKENS_O200K, buf_span(b));
	out->tokens_before = out->tokens_after = (uint32_t)before;
	if (!meets_p6(before, after))
		return ERR_NOT_FOUND;
	const struct span copy = arena_copy(result, buf_span(b));
	if (!copy.p)
		return ERR_NOMEM;
	out->form = kind;
	out->text = copy;
	out->tokens_after = (uint32_t)after;
	out->elided = w->elided;
	return OK;
}

static enum err
compress_passages(struct work *const w, struct fuel *const fuel)
{
	const struct span text = w->in->text;
	struct fuel search = { SEARCH_FUEL * (uint64_t)text.n };
	struct passage found[PASSAGES_MOST];

	if (!fuel_use(fuel, search.left))
		return ERR_FUEL;
	const uint32_t n = passages_find(text, &search, found);
	fuel->left += search.left;
	for (uint32_t i = 0; i < n; i++)
		TRY(add_passage(w, &found[i], fuel));
	if (n == 0)
		return ERR_UNSUPPORTED;
	return w->count ? OK : ERR_NOT_FOUND;
}

static enum compress_reason
reason_of(const enum err e)
{
	switch (e) {
	case OK:
		return COMPRESS_REASON_NONE;
	case ERR_FUEL:
		return COMPRESS_REASON_FUEL;
	case ERR_UNSUPPORTED:
		return COMPRESS_REASON_KIND;
	case ERR_NOT_FOUND:
		return COMPRESS_REASON_NO_GAIN;
	case ERR_CONFLICT:
		return COMPRESS_REASON_UNPROVEN;
	default:
		return COMPRESS_REASON_LIMIT;
	}
}

void
prose_compress(const struct compress_in *const in, struct arena *const a, struct fuel *const fuel,
	       struct compress_out *const out)
{
	struct arena work;
	struct work w = { .in = in, .a = &work, .after = in->text };
	struct buf b;

	/* What is a form already is left to whoever reads it. */
	if (form_is_ours(in->text) || strings_is_form(in->text) || prose_is_form(in->text)) {
		out->reason = COMPRESS_REASON_KIND;
		return;
	}
	arena_init(&work, arena_room(a));
	buf_init(&b, in->text.n + 256);
	enum err e = compress_passages(&w, fuel);
	if (e == OK)
		e = answer(&w, &b, a, fuel, out);
	/* Nothing was replaced: why, the last passage says. */
	out->reason = e == ERR_NOT_FOUND && w.count == 0 ? w.last.reason : reason_of(e);
	buf_free(&b);
	arena_free(&work);
}

bool
prose_is_form(const struct span text)
{
	return prose_form_begins(text);
}

enum err
prose_decode(const struct span form, struct arena *const a, struct fuel *const fuel,
	     struct buf *const out)
{
	struct prose_reader r;
	struct prose_piece p;

	if (!fuel_use(fuel, form.n))
		return ERR_FUEL;
	TRY(prose_reader_begin(form, &r));
	while (r.more) {
		TRY(prose_reader_next(&r, &p));
		buf_add_span(out, p.before);
		const enum err e = value_decode(p.form, a, fuel, out);
		if (e != OK)
			return e == ERR_UNSUPPORTED ? ERR_SYNTAX : e;
	}
	buf_add_span(out, r.rest);
	return buf_err(out);
}
