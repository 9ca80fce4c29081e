/* What happened since the start, in memory, and what of it the store has yet to keep.
 * The loop's thread alone. */
#ifndef HR_STATS_BOOK_H
#define HR_STATS_BOOK_H

#include "compress/compress.h"
#include "stats/histogram.h"
#include "stats/sums.h"
#include "store/store.h"

/* What histograms are kept of. Kept by name in the exposition: see metrics.c. */
enum book_histogram {
	BOOK_TOTAL_US,
	BOOK_OVERHEAD_US,
	BOOK_FIRST_BYTE_US,
	BOOK_KEPT_PERMILLE,	/* of replaced blocks: tokens after by tokens before */
	BOOK_BODY_BYTES,
	BOOK_HISTOGRAMS,
};

extern const struct histogram_edges book_edges[BOOK_HISTOGRAMS];

#define BOOK_RECENT 128		/* events at hand */

struct book {
	struct names *names;
	struct sums_table since;	/* the start, or the last reset; no hours */
	struct histogram histograms[BOOK_HISTOGRAMS];
	struct usage_event recent[BOOK_RECENT];	/* a ring */
	uint64_t events;	/* ever; recent[(events - 1) % BOOK_RECENT] is the newest */
	uint64_t since_events;	/* since the reset */
	uint64_t why[256];	/* blocks by EVENT_WHY_…, since the reset */
	uint64_t form_saved[COMPRESS_FORMS];	/* tokens by form, since the reset */
	uint32_t stacks[NAMES_MAX];	/* requests by the number of their stack's name */
	uint64_t best_before, best_after;	/* tokens of the request that saved the largest part */
	int64_t since_ms;	/* wall time of the start or the last reset */

	/* Not in the store yet. */
	struct sums_table due;
	struct event_packer packer;
	int64_t due_first_ms, due_last_ms;
	bool flushing;		/* a batch is on its way */
	uint64_t lost;		/* events whose details were dropped; their sums were not */
	uint64_t failures;	/* batches that the store did not take */
};

/* NULL when there is no memory. */
struct book *book_make(int64_t now_ms);
void book_free(struct book **b);

/* Enters an event; gives it the next `id`. */
void book_add(struct book *b, struct usage_event *e);

/* Forgets what was counted since the start; nothing that is in the store or due. */
void book_reset(struct book *b, int64_t now_ms);

/* Of one kind of name: sums by name, the largest prompt first, at most `limit`. Returns
 * how many. */
enum book_name { BOOK_PROVIDER, BOOK_MODEL, BOOK_PROJECT, BOOK_CLIENT };
struct book_sums {
	uint16_t name;
	struct usage_sums sums;
};
uint32_t book_by(const struct book *b, enum book_name by, struct book_sums *out, uint32_t limit);

/* ---- to the store ---- */

/* Copies of all that is due, for the store's thread. */
struct book_batch {
	struct store_batch batch;
	struct usage_batch usage;
	struct arena arena;
};

/* Takes what is due out of the book; NULL when nothing is, a batch is still on its
 * way, or memory is lacking. The caller writes it with store_write on another thread
 * and then hands it to book_written. */
struct book_batch *book_take(struct book *b);

/* Ends a batch. The sums of one that was not written are due again; the details of its
 * events are lost. */
void book_written(struct book *b, struct book_batch *batch, enum err e);

#endif
