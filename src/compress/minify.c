#include "compress/minify.h"

/* A container that is being written. */
struct open {
	uint32_t end;	/* first node after it */
	bool object;
	bool value;	/* in an object: the next node is a value */
};

static bool
put_ref(struct table_refs *const refs, const uint32_t node, struct buf *const out)
{
	if (!refs || refs->table_of[node] == 0)
		return false;
	refs->queue[refs->queued++] = refs->table_of[node] - 1;
	buf_add_str(out, "[table ");
	buf_add_u64(out, refs->queued);
	buf_add_char(out, ']');
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
	}
	return depth;
}

void
minify_value(const struct json_doc *const d, const uint32_t node, struct table_refs *const refs,
	     struct buf *const out)
{
	struct open stack[SOURCE_DEPTH + 1];
	uint32_t depth = 0;

	for (uint32_t i = node; i < d->nodes[node].next;) {
		const struct json_node *const n = &d->nodes[i];
		const bool object = n->type == JSON_OBJECT;

		if (n->type < JSON_ARRAY || n->count == 0) {
			const struct span raw = json_raw(d, i);

			if (n->type < JSON_ARRAY)
				buf_add(out, raw.p, raw.n);
			else
				buf_add(out, object ? "{}" : "[]", 2);
			i = n->next;
		} else if (put_ref(refs, i, out)) {
			i = n->next;
		} else {
			buf_add(out, object ? "{" : "[", 1);
			stack[depth++] = (struct open){ n->next, object, false };
			i++;
			continue;
		}
		depth = put_after(stack, depth, i, out);
	}
}

void
minify_source(const struct source *const s, struct table_refs *const refs, struct buf *const out)
{
	const struct json_doc *const d = &s->doc;

	if (!s->lines) {
		minify_value(d, 0, refs, out);
		return;
	}
	for (uint32_t i = 1; i < d->nodes[0].next; i = d->nodes[i].next) {
		if (i > 1)
			buf_add(out, "\n", 1);
		minify_value(d, i, refs, out);
	}
}
