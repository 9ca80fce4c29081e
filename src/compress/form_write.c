#include "compress/form.h"

#include "compress/define_write.h"
#include "compress/elide.h"
#include "compress/wording.h"
#include "compress/table_write.h"

/* What the first line says for features, in this order. */
static const struct {
	unsigned features;	/* enum form_feature: any of them */
	const char *words;
} rules[] = {
	{ FORM_NAME, "; *x = the value defined as *x=" },
	{ FORM_NAMED_BY, "; *id: 9 rows = nine values, *x is the one whose id is x" },
	{ FORM_NAMED_ROWS, "; in table * a row is the value of the *x before it" },
	{ FORM_REFERENCE, "; [table 1] = its rows as a list" },
	{ FORM_KEYED, "; members = one object, its member names in column " TABLE_KEY },
	{ FORM_LIKE, "; like table 2: its columns and separator" },
	{ FORM_KINDS, "; of N kinds: a row begins with its kind's letter and has the columns of that kind alone" },
	{ FORM_NESTED, "; a.b = member b of a" },
	{ FORM_ITEMS, "; a[0] = first item of a" },
	{ FORM_CONSTANT | FORM_DERIVED | FORM_SEQUENCE, "; (\u2026): no cells" },
	{ FORM_CONSTANT, "; (a=x): x in every row" },
	{ FORM_MARKED, "; a?=x: * in a cell = x" },
	{ FORM_DERIVED, "; b:=x{a}{}: {a} = the row's a, {} = cell of b" },
	{ FORM_USUALLY, "; b?:=x{a}: * in a cell = x{a}" },
	{ FORM_PART, "; {a after x} = a's part after its last x" },
	{ FORM_AFFIX, "; a=x{}y: {} = cell of a" },
	{ FORM_SEQUENCE, "; (a:+5s): a line @ has the next row's a, each row after it 5s more" },
	{ FORM_WORDING, "; a" WORDING_COLUMN ": the line a" WORDING_COLUMN " spells out words in its cells, "
		       "w:x = w's text with x for {}" },
	{ FORM_TEXT, "; :text = strings, numbers too" },
	{ FORM_QUOTES, "; quotes hold strings (\"\" = one quote)" },
	{ FORM_RAW, "; \\\"x\" = string in JSON spelling" },
	{ FORM_DASH, "; - = no such member" },
	{ FORM_RANGE, "; {7..9:x} = {7:x,8:x,9:x}" },
	{ FORM_BARE, "; within [] and {} only what would mislead has quotes" },
	{ FORM_BLANK, "; empty = no such member" },
	{ FORM_JSON_ROW, "; a row after = is one whole value" },
	{ FORM_GAP, "; " CELL_GAP "3-9: 5 x = rows 3 to 9 are left out, 5 of them x" },
	{ FORM_LIST_GAP, "; " CELL_GAP "3-9 in a list = its items 3 to 9 are left out" },
};

static void
write_first_line(const struct plan *const p, unsigned features, struct buf *const out)
{
	const bool lines = p->source->lines;

	if (p->count)
		buf_addf(out, "%s%d: each row is an object, cells in column order",
			 lines ? FORM_LINES : FORM_JSON, COMPRESS_ENGINE_VERSION);
	else
		buf_addf(out, "%s%d: only what would mislead has quotes",
			 lines ? FORM_RELAXED_LINES : FORM_RELAXED, COMPRESS_ENGINE_VERSION);
	features |= p->left_out ? FORM_LIST_GAP : 0u;
	/* Said already. */
	features &= p->count ? ~0u : ~(unsigned)FORM_BARE;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (features & rules[i].features)
			buf_add_str(out, rules[i].words);
	buf_add_char(out, ']');
}

/* Appends outline and tables; the tables stand in the order in which they are
 * referred to. */
static enum err
write_body(struct plan *const p, struct table_writer *const w, struct buf *const scratch,
	   struct fuel *const fuel)
{
	struct table_refs *const refs = w->refs;

	for (uint32_t i = 0; i < p->pool_count; i++)
		p->pools[i].number = 0;
	if (p->table_of[0]) {
		refs->queue[refs->queued++] = p->table_of[0] - 1;
	} else {
		buf_add_char(w->out, '\n');
		w->features |= form_relaxed(minify_relaxed_source(p->source, refs, w->out));
		w->features |= p->count ? FORM_REFERENCE : 0u;
	}
	for (uint32_t k = 0; k < refs->queued; k++) {
		struct table *const t = &p->tables[refs->queue[k]];
		struct table_pool *const pool = t->pool ? &p->pools[t->pool - 1] : NULL;
		struct table *const head = pool ? &pool->whole : t;
		const size_t before = w->out->n;
		const uint32_t queued = refs->queued;

		if (!fuel_use(fuel, (uint64_t)t->row_count * (t->order_count + 1)))
			return ERR_FUEL;
		/* With rows left out it is that of the whole table. */
		if (!p->hash && !(pool && pool->number))
			TRY(table_choose_separator(w, head, scratch, fuel));
		t->separator = head->separator;
		table_write(w, t, head, k + 1, pool ? pool->number : 0);
		if (pool && !pool->number)
			pool->number = k + 1;
		TRY(buf_err(w->out));
		if (refs->queued > queued)
			w->features |= FORM_REFERENCE;
		if (!fuel_use(fuel, w->out->n - before))
			return ERR_FUEL;
	}
	return buf_err(w->out);
}

/* Writes outline and tables first: they say which definitions there must be. */
static enum err
write_parts(struct plan *const p, struct table_writer *const w, struct fuel *const fuel,
	    struct buf *const definitions)
{
	struct buf scratch;

	buf_init(&scratch, w->out->limit);
	enum err e = write_body(p, w, &scratch, fuel);
	if (e == OK && p->definitions)
		e = define_write(w, p, &scratch, fuel, definitions);
	buf_free(&scratch);
	return e;
}

enum err
form_write(struct plan *const p, struct arena *const a, struct fuel *const fuel,
	   struct buf *const out)
{
	const uint32_t names = p->definitions ? p->definitions->count : 0;
	struct table_refs refs = { .table_of = p->table_of,
				   .queue = ARENA_ARRAY(a, uint32_t, p->count),
				   .definitions = p->definitions,
				   .named = arena_zalloc(a, names * sizeof *refs.named),
				   .left_out = p->left_out };
	struct buf definitions, body;
	struct table_writer w = { .d = &p->source->doc, .refs = &refs, .out = &body, .memo = p->memo };

	if (!refs.queue || !refs.named)
		return ERR_NOMEM;
	buf_init(&definitions, out->limit);
	buf_init(&body, out->limit);
	enum err e = write_parts(p, &w, fuel, &definitions);
	if (e == OK) {
		buf_add_span(out, p->source->head);
		write_first_line(p, w.features, out);
		buf_add_span(out, buf_span(&definitions));
		buf_add_span(out, buf_span(&body));
		if (p->hash)
			elide_write_marker(p, out);
		e = buf_err(out);
	}
	buf_free(&definitions);
	buf_free(&body);
	return e;
}
