#include "compress/elide_totals.h"

void
elide_write_range(const uint32_t first, const uint32_t last, struct buf *const out)
{
	buf_addf(out, CELL_GAP "%u", first);
	if (last > first)
		buf_addf(out, "-%u", last);
}

static void
write_counts(const struct elide_totals *const totals, const uint32_t from, const uint32_t to,
	     struct buf *const out)
{
	uint32_t counts[TOTALS_GROUPS + 1] = { 0 };
	bool any = false;

	for (uint32_t r = from; r < to; r++)
		counts[totals->group[r]]++;
	for (uint32_t g = 0; g < TOTALS_GROUPS; g++) {
		if (counts[g + 1] == 0)
			continue;
		buf_addf(out, "%s %u %.*s", any ? "," : ":", counts[g + 1], SPAN_ARG(totals->names[g]));
		any = true;
	}
}

uint32_t
elide_write_gap(const struct table *const t, const uint32_t row, struct buf *const out)
{
	uint32_t end = row;

	while (end < t->row_count && !t->reasons[end])
		end++;
	buf_add_char(out, '\n');
	elide_write_range(row + 1, end, out);
	if (t->totals && t->totals->group && end - row >= t->totals->least_gap)
		write_counts(t->totals, row, end, out);
	return end;
}

void
elide_write_totals(const struct table *const t, struct buf *const out)
{
	if (t->totals)
		buf_add_span(out, t->totals->text);
}

void
elide_count(const struct plan *const p, uint32_t *const rows, uint32_t *const kept)
{
	*rows = p->items;
	*kept = p->items_kept;
	for (uint32_t i = 0; i < p->count; i++) {
		const struct table *const t = &p->tables[i];

		*rows += t->row_count;
		for (uint32_t r = 0; r < t->row_count; r++)
			*kept += !t->reasons || t->reasons[r] != 0;
	}
}

void
elide_write_marker(const struct plan *const p, struct buf *const out)
{
	uint32_t rows, kept;

	elide_count(p, &rows, &kept);
	buf_addf(out, "\n[%u %s compressed to %u. Retrieve more: hash=%.*s]", rows,
		 p->items ? "items" : "rows", kept, COMPRESS_HASH_DIGITS, p->hash);
}
