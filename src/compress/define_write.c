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

/* A line for each definition of the group that is named. */
static void
write_lines(struct table_writer *const w, const struct definition_group *const g)
{
	const struct definitions *const defs = w->refs->definitions;

	for (uint32_t k = g->first; k < g->first + g->count; k++) {
		if (!w->refs->named[k])
			continue;
		buf_add_str(w->out, "\n*");
		buf_add_span(w->out, defs->list[k].name);
		buf_add_char(w->out, '=');
		w->refs->defining = defs->list[k].node;
		w->features |= form_relaxed(minify_relaxed(w->d, w->refs->defining, w->refs, w->out));
		w->refs->defining = 0;
		w->features |= FORM_NAME;
	}
}

enum err
define_write(struct table_writer *const w, const struct plan *const p, struct buf *const scratch,
	     struct fuel *const fuel, struct buf *const out)
{
	struct table_refs inner = *w->refs;
	struct table_writer definer = { .d = w->d, .refs = &inner, .out = out, .memo = w->memo };

	inner.table_of = NULL;
	name_inner(w->d, w->refs);
	for (uint32_t g = 0; g < p->definitions->group_count; g++) {
		struct table *const t = p->definition_tables[g];
		const size_t before = out->n;

		if (t && !p->hash)
			TRY(table_choose_separator(&definer, t, scratch, fuel));
		if (t)
			table_write_group(&definer, t, &p->definitions->groups[g]);
		else
			write_lines(&definer, &p->definitions->groups[g]);
		TRY(buf_err(out));
		if (!fuel_use(fuel, out->n - before + 1))
			return ERR_FUEL;
	}
	w->features |= definer.features;
	return OK;
}
