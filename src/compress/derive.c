#include "compress/derive.h"

#include <stdlib.h>

#include "compress/affix.h"
#include "tokens/tokens.h"

#define SOURCES 24u		/* columns of a table that others may be made of */
#define HOLE_MIN_BYTES 2u	/* of a source beside a hole: less is found by chance */
#define SOURCE_MAX_ENDS 8u	/* what has more in common is cut itself, and no source */
#define SAMPLES 6u		/* rows that are counted */
/* One row in so many may be otherwise where most follow, of so many at least. */
#define OTHERS_PART 4u
#define OTHERS_MIN_ROWS 8u
#define PATH_MAX_BYTES 128u
#define NO_CELL UINT32_MAX
/* Places and rows are looked up in a grid: not where most of it would be empty. */
#define GRID_PER_CELL 4u
/* Of the array's text: the search ends there, so that it never costs the table. */
#define STEPS_PER_BYTE 4u

enum hole { HOLE_NONE, HOLE_FIRST, HOLE_LAST };

/* How a column follows from another. */
struct derivation {
	uint32_t source;	/* its place in the order of columns */
	char after;		/* only the part behind the last of these; 0: the whole */
	enum hole hole;
	bool usually;		/* with no hole: only most rows must follow */
	struct span before, between, behind;
};

struct source_column {
	uint32_t place;
	uint32_t longest;	/* the row whose value is the longest */
	size_t bytes;		/* of that value */
};

struct candidate {
	uint32_t place;
	size_t bytes;		/* of its first cell */
};

struct deriver {
	const struct json_doc *d;
	struct table *t;
	struct arena *a;
	struct fuel *fuel;
	uint32_t *grid;		/* per place and row: the cell, or NO_CELL */
	struct source_column sources[SOURCES];
	uint32_t source_count;
	struct candidate *candidates;
	uint32_t candidate_count;
	uint64_t steps;		/* not charged yet */
	uint64_t searched;
};

static struct column *
column_at(const struct deriver *const v, const uint32_t place)
{
	return &v->t->columns[v->t->order[place]];
}

/* Its cell in row `r`; NULL: none. */
static struct cell *
cell_at(const struct deriver *const v, const uint32_t place, const uint32_t r)
{
	const uint32_t i = v->grid[(size_t)place * v->t->row_count + r];

	return i == NO_CELL ? NULL : &v->t->cells[i];
}

static enum err
fill_grid(struct deriver *const v)
{
	const struct table *const t = v->t;
	const size_t n = (size_t)t->order_count * t->row_count;

	v->grid = ARENA_ARRAY(v->a, uint32_t, n);
	if (!v->grid)
		return ERR_NOMEM;
	memset(v->grid, 0xff, n * sizeof *v->grid);
	for (uint32_t r = 0; r < t->row_count; r++) {
		uint32_t place = 0;

		for (uint32_t i = t->rows[r].cells; i < t->rows[r + 1].cells; i++, place++) {
			while (t->order[place] != t->cells[i].column)
				place++;
			v->grid[(size_t)place * t->row_count + r] = i;
		}
	}
	return fuel_use(v->fuel, n) ? OK : ERR_FUEL;
}

/* May it stand in braces? Only names that are bare whatever the separator. */
static bool
is_plain_name(const struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-'))
			return false;
	}
	return s.n > 0 && s.n <= PATH_MAX_BYTES;
}

/* Spells the column's path as the columns line does. False: it has a name that
 * can not stand in braces. */
static bool
spell_path(const struct table *const t, uint32_t i, struct buf *const out)
{
	uint32_t path[TABLE_DEPTH + 1], n = 0;

	for (; i; i = t->columns[i].parent)
		path[n++] = i;
	while (n--) {
		const struct column *const c = &t->columns[path[n]];

		if (c->is_item) {
			buf_addf(out, "[%u]", c->item);
			continue;
		}
		if (c->raw_name || !is_plain_name(c->name) || column_hides_key(t, c))
			return false;
		if (c->parent)
			buf_add_char(out, '.');
		buf_add_span(out, c->name);
	}
	return out->n <= PATH_MAX_BYTES;
}

/* Has it a string or number in every row, and which one is the longest? */
static bool
read_source(struct deriver *const v, const uint32_t place, struct source_column *const s)
{
	const struct column *const c = column_at(v, place);
	size_t longest = 0;

	if (c->same || c->constant || c->marked || (c->flags & CELL_RAW) ||
	    c->prefix + c->suffix > SOURCE_MAX_ENDS ||
	    c->cells != v->t->row_count - v->t->json_rows)
		return false;
	s->place = place;
	s->longest = NO_CELL;
	v->steps += v->t->row_count;
	for (uint32_t r = 0; r < v->t->row_count; r++) {
		const struct cell *const cell = cell_at(v, place, r);

		if (!cell)
			continue;
		const enum json_type type = json_type(v->d, cell->node);
		if (type != JSON_STRING && type != JSON_NUMBER)
			return false;
		if (cell->text.n > longest) {
			longest = s->bytes = cell->text.n;
			s->longest = r;
		}
	}
	return s->longest != NO_CELL;
}

/* Shorter ones come first: they are made of less, and others are made of them. */
static void
add_source(struct deriver *const v, const struct source_column s)
{
	uint32_t i = v->source_count++;

	for (; i && v->sources[i - 1].bytes > s.bytes; i--)
		v->sources[i] = v->sources[i - 1];
	v->sources[i] = s;
}

static enum err
find_sources(struct deriver *const v)
{
	struct buf path;

	buf_init(&path, 2u * TABLE_COLUMNS * TABLE_DEPTH * PATH_MAX_BYTES);
	for (uint32_t k = 0; k < v->t->order_count && v->source_count < SOURCES; k++) {
		struct source_column s;

		buf_clear(&path);
		if (read_source(v, k, &s) && spell_path(v->t, v->t->order[k], &path))
			add_source(v, s);
		v->steps += path.n;
	}
	const enum err e = buf_err(&path) == ERR_NOMEM ? ERR_NOMEM : OK;
	buf_free(&path);
	return e;
}

/* The source's value in row `r`, as the template takes it. */
static struct span
source_text(const struct deriver *const v, const struct derivation *const how, const uint32_t r)
{
	struct span s = cell_at(v, how->source, r)->text;
	size_t i = s.n;

	if (!how->after)
		return s;
	while (i && s.p[i - 1] != how->after)
		i--;
	return i ? span_from(s, i) : SPAN_NONE;
}

/* Is `x` made of `y` that way? *rest is what the cell would keep, with the text
 * between still on it. */
static bool
is_made_of(const struct derivation *const how, const struct span x, const struct span y,
	   struct span *const rest)
{
	const size_t ends = how->before.n + how->behind.n + y.n;

	if (y.n == 0 || x.n < ends)
		return false;
	const size_t at = how->hole == HOLE_FIRST ? x.n - how->behind.n - y.n : how->before.n;
	if (memcmp(x.p + at, y.p, y.n) != 0 || !span_starts(x, how->before) ||
	    !span_ends(x, how->behind))
		return false;
	*rest = how->hole == HOLE_FIRST ? span_head(x, at) : span_from(x, at + y.n);
	return how->hole != HOLE_NONE || x.n == ends;
}

/* Marks at the side of `s` where the source stands: at most `most` of them. */
static uint32_t
marks_beside(const struct span s, const enum hole hole, const size_t most)
{
	uint32_t n = 0;

	while (n < most) {
		const unsigned char c = (unsigned char)s.p[hole == HOLE_FIRST ? s.n - 1 - n : n];

		if (c >= 0x80 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			break;
		n++;
	}
	return n;
}

/* Shortens how->between to what stands beside the source in `rest` too. */
static void
keep_between(struct derivation *const how, const struct span rest)
{
	const bool first = how->hole == HOLE_FIRST;
	const struct span b = how->between;
	size_t n = 0;

	while (n < b.n && n + 1 < rest.n &&
	       (first ? b.p[b.n - 1 - n] == rest.p[rest.n - 1 - n] : b.p[n] == rest.p[n]))
		n++;
	how->between = first ? span_from(b, b.n - n) : span_head(b, n);
}

/* Does it hold in every row? A cell keeps a word of its own, behind or before
 * marks that are the same in all. */
static bool
holds(struct deriver *const v, const uint32_t place, struct derivation *const how)
{
	uint32_t others = how->usually ? v->t->row_count / OTHERS_PART : 0;
	bool begun = false;

	for (uint32_t r = 0; r < v->t->row_count; r++) {
		const struct cell *const x = cell_at(v, place, r);
		struct span rest;

		v->steps += 4;
		if (!x)
			continue;
		v->steps += x->text.n / 4;
		if (!is_made_of(how, x->text, source_text(v, how, r), &rest)) {
			if (others-- == 0)
				return false;
			continue;
		}
		if (how->hole == HOLE_NONE)
			continue;
		if (!begun) {
			const uint32_t n = marks_beside(rest, how->hole, rest.n);

			how->between = how->hole == HOLE_FIRST ? span_from(rest, rest.n - n)
							       : span_head(rest, n);
			begun = true;
		}
		keep_between(how, rest);
		if (how->between.n == 0)
			return false;
	}
	return true;
}

static bool
has_brace(const struct span s)
{
	return span_find(s, '{') < s.n || span_find(s, '}') < s.n;
}

/* What a cell keeps of `x`. */
static struct span
kept_of(const struct deriver *const v, const struct derivation *const how, const struct span x,
	const uint32_t r)
{
	struct span rest = { "", 0 };

	if (how->usually)
		return is_made_of(how, x, source_text(v, how, r), &rest) ? SPAN(DERIVE_SO) : x;
	if (how->hole == HOLE_NONE || !is_made_of(how, x, source_text(v, how, r), &rest))
		return SPAN("");
	return how->hole == HOLE_FIRST ? span_head(rest, rest.n - how->between.n)
				       : span_from(rest, how->between.n);
}

/* Looks at the column's first and last cells; a hole must also keep less than a
 * common prefix and suffix would. */
static bool
saves_enough(struct deriver *const v, const uint32_t place, const struct derivation *const how)
{
	const struct column *const c = column_at(v, place);
	size_t before = 0, after = 0, bytes = 0, affix = 0;
	uint32_t seen = 0;

	for (uint32_t r = 0, step = v->t->row_count / SAMPLES + 1; r < v->t->row_count; r += step) {
		const struct cell *const x = cell_at(v, place, r);

		if (!x)
			continue;
		const struct span kept = kept_of(v, how, x->text, r);
		before += tokens_count(TOKENS_O200K, x->text);
		after += tokens_count(TOKENS_O200K, kept);
		v->steps += 2 * x->text.n;
		bytes += kept.n;
		affix += x->text.n - c->prefix - c->suffix;
		seen++;
	}
	return seen && before >= after + AFFIX_MIN_TOKENS * (size_t)seen &&
	       ((how->hole == HOLE_NONE && !how->usually) || bytes < affix);
}

/* Tries the ways in which `x`, the text in row `r`, may hold the source at `at`. */
static bool
try_at(struct deriver *const v, const uint32_t place, const struct span x, const size_t at,
       const size_t n, struct derivation *const how)
{
	static const enum hole holes[] = { HOLE_NONE, HOLE_LAST, HOLE_FIRST };

	if (!affix_is_boundary(x, at) || !affix_is_boundary(x, at + n))
		return false;
	for (uint32_t i = 0; i < (n < HOLE_MIN_BYTES || how->usually ? 1u : 3u); i++) {
		how->hole = holes[i];
		how->before = how->hole == HOLE_FIRST ? SPAN("") : span_head(x, at);
		how->behind = how->hole == HOLE_LAST ? SPAN("") : span_from(x, at + n);
		how->between = SPAN("");
		if (!has_brace(how->before) && holds(v, place, how) &&
		    !has_brace(how->between) && saves_enough(v, place, how))
			return true;
	}
	return false;
}

/* Tries the source's value, or its part, as it is in row `r`. */
static bool
try_part(struct deriver *const v, const uint32_t place, const uint32_t r,
	 struct derivation *const how)
{
	const struct span x = cell_at(v, place, r)->text;
	const struct span y = source_text(v, how, r);
	const char *const hit = y.n ? memmem(x.p, x.n, y.p, y.n) : NULL;

	v->steps += x.n / 4 + 4;
	if (!hit)
		return false;
	const size_t at = (size_t)(hit - x.p), last = x.n - y.n;
	return try_at(v, place, x, at, y.n, how) ||
	       (last > at && memcmp(x.p + last, y.p, y.n) == 0 &&
		try_at(v, place, x, last, y.n, how));
}

/* Tries the ways in which row `r` suggests that the column follows from `source`. */
static bool
try_row(struct deriver *const v, const uint32_t place, const uint32_t source, const uint32_t r,
	struct derivation *const how)
{
	const struct cell *const y = cell_at(v, source, r);
	const bool usually = how->usually;

	if (!y || !cell_at(v, place, r))
		return false;
	*how = (struct derivation){ .source = source, .usually = usually };
	if (try_part(v, place, r, how))
		return true;
	for (const char *mark = DERIVE_MARKS; *mark; mark++) {
		*how = (struct derivation){ .source = source, .after = *mark, .usually = usually };
		if (span_find(y->text, *mark) < y->text.n && try_part(v, place, r, how))
			return true;
	}
	return false;
}

/* Any row must do where all follow, the one with the longest source least by
 * chance; where most do, some are looked at. */
static bool
try_source(struct deriver *const v, const uint32_t place, const struct source_column *const s,
	   struct derivation *const how)
{
	const uint32_t rows = v->t->row_count;

	if (s->place == place || column_at(v, s->place)->derived)
		return false;
	if (!how->usually)
		return try_row(v, place, s->place, s->longest, how);
	return try_row(v, place, s->place, 0, how) || try_row(v, place, s->place, rows / 2, how) ||
	       try_row(v, place, s->place, rows - 1, how);
}

static enum err
spell_template(struct deriver *const v, const struct derivation *const how, struct span *const out)
{
	struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_add_str(&b, how->hole == HOLE_FIRST ? "{}" : "");
	buf_add_span(&b, how->hole == HOLE_FIRST ? how->between : how->before);
	buf_add_char(&b, '{');
	(void)spell_path(v->t, v->t->order[how->source], &b);
	if (how->after)
		buf_addf(&b, DERIVE_AFTER "%c", how->after);
	buf_add_char(&b, '}');
	buf_add_span(&b, how->hole == HOLE_LAST ? how->between : how->behind);
	buf_add_str(&b, how->hole == HOLE_LAST ? "{}" : "");
	*out = buf_err(&b) == OK ? arena_copy(v->a, buf_span(&b)) : SPAN_NONE;
	buf_free(&b);
	return out->p ? OK : ERR_NOMEM;
}

static enum err
derive(struct deriver *const v, const uint32_t place, const struct derivation *const how)
{
	struct column *const c = column_at(v, place);
	struct column *const source = column_at(v, how->source);

	TRY(spell_template(v, how, &c->pattern));
	c->derived = true;
	c->from_part = how->after != 0;
	c->has_hole = how->hole != HOLE_NONE;
	c->usually = how->usually;
	c->text = c->marked = false;
	c->prefix = c->suffix = 0;
	source->is_source = true;
	source->prefix = source->suffix = 0;
	for (uint32_t r = 0; r < v->t->row_count; r++) {
		struct cell *const x = cell_at(v, place, r);

		if (!x)
			continue;
		const struct span kept = kept_of(v, how, x->text, r);
		if (!how->usually)
			x->flags = (uint16_t)cell_flags(kept);
		else if (kept.p != x->text.p)
			x->flags = 0;
		else if (span_eq(kept, SPAN(DERIVE_SO)))
			x->flags |= CELL_QUOTED;
		x->text = kept;
	}
	return OK;
}

/* May it follow from another? */
static bool
is_candidate(const struct column *const c)
{
	return c->strings == c->cells && c->cells >= AFFIX_MIN_CELLS && !c->same && !c->constant &&
	       !c->is_key && !c->marked && !(c->flags & CELL_RAW);
}

/* A column that some rows lack must keep a cell. */
static bool
fits_rows(const struct deriver *const v, const struct column *const c,
	  const struct derivation *const how)
{
	return how->hole != HOLE_NONE || how->usually || c->cells == v->t->row_count - v->t->json_rows;
}

static int
by_length(const void *const x, const void *const y)
{
	const struct candidate *const a = x, *const b = y;

	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? 1 : -1;
	return a->place < b->place ? -1 : 1;
}

/* The longest come first: a path is made of a name, not the name of a path. */
static enum err
order_candidates(struct deriver *const v)
{
	v->candidates = ARENA_ARRAY(v->a, struct candidate, v->t->order_count);
	if (!v->candidates)
		return ERR_NOMEM;
	for (uint32_t k = 0; k < v->t->order_count; k++) {
		const struct column *const c = column_at(v, k);

		if (is_candidate(c))
			v->candidates[v->candidate_count++] =
				(struct candidate){ k, v->t->cells[c->first].text.n };
	}
	if (v->candidate_count)
		qsort(v->candidates, v->candidate_count, sizeof *v->candidates, by_length);
	return OK;
}

static enum err
try_column(struct deriver *const v, const uint32_t place, const bool usually)
{
	if (column_at(v, place)->derived)
		return OK;
	for (uint32_t s = 0; s < v->source_count && !column_at(v, place)->is_source; s++) {
		struct derivation how = { .usually = usually };
		const bool found = try_source(v, place, &v->sources[s], &how) &&
				   fits_rows(v, column_at(v, place), &how);

		v->searched += v->steps;
		if (!fuel_use(v->fuel, v->steps))
			return ERR_FUEL;
		v->steps = 0;
		if (found)
			return derive(v, place, &how);
	}
	return OK;
}

enum err
derive_choose(const struct json_doc *const d, struct table *const t, struct arena *const a,
	      struct fuel *const fuel)
{
	struct deriver v = { .d = d, .t = t, .a = a, .fuel = fuel };
	const uint64_t most = STEPS_PER_BYTE * t->bytes;

	if ((uint64_t)t->order_count * t->row_count > GRID_PER_CELL * (uint64_t)t->cell_count)
		return OK;
	TRY(fill_grid(&v));
	TRY(find_sources(&v));
	TRY(order_candidates(&v));
	for (uint32_t i = 0; i < v.candidate_count && v.searched <= most; i++)
		TRY(try_column(&v, v.candidates[i].place, false));
	if (t->row_count - t->json_rows >= OTHERS_MIN_ROWS)
		for (uint32_t i = 0; i < v.candidate_count && v.searched <= most; i++)
			TRY(try_column(&v, v.candidates[i].place, true));
	return fuel_use(fuel, v.steps) ? OK : ERR_FUEL;
}
