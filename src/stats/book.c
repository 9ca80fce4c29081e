#include "stats/book.h"

#include <stdlib.h>
#include <string.h>

/* Packed events that may wait for the store. */
#define DUE_BYTES ((size_t)4 << 20)
#define BATCH_BYTES ((size_t)16 << 20)

#define MS 1000u

const struct histogram_edges book_edges[BOOK_HISTOGRAMS] = {
	[BOOK_TOTAL_US] = { { 5 * MS, 10 * MS, 25 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS,
			      1000 * MS, 2500 * MS, 5000 * MS, 10000 * MS, 25000 * MS, 50000 * MS,
			      100000 * MS, 250000 * MS, 600000 * MS } },
	[BOOK_OVERHEAD_US] = { { 50, 100, 200, 300, 500, 750, 1 * MS, 2 * MS, 3 * MS, 5 * MS,
				 10 * MS, 20 * MS, 50 * MS, 100 * MS, 500 * MS, 1000 * MS } },
	[BOOK_FIRST_BYTE_US] = { { 1 * MS, 2 * MS, 5 * MS, 10 * MS, 25 * MS, 50 * MS, 100 * MS,
				   250 * MS, 500 * MS, 1000 * MS, 2500 * MS, 5000 * MS, 10000 * MS,
				   30000 * MS, 60000 * MS, 600000 * MS } },
	[BOOK_KEPT_PERMILLE] = { { 20, 50, 75, 100, 150, 200, 250, 300, 400, 500, 600, 700, 800, 900,
				   950, 1000 } },
	[BOOK_BODY_BYTES] = { { 256, 1 << 10, 4 << 10, 16 << 10, 32 << 10, 64 << 10, 128 << 10,
				256 << 10, 512 << 10, 1 << 20, 2 << 20, 4 << 20, 8 << 20, 16 << 20,
				32 << 20, 64 << 20 } },
};

struct book *
book_make(int64_t now_ms)
{
	struct book *b = calloc(1, sizeof *b);

	if (!b)
		return NULL;
	b->names = names_make();
	if (!b->names) {
		free(b);
		return NULL;
	}
	b->since_ms = now_ms;
	event_packer_init(&b->packer, b->names, DUE_BYTES);
	return b;
}

void
book_free(struct book **b)
{
	if (!*b)
		return;
	event_packer_free(&(*b)->packer);
	sums_free(&(*b)->since);
	sums_free(&(*b)->due);
	names_free(&(*b)->names);
	free(*b);
	*b = NULL;
}

/* ---- entering ---- */

static void
measure(struct book *b, const struct usage_event *e)
{
	histogram_add(&b->histograms[BOOK_TOTAL_US], &book_edges[BOOK_TOTAL_US], e->total_us);
	histogram_add(&b->histograms[BOOK_OVERHEAD_US], &book_edges[BOOK_OVERHEAD_US], e->overhead_us);
	histogram_add(&b->histograms[BOOK_BODY_BYTES], &book_edges[BOOK_BODY_BYTES], e->bytes_in);
	if (e->flags & EVENT_FIRST_BYTE)
		histogram_add(&b->histograms[BOOK_FIRST_BYTE_US], &book_edges[BOOK_FIRST_BYTE_US],
			      e->first_byte_us);
	if (e->tokens_before)
		histogram_add(&b->histograms[BOOK_KEPT_PERMILLE], &book_edges[BOOK_KEPT_PERMILLE],
			      e->tokens_after * 1000 / e->tokens_before);
}

static void
count_blocks(struct book *b, const struct usage_event *e)
{
	for (uint32_t i = 0; i < e->why.n; i++)
		b->why[e->why.of[i].sort] += e->why.of[i].count;
	for (uint32_t i = 0; i < e->form_saved.n; i++)
		if (e->form_saved.of[i].sort < COMPRESS_FORMS)
			b->form_saved[e->form_saved.of[i].sort] += e->form_saved.of[i].count;
	if (e->stack)
		b->stacks[e->stack]++;
	if (e->tokens_before && (b->best_before == 0 || (double)e->tokens_after * (double)b->best_before <
							 (double)b->best_after * (double)e->tokens_before)) {
		b->best_before = e->tokens_before;
		b->best_after = e->tokens_after;
	}
}

static void
make_due(struct book *b, const struct usage_event *e)
{
	if (event_pack(&b->packer, e) != OK)
		b->lost++;
	if (b->due_first_ms == 0 || e->at_ms < b->due_first_ms)
		b->due_first_ms = e->at_ms;
	if (e->at_ms > b->due_last_ms)
		b->due_last_ms = e->at_ms;
}

void
book_add(struct book *b, struct usage_event *e)
{
	struct sums_row row = { .provider = e->provider, .model = e->model, .project = e->project,
				 .client = e->client };

	e->id = (int64_t)++b->events;
	b->since_events++;
	b->recent[(b->events - 1) % BOOK_RECENT] = *e;
	event_sums(e, &row.sums);
	/* Without memory this event is missing in the figures, and nothing else. */
	if (sums_add(&b->since, &row) != OK)
		b->lost++;
	row.hour = e->at_ms / USAGE_HOUR_MS;
	if (sums_add(&b->due, &row) == OK)
		make_due(b, e);
	measure(b, e);
	count_blocks(b, e);
}

void
book_reset(struct book *b, int64_t now_ms)
{
	sums_clear(&b->since);
	memset(b->histograms, 0, sizeof b->histograms);
	memset(b->why, 0, sizeof b->why);
	memset(b->form_saved, 0, sizeof b->form_saved);
	memset(b->stacks, 0, sizeof b->stacks);
	b->best_before = b->best_after = 0;
	b->since_events = 0;
	b->since_ms = now_ms;
}

/* ---- asking ---- */

static uint16_t
name_of(const struct sums_row *row, enum book_name by)
{
	switch (by) {
	case BOOK_PROVIDER:
		return row->provider;
	case BOOK_MODEL:
		return row->model;
	case BOOK_PROJECT:
		return row->project;
	case BOOK_CLIENT:
		break;
	}
	return row->client;
}

static int
larger_first(const void *x, const void *y)
{
	const struct book_sums *const a = x, *const b = y;
	const int64_t p = a->sums.v[USAGE_prompt_tokens], q = b->sums.v[USAGE_prompt_tokens];

	if (p != q)
		return p > q ? -1 : 1;
	return (a->name > b->name) - (a->name < b->name);
}

uint32_t
book_by(const struct book *b, enum book_name by, struct book_sums *out, uint32_t limit)
{
	uint16_t place[NAMES_MAX] = { 0 };
	struct book_sums all[SUMS_ROWS];
	uint32_t n = 0;

	for (uint32_t i = 0; i < b->since.count; i++) {
		const uint16_t name = name_of(&b->since.rows[i], by);

		if (!place[name]) {
			all[n] = (struct book_sums){ .name = name };
			place[name] = (uint16_t)++n;
		}
		usage_sums_add(&all[place[name] - 1].sums, &b->since.rows[i].sums);
	}
	qsort(all, n, sizeof *all, larger_first);
	n = n < limit ? n : limit;
	memcpy(out, all, n * sizeof *out);
	return n;
}

/* ---- to the store ---- */

static enum err
copy_rows(const struct book *b, struct book_batch *out)
{
	const struct sums_table *const t = &b->due;
	struct usage_row *const rows = ARENA_ARRAY(&out->arena, struct usage_row, t->count);

	if (!rows)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < t->count; i++) {
		const struct sums_row *const from = &t->rows[i];

		/* Texts of names live as long as the book. */
		rows[i] = (struct usage_row){
			.at = from->hour,
			.key = { .provider = names_text(b->names, from->provider),
				 .model = names_text(b->names, from->model),
				 .project = names_text(b->names, from->project),
				 .client = names_text(b->names, from->client) },
			.sums = from->sums,
		};
	}
	out->usage.rows = rows;
	out->usage.row_count = t->count;
	return OK;
}

static enum err
copy_due(const struct book *b, struct book_batch *out)
{
	const struct span events = arena_copy(&out->arena, buf_span(&b->packer.out));

	if (!events.p)
		return ERR_NOMEM;
	out->usage = (struct usage_batch){
		.events = events,
		.event_count = b->packer.count,
		.first_ms = b->due_first_ms,
		.last_ms = b->due_last_ms,
	};
	out->batch.usage = &out->usage;
	return copy_rows(b, out);
}

static void
batch_free(struct book_batch *batch)
{
	arena_free(&batch->arena);
	free(batch);
}

struct book_batch *
book_take(struct book *b)
{
	if (b->flushing || b->due.count == 0)
		return NULL;
	struct book_batch *const out = calloc(1, sizeof *out);
	if (!out)
		return NULL;
	arena_init(&out->arena, BATCH_BYTES);
	if (copy_due(b, out) != OK) {
		batch_free(out);
		return NULL;
	}
	sums_clear(&b->due);
	event_packer_clear(&b->packer);
	b->due_first_ms = b->due_last_ms = 0;
	b->flushing = true;
	return out;
}

static void
make_due_again(struct book *b, const struct usage_batch *u)
{
	for (uint32_t i = 0; i < u->row_count; i++) {
		const struct usage_key *const key = &u->rows[i].key;
		const struct sums_row row = {
			.hour = u->rows[i].at,
			.provider = names_number(b->names, key->provider),
			.model = names_number(b->names, key->model),
			.project = names_number(b->names, key->project),
			.client = names_number(b->names, key->client),
			.sums = u->rows[i].sums,
		};

		if (sums_add(&b->due, &row) != OK)
			b->lost += (uint64_t)row.sums.v[USAGE_requests];
	}
	if (b->due_first_ms == 0 || u->first_ms < b->due_first_ms)
		b->due_first_ms = u->first_ms;
	if (u->last_ms > b->due_last_ms)
		b->due_last_ms = u->last_ms;
}

void
book_written(struct book *b, struct book_batch *batch, enum err e)
{
	b->flushing = false;
	if (e != OK) {
		b->failures++;
		b->lost += batch->usage.event_count;
		make_due_again(b, &batch->usage);
	}
	batch_free(batch);
}
