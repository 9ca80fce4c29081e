#include "compress/value.h"

#include "compress/form.h"
#include "compress/ladder.h"
#include "compress/strings.h"

static enum compress_reason
reason_of(const enum err e)
{
	switch (e) {
	case ERR_FUEL:
		return COMPRESS_REASON_FUEL;
	case ERR_UNSUPPORTED:
		return COMPRESS_REASON_KIND;
	default:
		return COMPRESS_REASON_LIMIT;
	}
}

/* Climbs with the strings as they are, and keeps the better of both. Worth its time
 * where little was opened and little came of it. */
static void
climb_closed(const struct source *const s, const struct compress_in *const in, struct arena *const work,
	     struct arena *const a, struct fuel *const fuel, struct compress_out *const out)
{
	struct compress_out closed = { .form = COMPRESS_VERBATIM, .text = in->text };

	ladder_climb(s, in, work, a, fuel, &closed);
	if (out->form == COMPRESS_VERBATIM || closed.reason == COMPRESS_REASON_LIMIT ||
	    (closed.form != COMPRESS_VERBATIM && closed.tokens_after <= out->tokens_after))
		*out = closed;
}

void
value_compress(const struct compress_in *const in, struct arena *const a, struct fuel *const fuel,
	       struct compress_out *const out)
{
	struct strings open;
	struct source s;
	struct arena work;

	arena_init(&work, arena_room(a));
	const enum err read = source_read(in->text, &work, fuel, &s);
	enum err e = read;
	if (read == OK || read == ERR_UNSUPPORTED)
		e = strings_open(in->text, read == OK ? &s : NULL, &work, fuel, &open);
	if (e == OK)
		ladder_climb(&open.source, in, &work, a, fuel, out);
	/* Lack of memory and fuel never decide which form it is. */
	const bool failed = e != OK && e != ERR_NOT_FOUND && e != ERR_CONFLICT;
	if (failed)
		out->reason = reason_of(e);
	else if (read != OK && e != OK)
		out->reason = COMPRESS_REASON_KIND;
	else if (read == OK && out->reason != COMPRESS_REASON_LIMIT &&
		 (out->form == COMPRESS_VERBATIM ||
		  (2 * open.opened < in->text.n && 2 * out->tokens_after > out->tokens_before)))
		climb_closed(&s, in, &work, a, fuel, out);
	if (e == ERR_CONFLICT && out->form == COMPRESS_VERBATIM)
		out->reason = COMPRESS_REASON_UNPROVEN;
	arena_free(&work);
}

/* What tables stand for must be JSON again, of the kind that they say. */
static enum err
decode_tables(const struct span form, struct arena *const work, struct fuel *const fuel,
	      struct buf *const b, struct source *const s)
{
	TRY(form_read(form, false, work, fuel, b));
	const enum err e = source_read(buf_span(b), work, fuel, s);
	if (e == ERR_UNSUPPORTED)
		return ERR_SYNTAX;
	return e == OK && s->lines != form_is_lines(form) ? ERR_SYNTAX : e;
}

static enum err
decode(const struct span form, struct arena *const work, struct fuel *const fuel,
       struct buf *const text, struct buf *const out)
{
	const bool open = strings_is_form(form);
	const struct span head = span_head(form, open ? strings_head(form) : 0);
	const struct span rest = span_from(form, head.n);
	struct source s;

	if (open && head.n == 0)
		return ERR_SYNTAX;
	if (form_is_ours(rest)) {
		TRY(decode_tables(rest, work, fuel, text, &s));
	} else {
		const enum err e = source_read(rest, work, fuel, &s);

		if (e != OK)
			return open && e == ERR_UNSUPPORTED ? ERR_SYNTAX : e;
	}
	if (open)
		return strings_close(&s, head, work, fuel, out);
	buf_add_span(out, text->n ? buf_span(text) : rest);
	return buf_err(out);
}

enum err
value_decode(const struct span form, struct arena *const a, struct fuel *const fuel,
	     struct buf *const out)
{
	struct arena work;
	struct buf text;

	arena_init(&work, arena_room(a));
	buf_init(&text, out->limit);
	const enum err e = decode(form, &work, fuel, &text, out);
	buf_free(&text);
	arena_free(&work);
	return e;
}
