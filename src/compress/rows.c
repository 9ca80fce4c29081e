#include "compress/rows.h"

#include "json/text.h"

/* An opened container of the row. */
struct frame {
	uint32_t node;
	uint32_t column;
	uint32_t last;	/* the child that came last; 0: none yet */
	uint32_t cells;	/* how many there were before it */
	uint32_t item;	/* elements so far */
	bool array;
};

struct key {
	struct span name;
	uint32_t item;
	bool is_item;
	bool raw;
};

void
row_walk_init(struct row_walk *const w, const struct json_doc *const d, const bool keyed,
	      struct column *const work, struct arena *const a)
{
	*w = (struct row_walk){ .d = d, .columns = work, .column_count = 1 + keyed,
				.keyed = keyed, .a = a };
	work[0] = (struct column){ .child = keyed };
	work[1] = (struct column){ .name = SPAN(TABLE_KEY), .depth = 1, .is_key = true };
}

static bool
is_named(const struct column *const c, const struct key *const k)
{
	if (k->is_item || c->is_item)
		return k->is_item && c->is_item && c->item == k->item;
	return !c->is_key && c->raw_name == k->raw && span_eq(c->name, k->name);
}

static uint32_t
add_child(struct row_walk *const w, const uint32_t parent, const uint32_t after,
	  const struct key *const k)
{
	const uint32_t fresh = w->column_count;
	uint32_t *const link = after ? &w->columns[after].sibling : &w->columns[parent].child;

	if (fresh == TABLE_COLUMNS)
		return 0;
	w->columns[fresh] = (struct column){
		.name = k->name,
		.raw_name = k->raw,
		.item = k->item,
		.is_item = k->is_item,
		.parent = parent,
		.depth = (uint16_t)(w->columns[parent].depth + 1),
		.sibling = *link,
		.fewest = UINT32_MAX,
	};
	*link = fresh;
	w->column_count++;
	return fresh;
}

/* The child of `f->column` for key `k`, which must stand after f->last; a new
 * one is put right behind it. 0: it stands before, or the columns are full. */
static uint32_t
find_child(struct row_walk *const w, const struct frame *const f, const struct key *const k)
{
	const struct column *const c = w->columns;
	const uint32_t head = c[f->column].child;
	const uint32_t from = f->last ? c[f->last].sibling : head;

	for (uint32_t i = from; i; i = c[i].sibling) {
		w->compared++;
		if (is_named(&c[i], k))
			return i;
	}
	for (uint32_t i = head; i != from; i = c[i].sibling) {
		w->compared++;
		if (is_named(&c[i], k))
			return 0;
	}
	return add_child(w, f->column, f->last, k);
}

static enum err
read_key(struct row_walk *const w, const uint32_t node, struct key *const k)
{
	const enum err e = json_string(w->d, node, w->a, &k->name);

	if (e == ERR_UNSUPPORTED) {
		k->name = json_inner(w->d, node);
		k->raw = true;
		return OK;
	}
	if (e == OK && (cell_flags(k->name) & CELL_RAW)) {
		k->name = json_inner(w->d, node);
		k->raw = true;
	}
	return e;
}

enum err
row_walk_add(struct row_walk *const w, const uint32_t key)
{
	const uint32_t last = w->column_count - 1;
	struct key k = { .is_item = false };

	/* With escapes it may be another's name, spelled otherwise. */
	if (w->d->nodes[key].escaped)
		return OK;
	TRY(read_key(w, key, &k));
	w->steps += k.name.n;
	return add_child(w, 0, last, &k) ? OK : ERR_UNSUPPORTED;
}

static bool
is_openable(const struct row_walk *const w, const uint32_t node, const struct column *const c)
{
	const struct json_node *const n = &w->d->nodes[node];

	if (define_of(w->definitions, node) || c->closed || c->depth >= TABLE_DEPTH || n->count == 0)
		return false;
	if (n->type == JSON_OBJECT)
		return true;
	return n->type == JSON_ARRAY && n->count <= TABLE_ITEMS &&
	       w->d->nodes[node + 1].type == JSON_OBJECT &&
	       !define_of(w->definitions, node + 1);
}

static enum err
add_cell(struct row_walk *const w, const uint32_t column, const uint32_t node)
{
	/* The name of a text is for the writer alone: columns are chosen by what it says. */
	const bool container = json_type(w->d, node) >= JSON_ARRAY;
	const uint32_t named = container ? define_of(w->definitions, node) : 0;
	const struct span text = named ? w->definitions->list[named - 1].name
				       : json_raw(w->d, node);

	if (w->cells) {
		if (w->cell_count == w->cell_room)
			return ERR_LIMIT;
		struct cell *const c = &w->cells[w->cell_count];

		*c = (struct cell){ text, node, (uint16_t)column, 0 };
		if (json_type(w->d, node) == JSON_STRING) {
			const enum err e = json_string(w->d, node, w->a, &c->text);

			if (e != OK && e != ERR_UNSUPPORTED)
				return e;
			c->flags = (uint16_t)(e == OK ? cell_flags(c->text) : CELL_RAW);
			w->steps += c->text.n;
		}
	}
	w->columns[column].cells++;
	w->columns[column].longs += cell_is_long(text);
	w->cell_count++;
	return OK;
}

static void
open_container(struct row_walk *const w, struct frame *const f, const uint32_t column,
	       const uint32_t node)
{
	struct column *const c = &w->columns[column];
	const uint32_t count = w->d->nodes[node].count;

	if (c->opened++ == 0) {
		c->model = node;
		c->uniform = cell_is_long(json_raw(w->d, node));
	} else if (c->uniform) {
		c->uniform = span_eq(json_raw(w->d, node), json_raw(w->d, c->model));
		w->steps += w->d->nodes[node].len / 8;
	}
	*f = (struct frame){ .node = node, .column = column, .cells = w->cell_count,
			     .array = json_type(w->d, node) == JSON_ARRAY };
	if (f->array) {
		c->fewest = count < c->fewest ? count : c->fewest;
		c->most = count > c->most ? count : c->most;
	}
}

/* Forgets the cells from `keep` on. A walk that only counts keeps them: its sum
 * is the room that the next walk may need for a moment. */
static void
take_back(struct row_walk *const w, const uint32_t keep)
{
	if (!w->cells)
		return;
	for (uint32_t i = keep; i < w->cell_count; i++)
		w->columns[w->cells[i].column].cells--;
	w->cell_count = keep;
}

/* The next child of the innermost container: its node in *node and column. */
static enum err
next_child(struct row_walk *const w, struct frame *const f, uint32_t *const node,
	   uint32_t *const column)
{
	struct key k = { .is_item = f->array, .item = f->item };

	if (f->array) {
		f->item++;
	} else {
		TRY(read_key(w, *node, &k));
		w->steps += k.name.n;
		++*node;
	}
	*column = find_child(w, f, &k);
	return OK;
}

/* The object or array `f` does not fit the columns: it becomes one cell. Those
 * that seldom fit are closed once the columns are chosen: not while cells are
 * kept, or they would stand in two columns. */
static void
give_up(struct row_walk *const w, const struct frame *const f)
{
	struct column *const c = &w->columns[f->column];

	take_back(w, f->cells);
	c->misfits++;
	if (!w->cells && c->misfits > TABLE_MISFITS && 2 * c->misfits > c->opened)
		c->closed = true;
}

enum err
row_walk(struct row_walk *const w, const uint32_t row, bool *const fits)
{
	struct frame stack[TABLE_DEPTH + 1];
	uint32_t depth = 1, i = row + 1, column;

	*fits = json_type(w->d, row) == JSON_OBJECT &&
		(w->defining || !define_of(w->definitions, row));
	if (!*fits)
		return OK;
	stack[0] = (struct frame){ .node = row, .cells = w->cell_count, .last = w->keyed };
	if (w->keyed)
		TRY(add_cell(w, 1, row - 1));
	while (depth) {
		struct frame *const f = &stack[depth - 1];

		w->steps++;
		if (i >= w->d->nodes[f->node].next) {
			depth--;
			continue;
		}
		TRY(next_child(w, f, &i, &column));
		if (!column && depth == 1) {
			take_back(w, f->cells);
			*fits = false;
			return OK;
		}
		if (!column) {
			give_up(w, f);
			i = f->node;
			column = f->column;
			depth--;
		} else {
			f->last = column;
			if (is_openable(w, i, &w->columns[column])) {
				open_container(w, &stack[depth++], column, i);
				i++;
				continue;
			}
		}
		TRY(add_cell(w, column, i));
		i = w->d->nodes[i].next;
	}
	return OK;
}
