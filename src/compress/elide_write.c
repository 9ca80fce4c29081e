#include "compress/elide.h"

uint32_t
elide_write_gap(const struct table *const t, const uint32_t row, struct buf *const out)
{
	uint32_t end = row;

	while (end < t->row_count && !t->reasons[end])
		end++;
	buf_addf(out, "\n" CELL_GAP "%u-%u", row + 1, end);
	return end;
}

void
elide_write_marker(const struct plan *const p, struct buf *const out)
{
	uint64_t rows = 0, left_out = 0;

	for (uint32_t i = 0; i < p->count; i++) {
		const struct table *const t = &p->tables[i];

		rows += t->row_count;
		for (uint32_t r = 0; t->reasons && r < t->row_count; r++)
			left_out += t->reasons[r] == 0;
	}
	buf_addf(out, "\n[%llu rows compressed to %llu. Retrieve more: hash=%.*s]",
		 (unsigned long long)rows, (unsigned long long)(rows - left_out),
		 COMPRESS_HASH_DIGITS, p->hash);
}
