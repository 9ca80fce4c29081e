/* One request, as it is remembered. */
#ifndef HR_STATS_EVENT_H
#define HR_STATS_EVENT_H

#include "base/buf.h"
#include "stats/names.h"
#include "store/usage.h"

/* How it ended. The numbers are kept: append only. */
enum event_outcome {
	EVENT_OK,		/* answered, whatever the status */
	EVENT_CACHED,		/* answered from the response cache */
	EVENT_LIMITED,		/* refused by a rate limit or budget */
	EVENT_FAILED,		/* no answer from the provider, or none in time */
	EVENT_TRUNCATED,	/* the provider broke its answer off */
	EVENT_CLIENT_GONE,	/* the client left or was too slow */
};

enum event_flag {
	EVENT_STREAM = 1,
	EVENT_ESTIMATED = 2,	/* the provider gave no token figures */
	EVENT_UNPRICED = 4,	/* tokens of a model whose price is not known */
	EVENT_CHANGED = 8,	/* parts were replaced */
	EVENT_EXACT = 16,	/* tokens before and after are counted by the model's own tokenizer */
	EVENT_FIRST_BYTE = 32,	/* first_byte_us was measured */
};

/* Few sorts are counted at a time; what does not fit is left out. */
#define EVENT_TALLY_SORTS 8

struct event_tally {
	uint32_t n;
	struct {
		uint8_t sort;
		uint32_t count;
	} of[EVENT_TALLY_SORTS];
};

/* Sorts of blocks: replaced by a form, left for a reason of the compressor, or not
 * tried. The numbers are kept. */
#define EVENT_WHY_FORM 0	/* + enum compress_form */
#define EVENT_WHY_REASON 64	/* + enum compress_reason */
#define EVENT_WHY_SKIP 128	/* + enum ledger_skip */

struct usage_event {
#define EVENT_NAME(member) uint16_t member;
#define EVENT_NUMBER(type, member) type member;
#define EVENT_TALLY(member) struct event_tally member;
#include "stats/event.def"
#undef EVENT_NAME
#undef EVENT_NUMBER
#undef EVENT_TALLY
};

/* Counts `count` things of a sort; none is not counted. */
void event_tally_add(struct event_tally *t, unsigned sort, uint32_t count);

/* Prompt tokens that were not sent, less what we added. */
static inline int64_t
event_saved_tokens(const struct usage_event *e)
{
	return (int64_t)e->tokens_before - (int64_t)e->tokens_after - (int64_t)e->tokens_added;
}

/* Prompt tokens that were sent. */
static inline uint64_t
event_prompt_tokens(const struct usage_event *e)
{
	return e->uncached + e->cache_read + e->cache_write_5m + e->cache_write_1h;
}

/* Picodollars saved, net of the rounds that the client did not see. */
static inline int64_t
event_net_saved(const struct usage_event *e)
{
	return e->saved_cost - e->hidden_cost;
}

/* The same of sums. */
static inline int64_t
sums_net_saved(const struct usage_sums *s)
{
	return s->v[USAGE_saved_cost] - s->v[USAGE_hidden_cost];
}

/* What the event adds to sums. */
void event_sums(const struct usage_event *e, struct usage_sums *out);

/* Events as bytes, some sixty each, one after the other. Embed it. */
struct event_packer {
	const struct names *names;
	struct buf out;
	uint32_t count;		/* events */
	uint16_t spelled;	/* names that stand in `out` */
	uint16_t places[NAMES_MAX];	/* by number: 1 + which of these; 0: none yet */
};

/* `names` must outlive it. */
void event_packer_init(struct event_packer *p, const struct names *names, size_t limit);
void event_packer_free(struct event_packer *p);

/* Empties it for the next events, keeps its memory. */
void event_packer_clear(struct event_packer *p);

/* Appends the event, or nothing at all: ERR_LIMIT, ERR_NOMEM. */
enum err event_pack(struct event_packer *p, const struct usage_event *e) MUST_CHECK;

/* Reads what was packed, by this or an earlier version; names are numbered in `names`.
 * `*out` (freed by the caller with free()) and `*n` are the events. ERR_SYNTAX: damaged;
 * ERR_NOMEM. */
enum err events_unpack(struct span packed, struct names *names, struct usage_event **out,
		       uint32_t *n) MUST_CHECK;

#endif
