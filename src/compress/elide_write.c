#include "compress/elide_totals.h"

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
	buf_addf(out, "\n" CELL_GAP "%u", row + 1);
	if (end > row + 1)
		buf_addf(out, "-%u", end);
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
	*rows = *kept = 0;
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
	buf_addf(out, "\n[%u rows compressed to %u. Retrieve more: hash=%.*s]", rows, kept,
		 COMPRESS_HASH_DIGITS, p->hash);
}
