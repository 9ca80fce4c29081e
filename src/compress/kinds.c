#include "compress/kinds.h"

#include <stdlib.h>

#define SIGNATURES 64u	/* different lists of members that are told apart */
#define KEYS 64u	/* members of a row, and of a kind twice as many */
#define LEAST_ROWS 6u

/* Rough costs in quarters of a token. */
#define COST_CELL 3u	/* a separator or a mark for nothing */
#define COST_KEY 12u	/* a member's name in JSON */
#define COST_COLUMN 14u	/* … and in a columns line */
#define COST_MARK 6u	/* a kind's letter and its separator */

/* Rows with the same members in the same order. */
struct signature {
	uint64_t hash;
	uint32_t first;		/* node of the first such row */
	uint32_t keys;
	uint32_t rows;
	uint32_t place;		/* in order of appearance */
	uint8_t kind;
};

/* A kind that grows. */
struct group {
	uint32_t rows;
	uint32_t count;
	uint32_t cells;		/* of its rows */
	uint32_t keys[2 * KEYS];	/* nodes of names */
	uint32_t names[2 * KEYS];	/* their hashes */
};

struct kinds_finder {
	const struct json_doc *d;
	struct signature signatures[SIGNATURES];
	uint32_t signature_count;
	struct group groups[KINDS];
	uint32_t group_count;
	uint64_t compared;
};

/* FNV-1a of the name as it is spelled. */
static uint32_t
hash_name(const struct json_doc *const d, const uint32_t key)
{
	const struct span s = json_raw(d, key);
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 16777619u;
	return h;
}

static uint64_t
hash_keys(const struct json_doc *const d, const uint32_t row)
{
	uint64_t h = 14695981039346656037u;

	for (uint32_t i = row + 1; i < d->nodes[row].next; i = d->nodes[i + 1].next)
		h = (h ^ hash_name(d, i)) * 1099511628211u;
	return h;
}

/* The signature of a row. NULL: there are too many. */
static struct signature *
sign(struct kinds_finder *const f, const uint32_t row)
{
	const uint64_t hash = hash_keys(f->d, row);
	uint32_t i = 0;

	while (i < f->signature_count && f->signatures[i].hash != hash)
		i++;
	if (i == SIGNATURES)
		return NULL;
	if (i == f->signature_count)
		f->signatures[f->signature_count++] = (struct signature){
			.hash = hash, .first = row, .keys = f->d->nodes[row].count, .place = i };
	return &f->signatures[i];
}

/* The place of a name among a group's keys, searched from `from` on and round;
 * its count: none. */
static uint32_t
find_key(struct kinds_finder *const f, const struct group *const g, const uint32_t name,
	 const uint32_t from)
{
	for (uint32_t n = 0; n < g->count; n++) {
		const uint32_t i = from + n < g->count ? from + n : from + n - g->count;

		f->compared++;
		if (g->names[i] == name)
			return i;
	}
	return g->count;
}

/* How many members the row of `s` shares with the group; UINT32_MAX when they
 * stand in another order. */
static uint32_t
shared_keys(struct kinds_finder *const f, const struct group *const g, const struct signature *const s)
{
	const uint32_t end = f->d->nodes[s->first].next;
	uint32_t from = 0, shared = 0;

	for (uint32_t i = s->first + 1; i < end; i = f->d->nodes[i + 1].next) {
		const uint32_t at = find_key(f, g, hash_name(f->d, i), from);

		if (at == g->count)
			continue;
		if (at < from)
			return UINT32_MAX;
		from = at + 1;
		shared++;
	}
	return g->count + s->keys - shared > 2 * KEYS ? UINT32_MAX : shared;
}

static void
insert_key(struct group *const g, const uint32_t at, const uint32_t key, const uint32_t name)
{
	memmove(g->keys + at + 1, g->keys + at, (g->count - at) * sizeof *g->keys);
	memmove(g->names + at + 1, g->names + at, (g->count - at) * sizeof *g->names);
	g->keys[at] = key;
	g->names[at] = name;
	g->count++;
}

/* Adds the signature's rows to a group, names that are new each behind the one
 * before it. */
static void
join_group(struct kinds_finder *const f, struct signature *const s, const uint32_t group)
{
	struct group *const g = &f->groups[group];
	const uint32_t end = f->d->nodes[s->first].next;
	uint32_t from = 0;

	for (uint32_t i = s->first + 1; i < end; i = f->d->nodes[i + 1].next) {
		const uint32_t name = hash_name(f->d, i);
		uint32_t at = find_key(f, g, name, from);

		if (at == g->count) {
			insert_key(g, from, i, name);
			at = from;
		}
		from = at + 1;
	}
	g->rows += s->rows;
	g->cells += s->rows * s->keys;
	s->kind = (uint8_t)group;
}

/* Where the rows of `s` cost the least: in a group, in one of their own, or as
 * JSON. At most `most` groups. */
static void
place_signature(struct kinds_finder *const f, struct signature *const s, const uint32_t most)
{
	uint64_t best = (uint64_t)COST_KEY * s->rows * s->keys;
	uint32_t group = KIND_NONE;

	if (f->group_count < most && (uint64_t)COST_COLUMN * s->keys < best) {
		best = (uint64_t)COST_COLUMN * s->keys;
		group = f->group_count;
	}
	for (uint32_t k = 0; k < f->group_count; k++) {
		const struct group *const g = &f->groups[k];
		const uint32_t shared = shared_keys(f, g, s);

		if (shared == UINT32_MAX)
			continue;
		const uint32_t fresh = s->keys - shared;
		const uint64_t cost = (uint64_t)COST_COLUMN * fresh +
				      (uint64_t)COST_CELL * ((uint64_t)s->rows * (g->count - shared) +
							     (uint64_t)g->rows * fresh);
		if (cost < best) {
			best = cost;
			group = k;
		}
	}
	s->kind = KIND_NONE;
	if (group == KIND_NONE)
		return;
	if (group == f->group_count) {
		struct group *const g = &f->groups[f->group_count++];

		g->rows = g->count = g->cells = 0;
	}
	join_group(f, s, group);
}

/* Forms at most `most` groups; returns what keys, gaps and marks cost then. */
static uint64_t
form_groups(struct kinds_finder *const f, const uint32_t most)
{
	uint64_t cost = 0, marked = 0;

	f->group_count = 0;
	for (uint32_t i = 0; i < f->signature_count; i++) {
		struct signature *const s = &f->signatures[i];

		place_signature(f, s, most);
		if (s->kind == KIND_NONE)
			cost += (uint64_t)COST_KEY * s->rows * s->keys;
		else
			marked += s->rows;
	}
	for (uint32_t k = 0; k < f->group_count; k++) {
		const struct group *const g = &f->groups[k];

		cost += (uint64_t)COST_COLUMN * g->count +
			(uint64_t)COST_CELL * ((uint64_t)g->rows * g->count - g->cells);
	}
	return cost + (f->group_count > 1 ? COST_MARK * marked : 0);
}

static int
by_rows(const void *const x, const void *const y)
{
	const struct signature *const a = x, *const b = y;

	if (a->rows != b->rows)
		return a->rows < b->rows ? 1 : -1;
	return a->place < b->place ? -1 : 1;
}

/* Signs each row: its signature's number, KIND_NONE when it has none. */
static enum err
sign_rows(struct kinds_finder *const f, const struct row_list *const list, uint8_t *const of)
{
	const struct json_doc *const d = f->d;

	for (uint32_t n = 0; n < list->count; n++) {
		const uint32_t r = list->nodes[n];
		struct signature *s;

		of[n] = KIND_NONE;
		if (json_type(d, r) != JSON_OBJECT)
			continue;
		if (d->nodes[r].count > KEYS)
			return ERR_UNSUPPORTED;
		s = sign(f, r);
		if (!s)
			return ERR_UNSUPPORTED;
		s->rows++;
		of[n] = (uint8_t)s->place;
	}
	return OK;
}

static enum err
give_kinds(const struct kinds_finder *const f, const uint32_t rows, struct arena *const a,
	   struct kinds *const out)
{
	uint8_t kind_of[SIGNATURES];

	for (uint32_t i = 0; i < f->signature_count; i++)
		kind_of[f->signatures[i].place] = f->signatures[i].kind;
	for (uint32_t r = 0; r < rows; r++)
		if (out->of[r] != KIND_NONE)
			out->of[r] = kind_of[out->of[r]];
	for (uint32_t k = 0; k < f->group_count; k++) {
		const struct group *const g = &f->groups[k];
		uint32_t *const keys = ARENA_ARRAY(a, uint32_t, (size_t)g->count + 1);

		if (!keys)
			return ERR_NOMEM;
		memcpy(keys, g->keys, g->count * sizeof *keys);
		out->kind[k] = (struct row_kind){ .rows = g->rows, .keys = keys,
						  .key_count = g->count };
	}
	out->count = f->group_count;
	return OK;
}

struct kinds_finder *
kinds_finder_new(struct arena *const a)
{
	return arena_alloc(a, sizeof(struct kinds_finder));
}

enum err
kinds_find(struct kinds_finder *const f, const struct json_doc *const d,
	   const struct row_list *const list, struct arena *const a, struct fuel *const fuel, struct kinds *const out)
{
	const uint32_t rows = list->count;

	if (rows < LEAST_ROWS)
		return ERR_UNSUPPORTED;
	if (!fuel_use(fuel, rows + list->bytes / 8))
		return ERR_FUEL;
	out->of = arena_alloc(a, rows);
	if (!out->of)
		return ERR_NOMEM;
	f->d = d;
	f->signature_count = 0;
	f->compared = 0;
	TRY(sign_rows(f, list, out->of));
	qsort(f->signatures, f->signature_count, sizeof *f->signatures, by_rows);
	const uint64_t alone = form_groups(f, 1);
	if (form_groups(f, KINDS) >= alone)
		(void)form_groups(f, 1);
	if (!fuel_use(fuel, f->compared / 4))
		return ERR_FUEL;
	return give_kinds(f, rows, a, out);
}

/* Appends the columns of a kind's table, numbers moved behind those there are. */
static void
append_columns(struct table *const t, const struct table *const part, struct table_kind *const kind)
{
	const uint32_t by = t->column_count;

	*kind = (struct table_kind){ t->order_count, t->order_count + part->order_count, by };
	for (uint32_t i = 0; i < part->column_count; i++) {
		struct column c = part->columns[i];

		c.parent += c.parent ? by : 0;
		c.child += c.child ? by : 0;
		c.sibling += c.sibling ? by : 0;
		t->columns[t->column_count++] = c;
	}
	for (uint32_t k = 0; k < part->order_count; k++)
		t->order[t->order_count++] = (uint16_t)(part->order[k] + by);
	t->full = t->full && part->full;
	t->nulls += part->nulls;
	t->gain += part->gain;
}

/* Appends the cells of the kind's row `from`, and moves what the columns say of
 * them. */
static void
append_cells(struct table *const t, const struct table *const part, const uint32_t from,
	     const uint32_t by)
{
	for (uint32_t i = part->rows[from].cells; i < part->rows[from + 1].cells; i++) {
		const struct column *const was = &part->columns[part->cells[i].column];
		struct column *const c = &t->columns[part->cells[i].column + by];

		c->first = was->first == i ? t->cell_count : c->first;
		c->last = was->last == i ? t->cell_count : c->last;
		c->first_long = was->first_long == i ? t->cell_count : c->first_long;
		t->cells[t->cell_count] = part->cells[i];
		t->cells[t->cell_count++].column = (uint16_t)(part->cells[i].column + by);
	}
}

static enum err
make_room(const struct table *const parts, const uint32_t kinds, struct arena *const a,
	  struct table *const t)
{
	uint32_t columns = 0, order = 0, cells = 0;

	for (uint32_t k = 0; k < kinds; k++) {
		columns += parts[k].column_count;
		order += parts[k].order_count;
		cells += parts[k].cell_count;
	}
	t->columns = ARENA_ARRAY(a, struct column, (size_t)columns + 1);
	t->order = ARENA_ARRAY(a, uint16_t, (size_t)order + 1);
	t->cells = ARENA_ARRAY(a, struct cell, (size_t)cells + 1);
	t->rows = ARENA_ARRAY(a, struct row, (size_t)t->row_count + 1);
	t->kinds = ARENA_ARRAY(a, struct table_kind, (size_t)kinds + 1);
	return t->columns && t->order && t->cells && t->rows && t->kinds ? OK : ERR_NOMEM;
}

enum err
kinds_join(const struct row_list *const list, const struct kinds *const kinds,
	   const struct table *const parts, struct arena *const a, struct table *const out)
{
	struct table t = { .row_count = list->count, .keyed = list->keyed, .full = true,
			   .bytes = list->bytes, .kind_count = kinds->count };
	uint32_t done[KINDS] = { 0 };

	TRY(make_room(parts, kinds->count, a, &t));
	for (uint32_t k = 0; k < kinds->count; k++)
		append_columns(&t, &parts[k], &t.kinds[k]);
	for (uint32_t n = 0; n < t.row_count; n++) {
		const uint8_t k = kinds->of[n];
		const uint32_t from = k == KIND_NONE ? 0 : done[k]++;

		t.rows[n] = (struct row){ list->nodes[n], t.cell_count, true, k };
		if (k != KIND_NONE && !parts[k].rows[from].json) {
			t.rows[n].json = false;
			append_cells(&t, &parts[k], from, t.kinds[k].columns);
		}
		t.json_rows += t.rows[n].json;
	}
	t.rows[t.row_count] = (struct row){ .cells = t.cell_count };
	if (t.kind_count == 1)
		t.kinds = NULL;
	*out = t;
	return t.gain <= COST_TABLE || t.json_rows > t.row_count / 2 ? ERR_UNSUPPORTED : OK;
}
