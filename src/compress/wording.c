#include "compress/wording.h"

#include <stdlib.h>

#include "compress/elide_words.h"
#include "compress/wording_mine.h"
#include "tokens/tokens.h"

#define MIN_CELLS 12u
#define MIN_BYTES 6u		/* of a cell, on average: shorter ones have little to save */
/* In quarters of a token: what each wording saves in a cell, what a column's do on
 * average, and what its line costs beside the wordings. */
#define MIN_SAVED_HERE 8
#define MIN_SAVED 10
#define COST_LINE 64
#define COST_WORDING 8		/* keyword and marks */
/* A text that is all hidden is spelled out again so far below, if that much is. */
#define SPELL_AGAIN 5000u
#define HIDES_MUCH 12
#define RARE 20u		/* trouble in a twentieth of the rows is not hidden */

/* A mold that may become a wording. */
struct candidate {
	const struct wording_mold *mold;
	struct span text;
	struct span keyword;
	int64_t saved;		/* a cell, in quarters */
	int64_t gain;		/* all of it, in quarters */
	uint32_t place;		/* of the mold */
	uint32_t spelled;	/* bytes of the table before it was last spelled out */
};

struct chooser {
	struct table *t;
	struct arena *a;	/* for what stays */
	struct arena work;
	struct arena column_work;	/* given back after each column */
	struct fuel *fuel;
	struct lexicon *lexicon;	/* read when it is needed; NULL: not yet */
	uint32_t *bytes_before;	/* per cell of the table: about so many bytes of it */
	const uint32_t *cells;	/* the column's, in row order */
	struct span *texts;
	uint32_t n;
	struct wording_molds molds;
	struct candidate candidates[WORDING_MOLDS];
	uint32_t count;
};

/* The cells of each column, in row order; begin[c] is the place of column c's. */
static enum err
sort_by_column(const struct table *const t, struct arena *const a, uint32_t **const cells,
	       uint32_t **const begin)
{
	uint32_t *const at = arena_zalloc(a, (t->column_count + 1) * sizeof *at);
	uint32_t *const out = ARENA_ARRAY(a, uint32_t, (size_t)t->cell_count + 0u);

	if (!at || !out)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < t->cell_count; i++)
		at[t->cells[i].column]++;
	for (uint32_t c = t->column_count, end = t->cell_count; c-- > 0;)
		at[c] = end -= at[c];
	for (uint32_t i = 0; i < t->cell_count; i++)
		out[at[t->cells[i].column]++] = i;
	for (uint32_t c = t->column_count; c > 0; c--)
		at[c] = at[c - 1];
	at[0] = 0;
	*cells = out;
	*begin = at;
	return OK;
}

/* Where strings have half of themselves in common, cutting that off does. */
static bool
is_eligible(const struct column *const c)
{
	const uint32_t ends = c->prefix + c->suffix;

	return (ends == 0 || 2 * ends < c->shortest) && c->strings >= MIN_CELLS && c->strings + c->nulls == c->cells && !c->same &&
	       !c->constant && !c->marked && !c->derived && !c->is_source && !c->is_key &&
	       !(c->flags & CELL_RAW);
}

/* The strings among the column's cells; c->n: how many. */
static enum err
read_texts(struct chooser *const c, const struct json_doc *const d, uint32_t *const cells,
	   const uint32_t n)
{
	uint64_t bytes = 0;

	c->n = 0;
	c->texts = ARENA_ARRAY(&c->column_work, struct span, (size_t)n + 0u);
	if (!c->texts)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct cell *const cell = &c->t->cells[cells[i]];

		if (json_type(d, cell->node) != JSON_STRING)
			continue;
		bytes += cell->text.n;
		cells[c->n] = cells[i];
		c->texts[c->n++] = cell->text;
	}
	c->cells = cells;
	return bytes >= MIN_BYTES * (uint64_t)c->n ? OK : ERR_NOT_FOUND;
}

/* What a cell of the mold saves in quarters of a token, its keyword one token. */
static int64_t
saved_of(struct chooser *const c, const struct wording_mold *const m)
{
	size_t before = 0, after = 0, seen = 0;

	for (uint32_t i = 0; i < m->samples; i++) {
		const struct span text = c->texts[m->sample[i]];
		struct span part[WORDING_HOLES];

		if (!wording_parts(m, text, part))
			continue;
		before += tokens_count(TOKENS_O200K, text);
		after++;
		for (uint32_t k = 0; k < wording_holes(m); k++)
			after += 1 + tokens_count(TOKENS_O200K, part[k]);
		seen++;
	}
	return seen ? 4 * ((int64_t)before - (int64_t)after) / (int64_t)seen : 0;
}

static uint32_t
count_holes(struct span text)
{
	const char *hit;
	uint32_t n = 0;

	while ((hit = memmem(text.p, text.n, "{}", 2))) {
		text = span_from(text, (size_t)(hit - text.p) + 2);
		n++;
	}
	return n;
}

/* Is it rare and about trouble? That is not to be hidden. */
static enum err
is_alarming(struct chooser *const c, const struct wording_mold *const m, bool *const out)
{
	struct reading reading;

	*out = false;
	if ((uint64_t)m->texts * RARE > c->t->row_count)
		return OK;
	if (!c->lexicon) {
		c->lexicon = ARENA_ARRAY(&c->work, struct lexicon, 1u);
		if (!c->lexicon)
			return ERR_NOMEM;
		lexicon_init(c->lexicon);
	}
	lexicon_read(c->lexicon, c->texts[m->sample[0]], &reading);
	*out = reading.severity != SEVERITY_NONE;
	return OK;
}

static enum err
add_candidate(struct chooser *const c, const uint32_t place)
{
	const struct wording_mold *const m = &c->molds.mold[place];
	struct candidate *const out = &c->candidates[c->count];
	bool alarming;

	TRY(is_alarming(c, m, &alarming));
	if (wording_holes(m) > WORDING_HOLES || alarming)
		return OK;
	if (!fuel_use(c->fuel, 2 * (WORDING_SAMPLES + 2) * c->texts[m->sample[0]].n))
		return ERR_FUEL;
	*out = (struct candidate){ .mold = m, .text = wording_spell(m, c->a), .place = place };
	if (!out->text.p)
		return ERR_NOMEM;
	out->saved = saved_of(c, m);
	out->gain = out->saved * m->texts - COST_WORDING -
		    4 * (int64_t)tokens_count(TOKENS_O200K, out->text);
	c->count += out->saved >= MIN_SAVED_HERE && out->gain > 0 &&
		    count_holes(out->text) == wording_holes(m);
	return OK;
}

static int
by_gain(const void *const x, const void *const y)
{
	const struct candidate *const a = x, *const b = y;

	if (a->gain != b->gain)
		return a->gain < b->gain ? 1 : -1;
	return a->place < b->place ? -1 : 1;
}

static bool
is_word_byte(const char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

/* Is it a word that no other candidate's text holds? */
static bool
is_unique(const struct chooser *const c, const struct candidate *const mine, const struct span word)
{
	if (word.n < 2 || (word.p[0] >= '0' && word.p[0] <= '9') || cell_flags(word))
		return false;
	for (uint32_t i = 0; i < c->count; i++) {
		const struct candidate *const other = &c->candidates[i];

		if (other != mine && memmem(other->text.p, other->text.n, word.p, word.n))
			return false;
	}
	return true;
}

/* The end of the word that begins at `i`. */
static size_t
word_end(const struct span s, size_t i)
{
	while (i < s.n && is_word_byte(s.p[i]))
		i++;
	return i;
}

/* Takes a word into account that may be the keyword: the one with the fewest
 * tokens, of these the first in a sentence, the longest in a path. */
static void
offer(const struct chooser *const c, struct candidate *const mine, const struct span word,
      size_t *const fewest)
{
	if (!is_unique(c, mine, word))
		return;
	const size_t n = tokens_count(TOKENS_O200K, word);
	const bool longer = word.n > mine->keyword.n && span_find(mine->text, ' ') == mine->text.n;

	if (n < *fewest || (n == *fewest && longer)) {
		mine->keyword = word;
		*fewest = n;
	}
}

/* Words that touch no part that varies, alone or with the one behind a mark. */
static void
find_keyword(const struct chooser *const c, struct candidate *const mine)
{
	const struct span s = mine->text;
	size_t fewest = SIZE_MAX;

	for (size_t i = 0; i < s.n;) {
		const size_t end = word_end(s, i);
		const bool whole = (i == 0 || s.p[i - 1] != '}') && (end == s.n || s.p[end] != '{');

		if (end == i) {
			i++;
			continue;
		}
		if (whole)
			offer(c, mine, span_of(s.p + i, end - i), &fewest);
		if (whole && end + 1 < s.n && memchr("-_./", s.p[end], 4)) {
			const size_t two = word_end(s, end + 1);

			if (two > end + 1 && (two == s.n || s.p[two] != '{'))
				offer(c, mine, span_of(s.p + i, two - i), &fewest);
		}
		i = end;
	}
	/* One token was reckoned with. */
	mine->saved -= fewest == SIZE_MAX ? mine->saved : 4 * ((int64_t)fewest - 1);
}

/* Keeps the best candidates that have a keyword. */
static enum err
choose_keywords(struct chooser *const c)
{
	uint64_t steps = 0;
	uint32_t kept = 0;

	if (c->count)
		qsort(c->candidates, c->count, sizeof *c->candidates, by_gain);
	c->count = c->count < WORDINGS ? c->count : WORDINGS;
	for (uint32_t i = 0; i < c->count; i++) {
		find_keyword(c, &c->candidates[i]);
		steps += c->candidates[i].text.n * c->count;
	}
	for (uint32_t i = 0; i < c->count; i++)
		if (c->candidates[i].saved >= MIN_SAVED_HERE)
			c->candidates[kept++] = c->candidates[i];
	c->count = kept;
	return fuel_use(c->fuel, steps) ? OK : ERR_FUEL;
}

/* Do they save enough, over all, in enough of the cells? */
static bool
is_worth_it(const struct chooser *const c)
{
	int64_t saved = 0, gain = -COST_LINE;
	uint64_t texts = 0;

	for (uint32_t i = 0; i < c->count; i++) {
		texts += c->candidates[i].mold->texts;
		saved += c->candidates[i].saved * c->candidates[i].mold->texts;
		gain += c->candidates[i].gain;
	}
	/* What is in every cell is a pattern. */
	if (c->count == 1 && texts == c->n)
		return false;
	return 2 * texts >= c->n && saved >= (int64_t)texts * MIN_SAVED && gain > 0;
}

/* Does it begin like a wording's cell? */
static bool
begins_with_keyword(const struct chooser *const c, const struct span text)
{
	const struct span head = span_head(text, span_find(text, WORDING_MARK));

	for (uint32_t i = 0; i < c->count; i++)
		if (span_eq(head, c->candidates[i].keyword))
			return true;
	return false;
}

/* What the cell shows of a text of the mold. */
static struct span
spell_cell(const struct candidate *const p, const struct span *const part, struct arena *const a)
{
	const uint32_t holes = wording_holes(p->mold);
	size_t n = p->keyword.n;

	for (uint32_t i = 0; i < holes; i++)
		n += 1 + part[i].n;
	char *const out = arena_alloc(a, n);
	if (!out)
		return SPAN_NONE;
	memcpy(out, p->keyword.p, p->keyword.n);
	n = p->keyword.n;
	for (uint32_t i = 0; i < holes; i++) {
		out[n++] = WORDING_MARK;
		memcpy(out + n, part[i].p, part[i].n);
		n += part[i].n;
	}
	return span_of(out, n);
}

/* Is it to be read in full here, for those who look around? */
static bool
is_due(const struct chooser *const c, struct candidate *const p, const uint32_t cell)
{
	if (p->saved < HIDES_MUCH || wording_holes(p->mold) ||
	    c->bytes_before[cell] - p->spelled < SPELL_AGAIN)
		return false;
	p->spelled = c->bytes_before[cell];
	return true;
}

static enum err
rewrite_cells(struct chooser *const c)
{
	struct candidate *of_mold[WORDING_MOLDS + 1] = { NULL };

	for (uint32_t i = 0; i < c->count; i++)
		of_mold[1 + c->candidates[i].place] = &c->candidates[i];
	for (uint32_t i = 0; i < c->n; i++) {
		struct cell *const cell = &c->t->cells[c->cells[i]];
		struct candidate *const p = of_mold[c->molds.of_text[i]];
		struct span part[WORDING_HOLES];

		if (!p || is_due(c, p, c->cells[i]) ||
		    !wording_parts(p->mold, cell->text, part)) {
			if (begins_with_keyword(c, cell->text))
				cell->flags |= CELL_QUOTED;
			continue;
		}
		cell->text = wording_holes(p->mold) ? spell_cell(p, part, c->a) : p->keyword;
		cell->flags = 0;
		if (!cell->text.p)
			return ERR_NOMEM;
	}
	return fuel_use(c->fuel, (uint64_t)c->n * (2 + c->count)) ? OK : ERR_FUEL;
}

static enum err
accept(struct chooser *const c, struct column *const column)
{
	column->wordings = ARENA_ARRAY(c->a, struct wording, (size_t)c->count + 0u);
	if (!column->wordings)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < c->count; i++)
		column->wordings[i] = (struct wording){ c->candidates[i].keyword, c->candidates[i].text };
	column->wording_count = c->count;
	column->text = false;
	column->prefix = column->suffix = 0;
	return rewrite_cells(c);
}

static enum err
choose_for(struct chooser *const c, const struct json_doc *const d, struct column *const column,
	   uint32_t *const cells, const uint32_t n)
{
	TRY(read_texts(c, d, cells, n));
	TRY(wording_mine(c->texts, c->n, &c->column_work, c->fuel, &c->molds));
	c->count = 0;
	for (uint32_t k = 0; k < c->molds.count; k++)
		TRY(add_candidate(c, k));
	TRY(choose_keywords(c));
	return is_worth_it(c) ? accept(c, column) : ERR_NOT_FOUND;
}

/* What the rows above take, roughly: what all cells share is not known yet. */
static enum err
measure_rows(struct chooser *const c)
{
	const struct table *const t = c->t;
	uint64_t n = 0;

	c->bytes_before = ARENA_ARRAY(&c->work, uint32_t, (size_t)t->cell_count + 0u);
	if (!c->bytes_before)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < t->cell_count; i++) {
		c->bytes_before[i] = (uint32_t)n;
		n += column_has_cells(&t->columns[t->cells[i].column]) ? t->cells[i].text.n + 1 : 0;
	}
	return fuel_use(c->fuel, 2 * (uint64_t)t->cell_count) ? OK : ERR_FUEL;
}

static enum err
choose_all(struct chooser *const c, const struct json_doc *const d)
{
	uint32_t *cells, *begin;

	TRY(sort_by_column(c->t, &c->work, &cells, &begin));
	TRY(measure_rows(c));
	for (uint32_t k = 0; k < c->t->order_count; k++) {
		const uint32_t i = c->t->order[k];

		if (!is_eligible(&c->t->columns[i]))
			continue;
		arena_init(&c->column_work, arena_room(&c->work));
		const enum err e = choose_for(c, d, &c->t->columns[i], cells + begin[i],
					      begin[i + 1] - begin[i]);
		arena_free(&c->column_work);
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
	}
	return OK;
}

enum err
wording_choose(const struct json_doc *const d, struct table *const t, struct arena *const a,
	       struct fuel *const fuel)
{
	struct chooser c = { .t = t, .a = a, .fuel = fuel };

	if (t->row_count < MIN_CELLS)
		return OK;
	arena_init(&c.work, arena_room(a));
	const enum err e = choose_all(&c, d);
	arena_free(&c.work);
	return e;
}
