#include "compress/strings.h"

#include "compress/first_line.h"
#include "compress/minify.h"
#include "compress/strings_mark.h"
#include "json/edit.h"
#include "json/text.h"

/* ---- the first line ---- */

bool
strings_is_form(const struct span text)
{
	return span_starts(text, SPAN(STRINGS_HEAD));
}

size_t
strings_head(const struct span text)
{
	const size_t n = span_find(text, '\n');

	return n < text.n && n > 0 && text.p[n - 1] == ']' ? n + 1 : 0;
}

/* What the head says for us: *whole, is the text one string, and then its layout. */
static enum err
read_head(const struct span head, bool *const whole, struct layout *const l)
{
	struct span rest = head;

	if (!first_line_skip(&rest, SPAN(STRINGS_HEAD)))
		return ERR_SYNTAX;
	TRY(first_line_version(&rest));
	*whole = first_line_skip(&rest, SPAN(STRINGS_WHOLE));
	if (*whole) {
		const struct span word = span_head(rest, span_find(rest, ':'));

		if (!layout_parse(word, l))
			return ERR_SYNTAX;
		rest = span_from(rest, word.n);
	}
	return span_starts(rest, SPAN(":")) ? OK : ERR_SYNTAX;
}

/* ---- closing ---- */

struct closing {
	struct arena *a;
	struct fuel *fuel;
	struct source source;	/* in its present state */
	struct json_edit *edits;
	size_t edit_count;
	size_t limit;		/* of any text on the way */
};

/* The value as the JSON string that holds it, in the arena. */
static enum err
spell(struct closing *const c, const uint32_t node, const struct layout *const l,
      struct span *const out)
{
	struct arena work;
	struct buf text, json;

	arena_init(&work, arena_room(c->a));
	buf_init(&text, c->limit < c->fuel->left ? c->limit : c->fuel->left);
	buf_init(&json, c->limit);
	enum err e = layout_write(&c->source.doc, node, l, &work, &text);
	if (e == OK) {
		buf_add_char(&json, '"');
		json_escape(&json, buf_span(&text));
		buf_add_char(&json, '"');
		e = buf_err(&json);
	}
	if (e == OK && !fuel_use(c->fuel, text.n + json.n))
		e = ERR_FUEL;
	if (e == OK) {
		*out = arena_copy(c->a, buf_span(&json));
		e = out->p ? OK : ERR_NOMEM;
	}
	buf_free(&text);
	buf_free(&json);
	arena_free(&work);
	return e;
}

/* The key without its mark. */
static enum err
spell_name(struct closing *const c, const struct mark *const m, struct span *const out)
{
	const struct json_node *const key = &c->source.doc.nodes[m->key];
	const struct span inner = json_inner(&c->source.doc, m->key);
	struct buf b;

	buf_init(&b, 6 * (size_t)key->len);
	buf_add_char(&b, '"');
	if (m->name.p == inner.p)	/* as it is spelled there */
		buf_add_span(&b, m->name);
	else
		json_escape(&b, m->name);
	buf_add_char(&b, '"');
	*out = arena_copy(c->a, buf_span(&b));
	const enum err e = out->p ? buf_err(&b) : ERR_NOMEM;
	buf_free(&b);
	return e;
}

static enum err
close_mark(struct closing *const c, const struct mark *const m)
{
	const struct json_node *const key = &c->source.doc.nodes[m->key];
	const struct json_node *const value = key + 1;
	struct json_edit *const edit = &c->edits[c->edit_count];
	struct span string, name;

	if (value->type < JSON_ARRAY || (m->layout.lines && value->type != JSON_ARRAY))
		return ERR_SYNTAX;
	TRY(spell(c, m->key + 1, &m->layout, &string));
	if (m->name.n) {
		TRY(spell_name(c, m, &name));
		edit[0] = (struct json_edit){ key->off, key->len, name };
		edit[1] = (struct json_edit){ value->off, value->len, string };
		c->edit_count += 2;
		return OK;
	}
	/* An object that is there for the mark's sake. */
	const struct json_node *const object = key - 1;
	if (object->type != JSON_OBJECT || object->count != 1)
		return ERR_SYNTAX;
	edit[0] = (struct json_edit){ object->off, object->len, string };
	c->edit_count++;
	return OK;
}

/* Makes the edits the present state. */
static enum err
apply(struct closing *const c)
{
	static const struct json_limits limits = { .depth = SOURCE_DEPTH, .nodes = 1u << 26 };
	const struct span before = c->source.doc.text;
	struct buf b;

	buf_init(&b, c->limit);
	json_splice(before, c->edits, c->edit_count, &b);
	enum err e = buf_err(&b);
	if (e == OK && !fuel_use(c->fuel, b.n))
		e = ERR_FUEL;
	if (e == OK) {
		const struct span text = arena_copy(c->a, buf_span(&b));

		e = text.p ? json_scan(text, &limits, c->a, &c->source.doc) : ERR_NOMEM;
	}
	buf_free(&b);
	return e;
}

/* Closes the strings in which none is open; false in *more when there was none. */
static enum err
close_innermost(struct closing *const c, bool *const more)
{
	const struct json_doc *const d = &c->source.doc;
	struct mark *marks;
	size_t n;

	TRY(marks_find(d, c->a, c->fuel, &marks, &n));
	*more = n > 0;
	if (n == 0)
		return OK;
	c->edits = ARENA_ARRAY(c->a, struct json_edit, 2 * n);
	c->edit_count = 0;
	if (!c->edits)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || marks[i + 1].key >= d->nodes[marks[i].key + 1].next)
			TRY(close_mark(c, &marks[i]));
	return apply(c);
}

enum err
strings_close(const struct source *const s, const struct span head, struct arena *const a,
	      struct fuel *const fuel, struct buf *const out)
{
	struct closing c = { .a = a, .fuel = fuel, .source = *s, .limit = out->limit };
	struct layout layout;
	struct span string;
	bool whole, more = true;

	TRY(read_head(head, &whole, &layout));
	for (int deep = 0; more; deep++) {
		if (deep > STRINGS_DEEP)
			return ERR_SYNTAX;
		TRY(close_innermost(&c, &more));
	}
	/* The text itself was a string, which the head does not say. */
	if (json_type(&c.source.doc, 0) < JSON_ARRAY)
		return ERR_SYNTAX;
	if (whole) {
		TRY(spell(&c, 0, &layout, &string));
		buf_add_span(out, string);
	} else {
		minify_source(&c.source, out);
	}
	return buf_err(out);
}
