#include "compress/elide.h"

#include "compress/form.h"
#include "compress/same.h"

/* Marks the nodes of rows that are left out; nothing may be that has a reason
 * to stay. */
static void
mark_left_out(const struct plan *const p, uint8_t *const left_out)
{
	for (uint32_t i = 0; i < p->count; i++) {
		const struct table *const t = &p->tables[i];

		for (uint32_t r = 0; t->reasons && r < t->row_count; r++)
			left_out[t->rows[r].node] = t->reasons[r] == 0;
	}
	for (uint32_t i = 0; p->left_out && i < p->source->doc.count; i++)
		left_out[i] |= p->left_out[i];
}

enum err
elide_prove(const struct plan *const p, const struct span form, const struct arena *const a,
	    struct fuel *const fuel)
{
	const struct json_doc *const d = &p->source->doc;
	struct source got = { .lines = false };
	struct arena work;
	struct buf b;

	arena_init(&work, arena_room(a));
	buf_init(&b, d->text.n * 3 + 64);
	uint8_t *const left_out = arena_zalloc(&work, d->count);
	enum err e = left_out ? form_read(span_from(form, p->source->head.n), true, &work, fuel, &b)
			      : ERR_NOMEM;
	if (e == OK) {
		mark_left_out(p, left_out);
		e = source_read(buf_span(&b), &work, fuel, &got);
	}
	if (e == OK)
		e = got.lines == p->source->lines
			    ? json_same_but(d, &got.doc, left_out, &work, fuel)
			    : ERR_CONFLICT;
	buf_free(&b);
	arena_free(&work);
	return e == ERR_SYNTAX || e == ERR_UNSUPPORTED ? ERR_CONFLICT : e;
}
