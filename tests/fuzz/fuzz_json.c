/* JSON scan, walk, text and edit on arbitrary bytes: whatever is accepted has a
 * tape that nests, whatever is edited is JSON again, and every fast way agrees
 * with its plain twin. */
#include <stdlib.h>

#include "base/check.h"
#include "base/utf8.h"
#include "json/edit.h"
#include "json/inner.h"
#include "json/scan.h"
#include "json/text.h"
#include "json/walk.h"

enum { DEPTH = 60, NODES = 20000, EDITS = 16 };

static const struct json_limits lim = { DEPTH, NODES };
static const struct json_limits wide = { 1024, 1u << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_twins(struct span text)
{
	const char *const end = text.p + text.n;
	unsigned seen = 0, seen_scalar = 0;
	const char *const quote = inner_end(text.p, end, &seen);
	const char *const scalar = inner_end_scalar(text.p, end, &seen_scalar);

	CHECK(quote == scalar && (!quote || seen == seen_scalar));
#if defined(__x86_64__)
	unsigned seen_sse2 = 0;
	CHECK(inner_end_sse2(text.p, end, &seen_sse2) == scalar);
	CHECK(!scalar || seen_sse2 == seen_scalar);
#endif
	CHECK(utf8_valid(text) == utf8_valid_scalar(text));
}

static void
check_string(const struct json_doc *d, uint32_t node)
{
	const struct span inner = json_inner(d, node);
	bool escaped = false, ascii = true;

	CHECK(json_raw(d, node).p[0] == '"' && inner.p[inner.n] == '"');
	CHECK(utf8_valid_scalar(inner));
	for (size_t i = 0; i < inner.n; i++) {
		escaped |= inner.p[i] == '\\';
		ascii &= (uint8_t)inner.p[i] < 0x80;
		CHECK((uint8_t)inner.p[i] >= 0x20);
	}
	CHECK(d->nodes[node].escaped == escaped && d->nodes[node].ascii == ascii);
}

static void
check_leaf(const struct json_doc *d, uint32_t node)
{
	const struct span raw = json_raw(d, node);

	CHECK(d->nodes[node].next == node + 1);
	CHECK(raw.n > 0 && d->nodes[node].count == 0);
	switch (json_type(d, node)) {
	case JSON_NULL:
		CHECK(span_eq(raw, SPAN("null")));
		break;
	case JSON_FALSE:
		CHECK(span_eq(raw, SPAN("false")));
		break;
	case JSON_TRUE:
		CHECK(span_eq(raw, SPAN("true")));
		break;
	case JSON_NUMBER:
		for (size_t i = 0; i < raw.n; i++)
			CHECK(raw.p[i] && strchr("-+.eE0123456789", raw.p[i]));
		break;
	default:
		check_string(d, node);
	}
}

/* Between values stand only white space and `marks`, in this order. */
static void
check_gap(const char *p, const char *end, const char *marks)
{
	for (; p < end; p++) {
		if (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
			continue;
		CHECK(*p == *marks);
		marks++;
	}
	CHECK(*marks == '\0');
}

static const char *
after(const struct json_doc *d, uint32_t node)
{
	return json_raw(d, node).p + json_raw(d, node).n;
}

static void
check_container(const struct json_doc *d, uint32_t node)
{
	const struct json_node *const n = &d->nodes[node];
	const bool object = json_type(d, node) == JSON_OBJECT;
	const struct span raw = json_raw(d, node);
	const char *at = raw.p + 1;
	uint32_t found = 0, children = 0;

	CHECK(raw.p[0] == (object ? '{' : '[') && raw.p[raw.n - 1] == (object ? '}' : ']'));
	CHECK(n->next > node && n->next <= d->count);
	for (uint32_t i = node + 1; i < n->next; i = d->nodes[i].next) {
		const bool value = object && children % 2;

		CHECK(json_raw(d, i).p >= at && d->nodes[i].next <= n->next);
		CHECK(!object || value || json_type(d, i) == JSON_STRING);
		check_gap(at, json_raw(d, i).p, value ? ":" : found ? "," : "");
		at = after(d, i);
		children++;
		found += !object || value;
	}
	check_gap(at, raw.p + raw.n - 1, "");
	CHECK(n->count == found && children == (object ? 2 * found : found));
}

static void
check_tape(const struct json_doc *d)
{
	CHECK(d->count > 0 && d->nodes[0].next == d->count);
	check_gap(d->text.p, json_raw(d, 0).p, "");
	check_gap(after(d, 0), d->text.p + d->text.n, "");
	for (uint32_t i = 0; i < d->count; i++)
		if (json_type(d, i) >= JSON_ARRAY)
			check_container(d, i);
		else
			check_leaf(d, i);
}

/* Escaping what was unescaped gives a string of the same value. */
static void
check_text(const struct json_doc *d, struct arena *a)
{
	for (uint32_t i = 0; i < d->count; i++) {
		struct span text, again;
		struct buf b;

		if (json_type(d, i) != JSON_STRING || json_string(d, i, a, &text) != OK)
			continue;
		CHECK(utf8_valid_scalar(text) && json_is(d, i, text));
		buf_init(&b, 8 * text.n + 8);
		json_escape(&b, text);
		CHECK(buf_err(&b) == OK);
		CHECK(json_unescape(buf_span(&b), a, &again) == OK && span_eq(again, text));
		buf_free(&b);
	}
}

/* The last member of a key is the one found, and twice is told. */
static void
check_members(const struct json_doc *d, uint32_t object, struct arena *a)
{
	uint32_t budget = 30;	/* json_get reads the whole object each time */

	for (JSON_MEMBERS(d, object, k)) {
		struct span key;
		bool twice = false;

		if (budget-- == 0)
			return;
		if (json_string(d, k, a, &key) != OK)
			continue;
		const uint32_t found = json_get_once(d, object, key, &twice);
		CHECK(found != JSON_NONE && found >= k + 1 && json_is(d, found - 1, key));
		CHECK(twice || found == k + 1);
		CHECK(json_get(d, object, key) == found);
	}
}

/* Part of a text, scanned by itself, has the same tape, moved. */
static void
check_part(const struct json_doc *d, uint32_t node, struct arena *a)
{
	const struct span rest = span_from(d->text, d->nodes[node].off);
	struct json_doc part;
	size_t used = 0;

	CHECK(json_scan_prefix(rest, &lim, a, &part, &used) == OK);
	CHECK(used == d->nodes[node].len && part.count == d->nodes[node].next - node);
	for (uint32_t i = 0; i < part.count; i++) {
		const struct json_node *const x = &part.nodes[i], *const y = &d->nodes[node + i];

		CHECK(x->off + d->nodes[node].off == y->off && x->len == y->len);
		CHECK(x->next + node == y->next && x->count == y->count && x->type == y->type);
		CHECK(x->escaped == y->escaped && x->ascii == y->ascii);
	}
}

static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

/* Chooses edits of nodes that do not overlap; returns how many. *nodes is what
 * the tape of the edited text will count. */
static size_t
choose_edits(const struct json_doc *d, uint32_t *seed, struct json_edit *edits, uint32_t *nodes)
{
#define VALUE(literal, nodes) { { literal, sizeof(literal) - 1 }, nodes }
	static const struct {
		struct span with;
		uint32_t nodes;
	} values[] = {
		VALUE("\"\"", 1),
		VALUE("\"a longer replacement, with \\n and \xc3\xa9 in it\"", 1),
		VALUE("\"\\ud800\"", 1),
		VALUE("-0.5e+7", 1),
		VALUE(" [1, {\"a\":null}]\n", 5),
		VALUE("{}", 1),
	};
#undef VALUE
	size_t n = 0;

	*nodes = d->count;
	for (uint32_t i = draw(seed, d->count); i < d->count && n < EDITS; n++) {
		/* Only a string may stand where a string is: it could be a key. */
		const bool string = json_type(d, i) == JSON_STRING;
		const uint32_t pick = draw(seed, string ? 3 : 6);

		edits[n] = (struct json_edit){ d->nodes[i].off, d->nodes[i].len, values[pick].with };
		*nodes += values[pick].nodes - (d->nodes[i].next - i);
		i = d->nodes[i].next + draw(seed, 8);
	}
	return n;
}

static void
check_edits(const struct json_doc *d, uint32_t seed, struct arena *a)
{
	struct json_edit edits[EDITS];
	struct span pieces[2 * EDITS + 1];
	struct buf whole, joined;
	struct json_doc again;
	uint32_t nodes;
	const size_t n = choose_edits(d, &seed, edits, &nodes);
	const size_t used = json_pieces(d->text, edits, n, pieces);

	buf_init(&whole, 1 << 24);
	buf_init(&joined, 1 << 24);
	json_splice(d->text, edits, n, &whole);
	for (size_t i = 0; i < used; i++)
		buf_add_span(&joined, pieces[i]);
	CHECK(used <= 2 * n + 1 && span_eq(buf_span(&whole), buf_span(&joined)));
	CHECK(whole.n == json_edited_size(d->text, edits, n));
	CHECK(json_scan(buf_span(&whole), &wide, a, &again) == OK);
	CHECK(again.count == nodes);
	check_tape(&again);
	buf_free(&whole);
	buf_free(&joined);
}

/* No text that ends early is a whole one, save a number. */
static void
check_cut(const struct json_doc *d, uint32_t seed, struct arena *a)
{
	const struct span root = json_raw(d, 0);
	struct json_doc cut;

	if (json_type(d, 0) != JSON_NUMBER)
		CHECK(json_scan(span_head(root, draw(&seed, (uint32_t)root.n)), &lim, a, &cut) ==
		      ERR_SYNTAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span text = span_of((const char *)data, size);
	struct arena a;
	struct json_doc d;
	size_t used = 0;
	uint32_t seed = (uint32_t)size;

	for (size_t i = 0; i < size; i++)
		seed = seed * 31 + data[i];
	check_twins(text);
	arena_init(&a, (size_t)1 << 28);
	if (json_scan(text, &lim, &a, &d) == OK) {
		check_tape(&d);
		check_text(&d, &a);
		check_part(&d, draw(&seed, d.count), &a);
		const uint32_t some = draw(&seed, d.count);
		if (json_type(&d, some) == JSON_OBJECT)
			check_members(&d, some, &a);
		check_edits(&d, seed, &a);
		check_cut(&d, seed, &a);
	} else if (json_scan_prefix(text, &lim, &a, &d, &used) == OK) {
		check_tape(&d);
		CHECK(used <= size && json_scan(span_head(text, used), &lim, &a, &d) == OK);
	}
	arena_free(&a);
	return 0;
}
