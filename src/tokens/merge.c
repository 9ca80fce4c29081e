#include "tokens/merge.h"

#include <stdlib.h>

/* Up to here the lowest rank is found by looking at all of them. */
#define SMALL 256
#define SMALL_BITS 8

/* A possible merge: rank << SMALL_BITS | index of the left token, so that the
 * least is the next. Signed, as vectors compare fastest so. */
typedef int32_t merges __attribute__((vector_size(16)));
union merge_keys {
	merges vectors[SMALL / 4];
	int32_t at[SMALL];
};
#define NO_MERGE INT32_MAX
#define FEW 16

static uint32_t
pair_of_bytes(const struct ranks *r, const uint8_t *p)
{
	return r->byte_pairs[p[0] | p[1] << 8];
}

static int32_t
merge_key(uint32_t rank, size_t left)
{
	return rank == RANKS_NONE ? NO_MERGE : (int32_t)(rank << SMALL_BITS | left);
}

static merges
lesser(merges a, merges b)
{
	const merges less = a < b;

	return (a & less) | (b & ~less);
}

/* A vector read just after one of its parts was written has to wait for the
 * write, so a few merges are rather looked at one by one. */
static int32_t
least_of_few(const int32_t *m, size_t n)
{
	int32_t a = NO_MERGE, b = NO_MERGE;

	for (size_t i = 0; i < n; i += 2) {
		a = m[i] < a ? m[i] : a;
		b = m[i + 1] < b ? m[i + 1] : b;
	}
	return a < b ? a : b;
}

/* Of the first `n`, a multiple of four. */
static int32_t
least(const union merge_keys *m, size_t n)
{
	merges a = m->vectors[0];

	if (n <= FEW)
		return least_of_few(m->at, n);
	for (size_t i = 1; i < n / 4; i++)
		a = lesser(a, m->vectors[i]);
	const int32_t b = a[0] < a[1] ? a[0] : a[1];
	const int32_t c = a[2] < a[3] ? a[2] : a[3];
	return b < c ? b : c;
}

/* Tokens stay at the index of their first byte; `next` and `prev` lead past those
 * that were merged away. */
static size_t
count_small(const struct ranks *r, const uint8_t *p, size_t n)
{
	union merge_keys key;
	uint32_t id[SMALL];
	uint8_t next[SMALL], prev[SMALL];
	const size_t padded = (n + 3) & ~(size_t)3;
	size_t count = n;

	for (size_t i = 0; i < n; i++) {
		id[i] = r->byte_ids[p[i]];
		key.at[i] = i + 1 < n ? merge_key(pair_of_bytes(r, p + i), i) : NO_MERGE;
		next[i] = (uint8_t)(i + 1);
		prev[i] = (uint8_t)(i - 1);
	}
	for (size_t i = n; i < padded; i++)
		key.at[i] = NO_MERGE;
	for (int32_t m; (m = least(&key, padded)) != NO_MERGE; count--) {
		const size_t left = (size_t)m & (SMALL - 1);
		const size_t right = next[left];
		const size_t after = next[right];
		id[left] = (uint32_t)m >> SMALL_BITS;
		key.at[left] = key.at[right] = NO_MERGE;
		next[left] = (uint8_t)after;
		if (after && after < n) {
			prev[after] = (uint8_t)left;
			key.at[left] = merge_key(ranks_merge(r, id[left], id[after]), left);
		}
		if (left) {
			const size_t before = prev[left];
			key.at[before] = merge_key(ranks_merge(r, id[before], id[left]), before);
		}
	}
	return count;
}

/* The bytes of a window as a list of tokens, each at the index of its first byte.
 * Merging keeps a heap of merges (rank << 32 | index of the left token); those
 * that no longer hold are skipped when they come up. */
struct window {
	uint32_t *id;		/* RANKS_NONE where no token begins */
	uint32_t *next;		/* index of the token after */
	size_t n;		/* bytes */
};

/* What two windows of `capacity` bytes need; what merging needs serves both. */
struct windows {
	struct window a, b;
	size_t capacity, overlap;
	uint32_t *prev;		/* index of the token before */
	uint32_t *rank;		/* of the merge with the token after */
	uint64_t *heap;
	size_t heaped;
};

/* In 32-bit words: id and next of each, prev, rank, and two heap entries a byte. */
#define WINDOWS_WORDS(capacity) (10 * (capacity))

static void
windows_init(struct windows *w, uint64_t *memory, size_t capacity, size_t overlap)
{
	w->capacity = capacity;
	w->overlap = overlap;
	w->heap = memory;
	uint32_t *const words = (uint32_t *)(memory + 2 * capacity);
	w->a.id = words;
	w->a.next = words + capacity;
	w->b.id = words + 2 * capacity;
	w->b.next = words + 3 * capacity;
	w->prev = words + 4 * capacity;
	w->rank = words + 5 * capacity;
}

static void
heap_push(struct windows *w, uint64_t v)
{
	size_t i = w->heaped++;

	for (; i && w->heap[(i - 1) / 2] > v; i = (i - 1) / 2)
		w->heap[i] = w->heap[(i - 1) / 2];
	w->heap[i] = v;
}

static uint64_t
heap_pop(struct windows *w)
{
	const uint64_t top = w->heap[0];
	const uint64_t v = w->heap[--w->heaped];
	size_t i = 0;

	for (size_t kid = 1; kid < w->heaped; i = kid, kid = 2 * i + 1) {
		kid += kid + 1 < w->heaped && w->heap[kid + 1] < w->heap[kid];
		if (w->heap[kid] >= v)
			break;
		w->heap[i] = w->heap[kid];
	}
	w->heap[i] = v;
	return top;
}

static void
push_merge(struct windows *w, uint32_t rank, size_t left)
{
	w->rank[left] = rank;
	if (rank != RANKS_NONE)
		heap_push(w, (uint64_t)rank << 32 | left);
}

static void
window_start(const struct ranks *r, struct windows *w, struct window *t, const uint8_t *p)
{
	w->heaped = 0;
	for (size_t i = 0; i < t->n; i++) {
		t->id[i] = r->byte_ids[p[i]];
		t->next[i] = (uint32_t)i + 1;
		w->prev[i] = (uint32_t)i - 1;
		push_merge(w, i + 1 < t->n ? pair_of_bytes(r, p + i) : RANKS_NONE, i);
	}
}

/* Makes `t` the encoding of the t->n bytes at `p`. */
static void
window_merge(const struct ranks *r, struct windows *w, struct window *t, const uint8_t *p)
{
	window_start(r, w, t, p);
	while (w->heaped) {
		const uint64_t top = heap_pop(w);
		const uint32_t rank = (uint32_t)(top >> 32);
		const size_t left = (uint32_t)top;
		if (w->rank[left] != rank)
			continue;
		const size_t right = t->next[left];
		t->id[left] = rank;
		t->id[right] = RANKS_NONE;
		w->rank[left] = w->rank[right] = RANKS_NONE;
		const size_t after = t->next[left] = t->next[right];
		if (after < t->n) {
			w->prev[after] = (uint32_t)left;
			push_merge(w, ranks_merge(r, rank, t->id[after]), left);
		}
		if (left)
			push_merge(w, ranks_merge(r, t->id[w->prev[left]], rank), w->prev[left]);
	}
}

/* Tokens that begin in [from, to). */
static size_t
tokens_between(const struct window *t, size_t from, size_t to)
{
	size_t count = 0;

	for (size_t i = from; i < to; i = t->next[i])
		count++;
	return count;
}

/* The first token that begins at `from` or later, else the last. */
static size_t
token_from(const struct window *t, size_t from)
{
	size_t i = 0;

	while (i < from && t->next[i] < t->n)
		i = t->next[i];
	return i;
}

/* Where a token begins that both windows hold, as an index into `a`, in which
 * `b` begins at `shift`; a->n when there is none. */
static size_t
common_token(const struct window *a, const struct window *b, size_t shift)
{
	for (size_t i = shift; i < a->n; i = a->next[i]) {
		const size_t j = i - shift;
		if (j < b->n && b->id[j] == a->id[i])
			return i;
	}
	return a->n;
}

/* Makes window b the encoding from p + shift on. */
static void
second_window(const struct ranks *r, const uint8_t *p, size_t n, struct windows *w, size_t shift)
{
	w->b.n = n - shift < w->capacity ? n - shift : w->capacity;
	window_merge(r, w, &w->b, p + shift);
}

/* Encodes window after window. The next one begins with a token near the end of
 * the last; where both hold the same token, the encoding of the whole is the
 * one's tokens up to there and the other's after (docs/internals/tokens.md says
 * why). If they hold none, returns 0, or with `cut` takes the seam between
 * them for the end of a token. */
static size_t
count_windows(const struct ranks *r, const uint8_t *p, size_t n, struct windows *w, bool cut)
{
	size_t count = 0;
	size_t from = 0;	/* where in a the tokens begin that are not yet counted */

	w->a.n = n < w->capacity ? n : w->capacity;
	window_merge(r, w, &w->a, p);
	while (w->a.n < n) {
		size_t shift = token_from(&w->a, w->a.n - w->overlap);
		size_t common = w->a.n;
		if (shift) {
			second_window(r, p, n, w, shift);
			common = common_token(&w->a, &w->b, shift);
		}
		if (common == w->a.n) {
			if (!cut)
				return 0;
			shift = w->a.n;
			second_window(r, p, n, w, shift);
		}
		count += tokens_between(&w->a, from, common);
		from = common - shift;
		p += shift;
		n -= shift;
		const struct window a = w->a;
		w->a = w->b;
		w->b = a;
	}
	return count + tokens_between(&w->a, from, w->a.n);
}

/* Once more with larger windows, until one common token is found at each seam. */
static size_t
count_larger(const struct ranks *r, const uint8_t *p, size_t n, struct windows *small)
{
	for (size_t capacity = small->capacity * 8;; capacity *= 8) {
		const size_t size = WINDOWS_WORDS(capacity) * sizeof(uint32_t);
		uint64_t *const memory = malloc(size);
		struct windows w;
		if (!memory)
			return count_windows(r, p, n, small, true);
		windows_init(&w, memory, capacity, capacity / 4);
		const size_t count = count_windows(r, p, n, &w, false);
		free(memory);
		if (count)
			return count;
	}
}

size_t
merge_count_windowed(const struct ranks *r, const uint8_t *p, size_t n, size_t window,
		     size_t overlap)
{
	uint64_t memory[WINDOWS_WORDS(MERGE_WINDOW) / 2];
	struct windows w;

	windows_init(&w, memory, window, overlap);
	const size_t count = count_windows(r, p, n, &w, false);
	return count ? count : count_larger(r, p, n, &w);
}

size_t
merge_count(const struct ranks *r, const uint8_t *p, size_t n)
{
	if (n <= SMALL)
		return count_small(r, p, n);
	return merge_count_windowed(r, p, n, MERGE_WINDOW, MERGE_OVERLAP);
}
