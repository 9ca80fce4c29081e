/* A body as a provider's prompt cache sees it: its blocks in order, without
 * cache_control, a string equal to one text part. Shares nothing with src/ledger. */
#ifndef HR_TESTS_CANONICAL_H
#define HR_TESTS_CANONICAL_H

#include "base/buf.h"
#include "base/check.h"
#include "json/scan.h"
#include "json/text.h"
#include "json/walk.h"

struct canonical {
	struct span *items;	/* one a message, or one a block of a message with several */
	uint32_t count;
};

static inline void
canonical_string(struct buf *b, const struct json_doc *d, uint32_t node, struct arena *a)
{
	struct span text;

	CHECK(json_string(d, node, a, &text) == OK);
	buf_add_char(b, '"');
	json_escape(b, text);
	buf_add_char(b, '"');
}

static inline void canonical_value(struct buf *b, const struct json_doc *d, uint32_t node,
				   struct arena *a);

static inline void
canonical_object(struct buf *b, const struct json_doc *d, uint32_t node, struct arena *a)
{
	buf_add_char(b, '{');
	for (JSON_MEMBERS(d, node, k)) {
		if (json_is(d, k, SPAN("cache_control")))
			continue;
		canonical_string(b, d, k, a);
		buf_add_char(b, ':');
		if (json_is(d, k, SPAN("content")) && json_type(d, k + 1) == JSON_STRING) {
			buf_add_str(b, "[{\"type\":\"text\",\"text\":");
			canonical_string(b, d, k + 1, a);
			buf_add_str(b, ",}]");
		} else {
			canonical_value(b, d, k + 1, a);
		}
		buf_add_char(b, ',');
	}
	buf_add_char(b, '}');
}

static inline void
canonical_value(struct buf *b, const struct json_doc *d, uint32_t node, struct arena *a)
{
	switch (json_type(d, node)) {
	case JSON_STRING:
		canonical_string(b, d, node, a);
		break;
	case JSON_OBJECT:
		canonical_object(b, d, node, a);
		break;
	case JSON_ARRAY:
		buf_add_char(b, '[');
		for (JSON_EACH(d, node, i))
			canonical_value(b, d, i, a);
		buf_add_char(b, ']');
		break;
	default:
		buf_add_span(b, json_raw(d, node));
	}
}

static inline void
canonical_add(struct canonical *c, struct buf *b, struct arena *a)
{
	CHECK(buf_err(b) == OK);
	c->items = arena_grow(a, c->items, c->count * sizeof *c->items,
			      (c->count + 1) * sizeof *c->items);
	CHECK(c->items != NULL);
	c->items[c->count] = arena_copy(a, buf_span(b));
	CHECK(c->items[c->count].p != NULL);
	c->count++;
	buf_clear(b);
}

/* The messages of a body; system text is left out, wherever it stands, since clients
 * change it as they like and no message depends on it. */
static inline struct canonical
canonical_messages(struct span body, struct arena *a)
{
	static const struct json_limits limits = { .depth = 200, .nodes = 1u << 22 };
	struct canonical c = { NULL, 0 };
	struct json_doc d;
	struct buf b;

	CHECK(json_scan(body, &limits, a, &d) == OK);
	buf_init(&b, (size_t)1 << 26);
	for (JSON_EACH(&d, json_get(&d, 0, SPAN("messages")), m)) {
		const uint32_t content = json_get(&d, m, SPAN("content"));
		const uint32_t role = json_get(&d, m, SPAN("role"));

		if (json_is(&d, role, SPAN("system")))
			continue;
		if (content == JSON_NONE || json_type(&d, content) != JSON_ARRAY ||
		    d.nodes[content].count < 2) {
			canonical_value(&b, &d, m, a);
			canonical_add(&c, &b, a);
			continue;
		}
		for (JSON_EACH(&d, content, i)) {
			buf_add_span(&b, json_raw(&d, role));
			canonical_value(&b, &d, i, a);
			canonical_add(&c, &b, a);
		}
	}
	buf_free(&b);
	return c;
}

/* How many items the two begin with in common. */
static inline uint32_t
canonical_common(const struct canonical *x, const struct canonical *y)
{
	uint32_t n = 0;

	while (n < x->count && n < y->count && span_eq(x->items[n], y->items[n]))
		n++;
	return n;
}

#endif
