/* What the store remembers of usage, as of one moment. */
#ifndef HR_STATS_KEPT_H
#define HR_STATS_KEPT_H

#include "store/store.h"

/* Immutable once read; by project in both lists. */
struct kept {
	struct arena arena;
	struct usage_row *ever;
	uint32_t ever_count;
	struct usage_row *display;	/* of the display session */
	uint32_t display_count;
	struct usage_session session;
};

/* Any thread that owns the reader. ERR_IO, ERR_BUSY, ERR_NOMEM. */
enum err kept_read(struct store_reader *r, struct kept **out) MUST_CHECK;
void kept_free(struct kept **k);

/* The sums of all projects, of ever or of the display session. */
void kept_total(const struct usage_row *rows, uint32_t n, struct usage_sums *out);

/* Is the display session over at `now_ms`? It then counts as empty. */
bool kept_session_over(const struct kept *k, int64_t now_ms);

#endif
