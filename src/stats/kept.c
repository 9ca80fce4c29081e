#include "stats/kept.h"

#include <stdlib.h>

/* Names are bounded before they get to the store, so these are all projects. */
#define MOST_ROWS 4096
#define MOST_BYTES ((size_t)8 << 20)

enum err
kept_read(struct store_reader *r, struct kept **out)
{
	struct kept *k = calloc(1, sizeof *k);

	if (!k)
		return ERR_NOMEM;
	arena_init(&k->arena, MOST_BYTES);
	enum err e = store_usage_rows(r, USAGE_EVER, 0, MOST_ROWS, &k->arena, &k->ever, &k->ever_count);
	if (e == OK)
		e = store_usage_rows(r, USAGE_SESSION, 0, MOST_ROWS, &k->arena, &k->display,
				     &k->display_count);
	if (e == OK)
		e = store_usage_session(r, &k->session);
	if (e != OK)
		kept_free(&k);
	else
		*out = k;
	return e;
}

void
kept_free(struct kept **k)
{
	if (*k)
		arena_free(&(*k)->arena);
	free(*k);
	*k = NULL;
}

void
kept_total(const struct usage_row *rows, uint32_t n, struct usage_sums *out)
{
	*out = (struct usage_sums){ .v = { 0 } };
	for (uint32_t i = 0; i < n; i++)
		usage_sums_add(out, &rows[i].sums);
}

bool
kept_session_over(const struct kept *k, int64_t now_ms)
{
	return k->session.last_ms == 0 || now_ms - k->session.last_ms > USAGE_PAUSE_MS;
}
