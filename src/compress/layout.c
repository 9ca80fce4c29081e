#include "compress/layout.h"

#include "base/utf8.h"
#include "json/text.h"

/* ---- which one it is ---- */

/* What stands behind the first comma or colon outside strings decides. */
static bool
is_spaced(const struct span text)
{
	bool quoted = false;

	for (size_t i = 0; i + 1 < text.n; i++) {
		if (quoted && text.p[i] == '\\')
			i++;
		else if (text.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text.p[i] == ',' || text.p[i] == ':'))
			return text.p[i + 1] == ' ';
	}
	return false;
}

/* `escape` is the text from a backslash on. */
static void
guess_escape(const struct span escape, struct layout *const l)
{
	static const char *const html[] = { "\\u003c", "\\u003e", "\\u0026" };

	if (escape.n > 1 && escape.p[1] == '/')
		l->slashes = true;
	if (escape.n < 6 || escape.p[1] != 'u')
		return;
	for (size_t i = 0; i < 3; i++)
		if (span_starts(escape, span_str(html[i])))
			l->html = true;
	if (span_starts(escape, SPAN("\\u2028")) || span_starts(escape, SPAN("\\u2029")))
		return;
	if (escape.p[2] != '0' || escape.p[3] != '0' || escape.p[4] > '6')
		l->ascii = true;
}

struct layout
layout_guess(const struct span text, const bool lines)
{
	struct layout l = { .lines = lines };

	l.newline = text.n && text.p[text.n - 1] == '\n';
	if (!lines && text.n > 2 && text.p[1] == '\n') {
		l.space = LAYOUT_INDENTED;
		if (text.p[2] != '\t')
			while (l.indent < 8 && 2 + l.indent < text.n && text.p[2 + l.indent] == ' ')
				l.indent++;
	} else if (is_spaced(text)) {
		l.space = LAYOUT_SPACED;
	}
	for (size_t i = span_find(text, '\\'); i < text.n;) {
		guess_escape(span_from(text, i), &l);
		i += 2;
		i += span_find(span_from(text, i), '\\');
	}
	return l;
}

/* ---- writing ---- */

struct writer {
	const struct json_doc *doc;
	const struct layout *layout;
	struct arena *a;
	struct buf *out;
	uint32_t depth;
};

/* A container that is being written. */
struct open {
	uint32_t end;	/* first node after it */
	bool object;
	bool value;	/* in an object: the next node is a value */
};

static void
put_unicode(struct buf *const out, const uint32_t code)
{
	if (code < 0x10000) {
		buf_addf(out, "\\u%04x", code);
		return;
	}
	buf_addf(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff));
}

/* Must this code point be an escape here that JSON.stringify does not write? */
static bool
is_special(const struct layout *const l, const uint32_t code)
{
	if (code >= 0x7f && l->ascii)
		return true;
	if (!l->html)
		return false;
	return code == '<' || code == '>' || code == '&' || code == 0x2028 || code == 0x2029;
}

static uint32_t
decode_utf8(const char *const p, const size_t n)
{
	static const uint8_t lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t code = (uint8_t)p[0] & lead[n];

	for (size_t i = 1; i < n; i++)
		code = code << 6 | ((uint8_t)p[i] & 0x3f);
	return code;
}

/* Appends valid UTF-8 as string contents of this layout. */
static void
put_escaped(const struct layout *const l, const struct span text, struct buf *const out)
{
	size_t from = 0, bad;

	for (size_t i = 0; i < text.n;) {
		const size_t n = utf8_sequence(span_from(text, i), &bad);
		const uint32_t code = decode_utf8(text.p + i, n);
		const bool slash = l->slashes && code == '/';

		if (slash || is_special(l, code)) {
			json_escape(out, span_of(text.p + from, i - from));
			from = i + n;
			if (slash)
				buf_add_str(out, "\\/");
			else
				put_unicode(out, code);
		}
		i += n;
	}
	json_escape(out, span_from(text, from));
}

static enum err
put_string(struct writer *const w, const uint32_t node)
{
	const struct layout *const l = w->layout;
	const struct span raw = json_raw(w->doc, node);
	struct span text;

	/* Nothing in it needs an escape, and no layout but these has one for other things. */
	if (!w->doc->nodes[node].escaped && !l->ascii && !l->slashes && !l->html) {
		buf_add_span(w->out, raw);
		return OK;
	}
	const enum err e = json_string(w->doc, node, w->a, &text);
	if (e == ERR_NOMEM)
		return e;
	if (e != OK) {
		buf_add_span(w->out, raw);
		return OK;
	}
	buf_add_char(w->out, '"');
	put_escaped(l, text, w->out);
	buf_add_char(w->out, '"');
	return OK;
}

static void
put_line_break(struct writer *const w)
{
	if (w->layout->space != LAYOUT_INDENTED)
		return;
	buf_add_char(w->out, '\n');
	for (uint32_t i = 0; i < w->depth; i++)
		buf_add(w->out, w->layout->indent ? "        " : "\t",
			w->layout->indent ? w->layout->indent : 1);
}

/* Between two values, or a key and its value. */
static void
put_between(struct writer *const w, struct open *const top)
{
	const bool colon = top->object && !top->value;

	buf_add_char(w->out, colon ? ':' : ',');
	if (w->layout->space == LAYOUT_SPACED || (colon && w->layout->space == LAYOUT_INDENTED))
		buf_add_char(w->out, ' ');
	if (!colon)
		put_line_break(w);
	top->value = colon;
}

static enum err
put_leaf(struct writer *const w, const uint32_t node)
{
	switch (json_type(w->doc, node)) {
	case JSON_STRING:
		return put_string(w, node);
	case JSON_ARRAY:
		buf_add_str(w->out, "[]");
		return OK;
	case JSON_OBJECT:
		buf_add_str(w->out, "{}");
		return OK;
	default:
		buf_add_span(w->out, json_raw(w->doc, node));
		return OK;
	}
}

static enum err
put_value(struct writer *const w, const uint32_t node)
{
	struct open stack[SOURCE_DEPTH + 1];

	w->depth = 0;
	for (uint32_t i = node; i < w->doc->nodes[node].next && buf_err(w->out) == OK;) {
		const struct json_node *const n = &w->doc->nodes[i];
		const bool object = n->type == JSON_OBJECT;

		if (n->type >= JSON_ARRAY && n->count) {
			buf_add_char(w->out, object ? '{' : '[');
			stack[w->depth++] = (struct open){ n->next, object, false };
			put_line_break(w);
			i++;
			continue;
		}
		TRY(put_leaf(w, i));
		i = n->next;
		while (w->depth && i >= stack[w->depth - 1].end) {
			w->depth--;
			put_line_break(w);
			buf_add_char(w->out, stack[w->depth].object ? '}' : ']');
		}
		if (w->depth)
			put_between(w, &stack[w->depth - 1]);
	}
	return buf_err(w->out);
}

enum err
layout_write(const struct json_doc *const d, const uint32_t node, const struct layout *const l,
	     struct arena *const a, struct buf *const out)
{
	struct writer w = { .doc = d, .layout = l, .a = a, .out = out };

	if (!l->lines)
		TRY(put_value(&w, node));
	for (uint32_t i = node + 1; l->lines && i < d->nodes[node].next; i = d->nodes[i].next) {
		if (i > node + 1)
			buf_add_char(out, '\n');
		TRY(put_value(&w, i));
	}
	if (l->newline)
		buf_add_char(out, '\n');
	return buf_err(out);
}

/* ---- its name ---- */

void
layout_name(const struct layout *const l, struct buf *const out)
{
	buf_add_str(out, l->lines ? "jsonl" : "json");
	if (l->space == LAYOUT_SPACED)
		buf_add_char(out, 's');
	if (l->space == LAYOUT_INDENTED)
		buf_add_char(out, l->indent ? (char)('0' + l->indent) : 't');
	if (l->ascii)
		buf_add_char(out, 'a');
	if (l->slashes)
		buf_add_char(out, 'e');
	if (l->html)
		buf_add_char(out, 'h');
	if (l->newline)
		buf_add_char(out, 'n');
}

static bool
take(struct span *const word, const char c)
{
	if (word->n == 0 || word->p[0] != c)
		return false;
	*word = span_from(*word, 1);
	return true;
}

bool
layout_parse(const struct span word, struct layout *const out)
{
	struct layout l = { .space = LAYOUT_COMPACT };
	struct span rest = span_from(word, 4);

	if (!span_starts(word, SPAN("json")))
		return false;
	l.lines = take(&rest, 'l');
	if (take(&rest, 's')) {
		l.space = LAYOUT_SPACED;
	} else if (!l.lines && rest.n && rest.p[0] >= '1' && rest.p[0] <= '8') {
		l.space = LAYOUT_INDENTED;
		l.indent = (unsigned)(rest.p[0] - '0');
		rest = span_from(rest, 1);
	} else if (!l.lines && take(&rest, 't')) {
		l.space = LAYOUT_INDENTED;
	}
	l.ascii = take(&rest, 'a');
	l.slashes = take(&rest, 'e');
	l.html = take(&rest, 'h');
	l.newline = take(&rest, 'n');
	if (rest.n)
		return false;
	*out = l;
	return true;
}
