#include "compress/define_write.h"

/* Marks what the definitions that are named hold. */
static void
name_inner(const struct json_doc *const d, const struct table_refs *const refs)
{
	const struct definitions *const defs = refs->definitions;

	/* What one holds stands before it. */
	for (uint32_t k = defs->count; k-- > 0;) {
		const uint32_t node = defs->list[k].node;

		for (uint32_t i = node + 1; refs->named[k] && i < d->nodes[node].next;) {
			if (defs->of[i])
				refs->named[defs->of[i] - 1] = true;
			i = defs->of[i] ? d->nodes[i].next : i + 1;
		}
	}
}

void
define_write(struct table_writer *const w, struct buf *const out)
{
	const struct definitions *const defs = w->refs->definitions;
	struct table_refs inner = *w->refs;

	inner.table_of = NULL;
	name_inner(w->d, w->refs);
	for (uint32_t k = 0; k < defs->count; k++) {
		if (!w->refs->named[k])
			continue;
		buf_add_str(out, "\n*");
		buf_add_span(out, defs->list[k].name);
		buf_add_char(out, '=');
		inner.defining = defs->list[k].node;
		w->features |= minify_relaxed(w->d, inner.defining, &inner, out) ? FORM_BARE : 0u;
		w->features |= FORM_NAME;
	}
}
