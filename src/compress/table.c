#include "compress/table.h"

#include "compress/rows.h"

/* Rough costs in quarters of a token, for choices between forms that are built;
 * what is sent in the end is counted exactly. */
#define COST_CELL 3u		/* a separator or a mark for nothing */
#define COST_KEY 10u		/* quotes, colon and comma around a key in JSON */
#define COST_ITEM 4u		/* brackets and comma of an element */
#define COST_COLUMN 4u		/* a column's separator and marks, its path apart */

/* Columns that keys may be compared with: all others once when they are new,
 * and so many a node. */
#define COMPARED_BASE (TABLE_COLUMNS * TABLE_COLUMNS / 2u)
#define COMPARED_PER_NODE 16u

static enum err
walk_rows(struct row_walk *const w, const struct row_list *const list, const struct row_kind *const kind,
	  struct fuel *const fuel, struct row *const rows, uint32_t *const json_rows)
{
	const struct json_doc *const d = w->d;
	uint32_t n = 0;
	uint64_t nodes = 0;

	*json_rows = 0;
	for (uint32_t place = 0; place < list->count; place++) {
		const uint32_t r = list->nodes[place];
		bool fits;
		const uint32_t start = w->cell_count;
		const uint64_t compared = w->compared;

		nodes += 1 + list->keyed + d->nodes[r].next - r;
		if (kind && kind->of[place] != kind->number)
			continue;
		TRY(row_walk(w, r, &fits));
		/* Rows that share few keys make a table of holes. */
		if (w->compared > COMPARED_BASE + COMPARED_PER_NODE * nodes)
			return ERR_UNSUPPORTED;
		if (!fuel_use(fuel, w->steps + (w->compared - compared) / 4 + 1))
			return ERR_FUEL;
		w->steps = 0;
		*json_rows += !fits;
		if (rows)
			rows[n] = (struct row){ r, start, !fits, 0 };
		n++;
	}
	if (rows)
		rows[n] = (struct row){ .cells = w->cell_count };
	return OK;
}

/* Closes the containers that are the same wherever they are, and those whose
 * columns would stand mostly empty; children before parents (a parent's number
 * is the smaller one). Returns the columns with cells that remain; *gain is what
 * a table saves on keys, in quarter tokens. */
static uint32_t
close_sparse(struct column *const c, const uint32_t n, const uint32_t rows, int64_t *const gain)
{
	uint32_t below[TABLE_COLUMNS] = { 0 };	/* columns with cells under each */
	uint32_t path[TABLE_COLUMNS] = { 0 };	/* bytes of the path to each */
	uint64_t named[TABLE_COLUMNS] = { 0 };	/* cost of naming those columns */
	uint64_t keys[TABLE_COLUMNS] = { 0 };	/* cost of their keys in JSON */

	for (uint32_t i = 1; i < n; i++)
		path[i] = path[c[i].parent] + (c[i].is_item ? 3 : (uint32_t)c[i].name.n + 1);
	for (uint32_t i = n; i-- > 1;) {
		const uint64_t key = c[i].is_item ? COST_ITEM : COST_KEY + c[i].name.n;
		const uint64_t flat = COST_CELL * (uint64_t)rows * below[i] + named[i];
		const bool uneven = c[i].most > 0 && c[i].fewest != c[i].most;
		const bool repeated = c[i].opened > 1 && c[i].uniform && c[i].longs == 0;

		c[i].closed = c[i].closed || (c[i].opened && (uneven || repeated ||
					       flat >= keys[i] + COST_CELL * (uint64_t)rows));
		if (c[i].closed) {
			c[i].cells += c[i].opened;
			below[i] = 0;
			named[i] = 0;
			keys[i] = 0;
		} else {
			keys[i] += key * c[i].opened;
		}
		if (c[i].cells) {
			below[i]++;
			named[i] += COST_COLUMN + path[i];
			keys[i] += key * c[i].cells;
		}
		below[c[i].parent] += below[i];
		named[c[i].parent] += named[i];
		keys[c[i].parent] += keys[i];
	}
	*gain = (int64_t)keys[0] -
		(int64_t)(COST_CELL * (uint64_t)rows * below[0] + named[0]);
	return below[0];
}

/* The columns with cells in key order: a path's own cell, then its members. */
static uint32_t
order_columns(const struct column *const c, uint16_t *const order)
{
	uint32_t n = 0, i = c[0].child;

	while (i) {
		if (c[i].cells)
			order[n++] = (uint16_t)i;
		if (c[i].child) {
			i = c[i].child;
			continue;
		}
		while (i && !c[i].sibling)
			i = c[i].parent;
		if (i)
			i = c[i].sibling;
	}
	return n;
}

static uint32_t
common_prefix(const struct span a, const struct span b, const uint32_t most)
{
	uint32_t n = 0;

	while (n < most && n < a.n && n < b.n && a.p[n] == b.p[n])
		n++;
	return n;
}

static uint32_t
common_suffix(const struct span a, const struct span b, const uint32_t most)
{
	uint32_t n = 0;

	while (n < most && n < a.n && n < b.n && a.p[a.n - 1 - n] == b.p[b.n - 1 - n])
		n++;
	return n;
}

static void
note_string(struct column *const c, const struct cell *const cell, const struct span first)
{
	const uint32_t n = (uint32_t)cell->text.n;

	c->flags |= cell->flags;
	c->typed += (cell->flags & CELL_TYPED) != 0;
	if (c->strings++ == 0) {
		c->prefix = c->suffix = c->shortest = n;
		return;
	}
	c->shortest = n < c->shortest ? n : c->shortest;
	c->prefix = common_prefix(first, cell->text, c->prefix);
	c->suffix = common_suffix(first, cell->text, c->suffix);
}

static bool
same_cell(const struct json_doc *const d, const struct cell *const x, const struct cell *const y)
{
	return json_type(d, x->node) == json_type(d, y->node) && x->flags == y->flags &&
	       span_eq(x->text, y->text);
}

static void
note_long(const struct json_doc *const d, const struct table *const t, struct column *const c,
	  const uint32_t i)
{
	if (!cell_is_long(t->cells[i].text))
		return;
	if (c->longs++ == 0)
		c->first_long = i;
	else if (c->alike)
		c->alike = same_cell(d, &t->cells[i], &t->cells[c->first_long]);
}

/* What the cells of each column have in common. */
static void
note_cells(const struct json_doc *const d, struct table *const t)
{
	for (uint32_t i = 1; i < t->column_count; i++) {
		t->columns[i].cells = t->columns[i].strings = t->columns[i].nulls = 0;
		t->columns[i].longs = 0;
		t->columns[i].same = t->columns[i].alike = true;
	}
	for (uint32_t i = 0; i < t->cell_count; i++) {
		const struct cell *const cell = &t->cells[i];
		struct column *const c = &t->columns[cell->column];
		const enum json_type type = json_type(d, cell->node);

		if (c->cells++ == 0)
			c->first = i;
		c->last = i;
		const struct cell *const first = &t->cells[c->first];
		if (c->same && cell != first)
			c->same = same_cell(d, cell, first);
		note_long(d, t, c, i);
		if (type == JSON_STRING)
			note_string(c, cell, c->strings ? first->text : cell->text);
		else
			c->nulls += type == JSON_NULL;
	}
}

static void
choose_constants(struct table *const t)
{
	t->full = true;
	for (uint32_t k = 0; k < t->order_count; k++) {
		struct column *const c = &t->columns[t->order[k]];
		const bool texts = c->strings && c->strings + c->nulls == c->cells;

		const bool full = c->cells == t->row_count - t->json_rows;

		c->constant = c->same && full;
		t->full = t->full && full;
		t->nulls += c->constant ? 0 : c->nulls;
		c->marked = c->alike && c->longs > 1 && !c->constant;
		c->text = texts && !c->constant && c->typed > 1;
		if (c->is_key)
			c->text = true;
		if (c->same || c->is_key || c->strings != c->cells || (c->flags & CELL_RAW))
			c->prefix = c->suffix = 0;
	}
}

static enum err
fill(const struct json_doc *const d, const struct row_walk *const first,
     const struct row_list *const list, const struct row_kind *const kind,
     struct arena *const a, struct fuel *const fuel, struct table *const t)
{
	struct row_walk w;

	t->column_count = first->column_count;
	t->columns = ARENA_ARRAY(a, struct column, t->column_count);
	t->order = ARENA_ARRAY(a, uint16_t, t->column_count);
	t->rows = ARENA_ARRAY(a, struct row, (size_t)t->row_count + 1);
	t->cells = ARENA_ARRAY(a, struct cell, first->cell_count + 1);
	if (!t->columns || !t->order || !t->rows || !t->cells)
		return ERR_NOMEM;
	memcpy(t->columns, first->columns, t->column_count * sizeof *t->columns);
	for (uint32_t i = 0; i < t->column_count; i++)
		t->columns[i].cells = 0;
	w = *first;
	w.compared = 0;
	w.columns = t->columns;
	w.cells = t->cells;
	w.cell_room = first->cell_count;
	w.cell_count = 0;
	TRY(walk_rows(&w, list, kind, fuel, t->rows, &t->json_rows));
	t->cell_count = w.cell_count;
	t->order_count = order_columns(t->columns, t->order);
	if (!fuel_use(fuel, t->cell_count))
		return ERR_FUEL;
	note_cells(d, t);
	choose_constants(t);
	return OK;
}

/* Reads the rows of the list, or those of a kind; `most_json` of them may not fit. */
static enum err
read_rows(struct row_walk *const w, const struct row_list *const list,
	  const struct row_kind *const kind, const uint32_t most_json, struct fuel *const fuel,
	  struct table *const t)
{
	for (uint32_t i = 0; kind && i < kind->key_count; i++)
		TRY(row_walk_add(w, kind->keys[i]));
	TRY(walk_rows(w, list, kind, fuel, NULL, &t->json_rows));
	if (t->json_rows > most_json)
		return ERR_UNSUPPORTED;
	close_sparse(w->columns, w->column_count, t->row_count, &t->gain);
	t->bytes = list->bytes * t->row_count / list->count;
	/* Of kinds the table of all must pay. */
	return t->gain > (kind ? 0 : COST_TABLE) ? fill(w->d, w, list, kind, w->a, fuel, t)
						 : ERR_UNSUPPORTED;
}

enum err
table_read(const struct json_doc *const d, const struct definitions *const definitions,
	   const struct row_list *const list, const struct row_kind *const kind,
	   struct column *const work, struct arena *const a,
	   struct fuel *const fuel, struct table *const out)
{
	struct table t = { .row_count = kind ? kind->rows : list->count, .keyed = list->keyed };
	struct row_walk w;

	if (!kind && t.row_count < TABLE_ROWS)
		return ERR_UNSUPPORTED;
	row_walk_init(&w, d, t.keyed, work, a);
	w.definitions = definitions;
	TRY(read_rows(&w, list, kind, t.row_count / 2, fuel, &t));
	*out = t;
	return OK;
}

/* Leaves the column after which the rows are named as it is. */
static enum err
keep_names(struct table *const t, const struct span name)
{
	for (uint32_t k = 0; k < t->order_count; k++) {
		struct column *const c = &t->columns[t->order[k]];

		if (c->parent != 0 || c->raw_name || !span_eq(c->name, name))
			continue;
		if (c->constant || c->strings != t->row_count)
			return ERR_UNSUPPORTED;
		c->is_source = true;
		c->marked = c->text = false;
		c->prefix = c->suffix = 0;
		return OK;
	}
	return ERR_UNSUPPORTED;
}

enum err
table_read_group(const struct json_doc *const d, const struct definitions *const definitions,
		 const struct definition_group *const g, const struct row_list *const list,
		 struct column *const work, struct arena *const a, struct fuel *const fuel,
		 struct table *const out)
{
	struct table t = { .row_count = g->count };
	struct row_walk w;

	row_walk_init(&w, d, false, work, a);
	w.definitions = definitions;
	w.defining = true;
	TRY(read_rows(&w, list, NULL, 0, fuel, &t));
	if (g->named_by.p)
		TRY(keep_names(&t, g->named_by));
	*out = t;
	return OK;
}
