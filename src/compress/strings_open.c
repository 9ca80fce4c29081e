#include "compress/strings.h"

#include "compress/compress.h"
#include "compress/same.h"
#include "compress/strings_mark.h"
#include "json/edit.h"
#include "json/text.h"

/* Shorter strings are not worth the mark. */
#define LEAST_STRING 40u
/* What is opened must be this part of the text. */
#define LEAST_SHARE 8u

static const struct json_limits limits = { .depth = SOURCE_DEPTH, .nodes = 1u << 26 };

struct opening {
	struct arena *a;
	struct fuel *fuel;
	struct source source;	/* in its present state */
	struct json_edit *edits;
	size_t edit_count, edit_room;
	size_t opened;		/* strings */
	size_t opened_bytes;	/* what they held, in this round */
};

/* ---- one string ---- */

/* Can this be JSON that pays? Cheap, and right for nearly all that are not. */
static bool
looks_like_json(const struct span inner)
{
	size_t n = inner.n;

	if (n < LEAST_STRING || (inner.p[0] != '{' && inner.p[0] != '['))
		return false;
	if (inner.p[n - 1] == 'n' && inner.p[n - 2] == '\\')
		n -= 2;
	return inner.p[n - 1] == '}' || inner.p[n - 1] == ']';
}

/* Is the text JSON that a layout spells to the byte? ERR_NOT_FOUND: no. */
static enum err
read_content(const struct span text, struct arena *const a, struct fuel *const fuel,
	     struct source *const s, struct layout *const l)
{
	struct buf b;

	enum err e = source_read(text, a, fuel, s);
	if (e != OK)
		return e == ERR_NOMEM || e == ERR_FUEL ? e : ERR_NOT_FOUND;
	if (!fuel_use(fuel, 2 * (uint64_t)text.n))
		return ERR_FUEL;
	*l = layout_guess(text, s->lines);
	buf_init(&b, text.n);
	e = layout_write(&s->doc, 0, l, a, &b);
	if (e == ERR_LIMIT || (e == OK && !span_eq(buf_span(&b), text)))
		e = ERR_NOT_FOUND;
	buf_free(&b);
	return e;
}

/* The JSON in a string node, in the arena, and its layout. ERR_NOT_FOUND: none. */
static enum err
read_string(struct opening *const o, const uint32_t node, struct span *const json,
	    struct layout *const l)
{
	struct arena work;
	struct source s;
	struct span text;

	if (!looks_like_json(json_inner(&o->source.doc, node)))
		return ERR_NOT_FOUND;
	if (!fuel_use(o->fuel, o->source.doc.nodes[node].len))
		return ERR_FUEL;
	const enum err unescaped = json_string(&o->source.doc, node, o->a, &text);
	if (unescaped != OK)
		return unescaped == ERR_NOMEM ? ERR_NOMEM : ERR_NOT_FOUND;
	arena_init(&work, arena_room(o->a));
	enum err e = read_content(text, &work, o->fuel, &s, l);
	if (e == OK) {
		*json = s.lines ? arena_copy(o->a, s.doc.text) : text;
		e = json->p ? OK : ERR_NOMEM;
	}
	arena_free(&work);
	return e;
}

/* ---- all strings ---- */

static enum err
add_edit(struct opening *const o, const size_t off, const size_t len, const struct span with)
{
	if (o->edit_count == o->edit_room) {
		const size_t room = o->edit_room ? 2 * o->edit_room : 16;
		struct json_edit *const more = arena_grow(o->a, o->edits, o->edit_room * sizeof *more,
							  room * sizeof *more);

		if (!more)
			return ERR_NOMEM;
		o->edits = more;
		o->edit_room = room;
	}
	o->edits[o->edit_count++] = (struct json_edit){ off, len, with };
	return OK;
}

/* before, the layout's word, and after, in the arena. */
static enum err
spell_mark(struct opening *const o, const char *const before, const struct layout *const l,
	   const char *const after, struct span *const out)
{
	struct buf b;

	buf_init(&b, 32);
	buf_add_str(&b, before);
	layout_name(l, &b);
	buf_add_str(&b, after);
	*out = arena_copy(o->a, buf_span(&b));
	buf_free(&b);
	return out->p ? OK : ERR_NOMEM;
}

/* Opens the string `node`, the value of `key` or an element (JSON_NONE). */
static enum err
open_string(struct opening *const o, const uint32_t node, const uint32_t key)
{
	const struct json_node *const n = &o->source.doc.nodes[node];
	struct span json, mark;
	struct layout l;

	const enum err e = read_string(o, node, &json, &l);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	if (key == JSON_NONE) {
		TRY(spell_mark(o, "{\"~", &l, "\":", &mark));
		TRY(add_edit(o, n->off, 0, mark));
		TRY(add_edit(o, n->off, n->len, json));
		TRY(add_edit(o, (size_t)n->off + n->len, 0, SPAN("}")));
	} else {
		const struct json_node *const k = &o->source.doc.nodes[key];

		TRY(spell_mark(o, "~", &l, "", &mark));
		TRY(add_edit(o, (size_t)k->off + k->len - 1, 0, mark));
		TRY(add_edit(o, n->off, n->len, json));
	}
	o->opened++;
	o->opened_bytes += json.n;
	return OK;
}

/* Opens all strings of the present state; *more: there were some. */
static enum err
open_round(struct opening *const o, bool *const more)
{
	const struct json_doc *const d = &o->source.doc;
	struct buf b;

	if (!fuel_use(o->fuel, d->count))
		return ERR_FUEL;
	const uint8_t *const is_key = marks_keys(d, o->a);
	if (!is_key)
		return ERR_NOMEM;
	o->edit_count = 0;
	for (uint32_t i = 1; i < d->count; i++) {
		if (json_type(d, i) != JSON_STRING || is_key[i])
			continue;
		/* A name that is nothing but a mark would be an element's. */
		if (!is_key[i - 1])
			TRY(open_string(o, i, JSON_NONE));
		else if (d->nodes[i - 1].len > 2)
			TRY(open_string(o, i, i - 1));
	}
	*more = o->edit_count > 0;
	if (!*more)
		return OK;
	buf_init(&b, 2 * d->text.n + 64);
	json_splice(d->text, o->edits, o->edit_count, &b);
	const struct span text = buf_err(&b) == OK ? arena_copy(o->a, buf_span(&b)) : SPAN_NONE;
	buf_free(&b);
	if (!text.p)
		return ERR_NOMEM;
	if (!fuel_use(o->fuel, text.n))
		return ERR_FUEL;
	/* It nests too deep now. */
	const enum err e = json_scan(text, &limits, o->a, &o->source.doc);
	return e == ERR_LIMIT ? ERR_NOT_FOUND : e;
}

/* Rounds, until nothing is left to open. *bytes: what the first of them opened. */
static enum err
open_rounds(struct opening *const o, const size_t least, size_t *const bytes)
{
	struct mark *marks;
	bool more = true;
	size_t n;

	for (int deep = 0; more && deep < STRINGS_DEEP; deep++) {
		o->opened_bytes = 0;
		TRY(open_round(o, &more));
		if (deep == 0)
			*bytes = o->opened_bytes;
		if (*bytes < least)
			return ERR_NOT_FOUND;
	}
	const enum err e = marks_find(&o->source.doc, o->a, o->fuel, &marks, &n);
	if (e == ERR_SYNTAX || (e == OK && n != o->opened))
		return ERR_NOT_FOUND;
	return e;
}

/* ---- the whole ---- */

/* The text as a string that holds a source; *string: its tape. */
static enum err
read_whole(const struct span text, struct opening *const o, struct json_doc *const string,
	   struct layout *const l)
{
	struct span json;
	const size_t from = span_find(text, '"');

	/* Blanks may stand before it; anything else fails to scan. */
	if (from > 64 || text.n - from < LEAST_STRING)
		return ERR_NOT_FOUND;
	if (!fuel_use(o->fuel, text.n))
		return ERR_FUEL;
	const enum err e = json_scan(text, &limits, o->a, string);
	if (e != OK)
		return e == ERR_NOMEM ? e : ERR_NOT_FOUND;
	o->source.doc = *string;
	TRY(read_string(o, 0, &json, l));
	return source_read(json, o->a, o->fuel, &o->source);
}

static enum err
write_head(const struct layout *const whole, const bool opened, struct arena *const a,
	   struct span *const out)
{
	struct buf b;

	buf_init(&b, 256);
	buf_addf(&b, STRINGS_HEAD "%d", COMPRESS_ENGINE_VERSION);
	if (whole) {
		buf_add_str(&b, STRINGS_WHOLE);
		layout_name(whole, &b);
	}
	buf_add_str(&b, ": ");
	if (whole)
		buf_add_str(&b, "the text is one JSON string, holding this JSON");
	if (opened)
		buf_addf(&b, "%sx~json\xe2\x80\xa6 = string x, holding this JSON", whole ? "; " : "");
	buf_add_str(&b, "]\n");
	*out = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return out->p ? OK : ERR_NOMEM;
}

/* Closed again, has it the values of the text? */
static enum err
prove(const struct strings *const s, const struct json_doc *const doc, const bool lines,
      const struct arena *const a, struct fuel *const fuel)
{
	struct source got = { .lines = false };
	struct arena work;
	struct buf b;

	arena_init(&work, arena_room(a));
	buf_init(&b, 3 * doc->text.n + 64);
	enum err e = strings_close(&s->source, s->source.head, &work, fuel, &b);
	if (e == OK && json_type(doc, 0) == JSON_STRING)
		e = json_scan(buf_span(&b), &limits, &work, &got.doc);
	else if (e == OK)
		e = source_read(buf_span(&b), &work, fuel, &got);
	if (e == OK)
		e = got.lines == lines ? json_same(doc, &got.doc, &work, fuel) : ERR_CONFLICT;
	buf_free(&b);
	arena_free(&work);
	return e == ERR_SYNTAX || e == ERR_UNSUPPORTED ? ERR_CONFLICT : e;
}

enum err
strings_open(const struct span text, const struct source *const plain, struct arena *const a,
	     struct fuel *const fuel, struct strings *const out)
{
	struct opening o = { .a = a, .fuel = fuel };
	struct layout whole;
	struct json_doc doc;
	struct strings s;

	if (plain) {
		o.source = *plain;
		doc = plain->doc;
	} else {
		TRY(read_whole(text, &o, &doc, &whole));
	}
	TRY(open_rounds(&o, plain ? text.n / LEAST_SHARE + 1 : 0, &s.opened));
	if (!plain)
		s.opened = text.n;
	s.source = o.source;
	TRY(write_head(plain ? NULL : &whole, o.opened > 0, a, &s.source.head));
	TRY(prove(&s, &doc, plain && plain->lines, a, fuel));
	*out = s;
	return OK;
}
