#include "compress/minify.h"

#include "compress/elide.h"
#include "compress/relaxed.h"

struct writer {
	const struct json_doc *d;
	struct table_refs *refs;
	struct buf *out;
	bool relaxed;
	unsigned used;	/* enum relaxed_feature */
};

/* A container that is being written. */
struct open {
	uint32_t end;	/* first node after it */
	bool object;
	bool value;	/* in an object: the next node is a value */
	uint32_t items;	/* of an array: those before the next node */
};

static bool
put_ref(struct table_refs *const refs, const uint32_t node, struct buf *const out)
{
	if (!refs->table_of || refs->table_of[node] == 0)
		return false;
	refs->queue[refs->queued++] = refs->table_of[node] - 1;
	buf_add_str(out, "[table ");
	buf_add_u64(out, refs->queued);
	buf_add_char(out, ']');
	return true;
}

bool
minify_name(struct table_refs *const refs, const uint32_t node, struct buf *const out)
{
	const uint32_t k = node == refs->defining ? 0 : define_of(refs->definitions, node);

	if (k == 0)
		return false;
	refs->named[k - 1] = true;
	buf_add_char(out, DEFINE_MARK);
	buf_add_span(out, refs->definitions->list[k - 1].name);
	return true;
}

/* Appends what stands after a value: ":" or "," and the brackets of the
 * containers that end before node `i`. Returns the depth then. */
static uint32_t
put_after(struct open *const stack, uint32_t depth, const uint32_t i, struct buf *const out)
{
	while (depth && i >= stack[depth - 1].end) {
		depth--;
		buf_add(out, stack[depth].object ? "}" : "]", 1);
	}
	if (depth) {
		struct open *const top = &stack[depth - 1];

		buf_add(out, top->object && !top->value ? ":" : ",", 1);
		top->value = !top->value;
		top->items++;
	}
	return depth;
}

/* Appends a node that opens no container. */
static void
put_leaf(struct writer *const w, const uint32_t i, const struct open *const in)
{
	const struct json_node *const n = &w->d->nodes[i];
	const bool key = in && in->object && !in->value;

	if (n->type >= JSON_ARRAY) {
		buf_add(w->out, n->type == JSON_OBJECT ? "{}" : "[]", 2);
	} else if (w->relaxed && in && n->type == JSON_STRING && !n->escaped &&
		   relaxed_is_bare(json_inner(w->d, i), key)) {
		buf_add_span(w->out, json_inner(w->d, i));
		w->used |= RELAXED_BARE;
	} else {
		buf_add_span(w->out, json_raw(w->d, i));
	}
}

/* Appends a gap's mark for the items from `i` on that are left out, if any, counts all
 * but the last, and returns the node behind them. */
static uint32_t
put_gap(const struct writer *const w, uint32_t i, struct open *const in)
{
	const uint8_t *const left_out = w->refs ? w->refs->left_out : NULL;
	const uint32_t first = in ? in->items + 1 : 0;

	if (!left_out || !in || in->object || !left_out[i])
		return i;
	for (i = w->d->nodes[i].next; i < in->end && left_out[i]; i = w->d->nodes[i].next)
		in->items++;
	elide_write_range(first, in->items + 1, w->out);
	return i;
}

/* At a member's name `i`: the last name of those that count on from it by one,
 * all with the same value, no container and none that is defined. */
static uint32_t
find_range(const struct writer *const w, const uint32_t i, const uint32_t end)
{
	const struct json_doc *const d = w->d;
	uint32_t last = i, number, next;

	if (!w->relaxed || json_type(d, i + 1) >= JSON_ARRAY ||
	    (w->refs && define_of(w->refs->definitions, i + 1)) ||
	    !relaxed_number(json_inner(d, i), &number))
		return i;
	while (last + 2 < end && relaxed_number(json_inner(d, last + 2), &next) && next == number + 1 &&
	       span_eq(json_raw(d, last + 3), json_raw(d, i + 1))) {
		last += 2;
		number = next;
	}
	return last;
}

/* Appends members from the name `i` on as one, and returns the node behind them;
 * `i` itself where they are too few. */
static uint32_t
put_range(struct writer *const w, const uint32_t i, struct open *const in)
{
	const uint32_t last = in->object && !in->value ? find_range(w, i, in->end) : i;

	if (last < i + 2 * (RELAXED_RANGE_NAMES - 1))
		return i;
	buf_add_span(w->out, json_inner(w->d, i));
	buf_add_str(w->out, RELAXED_RANGE);
	buf_add_span(w->out, json_inner(w->d, last));
	buf_add_char(w->out, ':');
	in->value = true;
	put_leaf(w, i + 1, in);
	w->used |= RELAXED_RANGES;
	return last + 2;
}

static void
put_value(struct writer *const w, const uint32_t node)
{
	struct open stack[SOURCE_DEPTH + 1];
	uint32_t depth = 0;

	for (uint32_t i = node; i < w->d->nodes[node].next;) {
		const struct json_node *const n = &w->d->nodes[i];
		uint32_t behind = put_gap(w, i, depth ? &stack[depth - 1] : NULL);

		if (behind == i && depth)
			behind = put_range(w, i, &stack[depth - 1]);
		if (behind != i) {
			i = behind;
		} else if (w->refs && n->type >= JSON_STRING && minify_name(w->refs, i, w->out)) {
			i = n->next;
		} else if (n->type < JSON_ARRAY || n->count == 0) {
			put_leaf(w, i, depth ? &stack[depth - 1] : NULL);
			i = n->next;
		} else if (w->refs && put_ref(w->refs, i, w->out)) {
			i = n->next;
		} else {
			const bool object = n->type == JSON_OBJECT;

			buf_add(w->out, object ? "{" : "[", 1);
			stack[depth++] = (struct open){ n->next, object, false, 0 };
			i++;
			continue;
		}
		depth = put_after(stack, depth, i, w->out);
	}
}

static void
put_source(struct writer *const w, const struct source *const s)
{
	if (!s->lines) {
		put_value(w, 0);
		return;
	}
	for (uint32_t i = 1; i < w->d->nodes[0].next; i = w->d->nodes[i].next) {
		if (i > 1)
			buf_add(w->out, "\n", 1);
		put_value(w, i);
	}
}

void
minify_source(const struct source *const s, struct buf *const out)
{
	struct writer w = { .d = &s->doc, .out = out };

	put_source(&w, s);
}

void
minify_value(const struct json_doc *const d, const uint32_t node, struct buf *const out)
{
	struct writer w = { .d = d, .out = out };

	put_value(&w, node);
}

unsigned
minify_relaxed(const struct json_doc *const d, const uint32_t node, struct table_refs *const refs,
	       struct buf *const out)
{
	struct writer w = { .d = d, .refs = refs, .out = out, .relaxed = true };

	put_value(&w, node);
	return w.used;
}

unsigned
minify_relaxed_source(const struct source *const s, struct table_refs *const refs,
		      struct buf *const out)
{
	struct writer w = { .d = &s->doc, .refs = refs, .out = out, .relaxed = true };

	put_source(&w, s);
	return w.used;
}
