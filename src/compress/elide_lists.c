#include "compress/elide_number.h"
#include "compress/elide_rows.h"

#define LEAST_ITEMS 32u		/* shorter lists stay whole */
#define FIRST_ITEMS 3u
#define LAST_ITEMS 2u
#define SMALL_GAP_BYTES 24u	/* shorter gaps are filled */
#define FEW_SHARE 20u		/* an item that the hints name is specific up to 5 % */

struct lists {
	const struct json_doc *d;
	uint8_t *numeric;	/* per node: a number, or a list of nothing else */
	uint8_t *left_out;
	const struct lexicon *x;
	uint32_t items, kept;	/* of lists that are shortened */
};

/* Children stand behind their list. */
static void
find_numeric(const struct lists *const l)
{
	const struct json_node *const nodes = l->d->nodes;

	for (uint32_t i = l->d->count; i-- > 0;) {
		l->numeric[i] = nodes[i].type == JSON_NUMBER ||
				(nodes[i].type == JSON_ARRAY && nodes[i].count > 0);
		if (nodes[i].type == JSON_ARRAY)
			for (uint32_t k = i + 1; k < nodes[i].next && l->numeric[i]; k = nodes[k].next)
				l->numeric[i] = l->numeric[k];
	}
}

/* The least and the greatest of a list's numbers stay. */
static void
keep_ends(const struct lists *const l, const uint32_t list)
{
	double least = 0, most = 0, number;
	uint32_t low = 0, high = 0;

	for (uint32_t i = list + 1; i < l->d->nodes[list].next; i = l->d->nodes[i].next) {
		if (json_type(l->d, i) != JSON_NUMBER || !elide_number(json_raw(l->d, i), &number))
			continue;
		if (!low || number < least) {
			least = number;
			low = i;
		}
		if (!high || number > most) {
			most = number;
			high = i;
		}
	}
	l->left_out[low] = l->left_out[high] = 0;
}

static void
keep_matches(const struct lists *const l, const uint32_t list)
{
	const struct json_node *const nodes = l->d->nodes;
	struct reading r;
	uint32_t n = 0;

	for (unsigned keep = 0; keep < 2; keep++) {
		for (uint32_t i = list + 1; i < nodes[list].next; i = nodes[i].next) {
			lexicon_read(l->x, json_raw(l->d, i), &r);
			n += r.phrases != 0;
			if (keep && r.phrases)
				l->left_out[i] = 0;
		}
		if (n > nodes[list].count / FEW_SHARE)
			return;
	}
}

/* Returns how many items are left out in the end. */
static uint32_t
fill_small_gaps(const struct lists *const l, const uint32_t list)
{
	const struct json_node *const nodes = l->d->nodes;
	uint32_t i = list + 1, end, left_out = 0;

	for (; i < nodes[list].next; i = end < nodes[list].next ? nodes[end].next : end) {
		uint32_t items = 0;
		size_t bytes = 0;

		for (end = i; end < nodes[list].next && l->left_out[end]; end = nodes[end].next) {
			bytes += nodes[end].len + 1;
			items++;
		}
		left_out += bytes > SMALL_GAP_BYTES ? items : 0;
		for (; bytes <= SMALL_GAP_BYTES && i < end; i = nodes[i].next)
			l->left_out[i] = 0;
	}
	return left_out;
}

static uint32_t
shorten(const struct lists *const l, const uint32_t list)
{
	const struct json_node *const nodes = l->d->nodes;
	uint32_t item = 0;

	for (uint32_t i = list + 1; i < nodes[list].next; i = nodes[i].next, item++)
		l->left_out[i] = item >= FIRST_ITEMS && item + LAST_ITEMS < nodes[list].count;
	keep_ends(l, list);
	if (l->x->phrase_count)
		keep_matches(l, list);
	return fill_small_gaps(l, list);
}

/* Lists within rows that are left out are shortened like their equals elsewhere, as they
 * may be written once for all, but do not count. */
static void
mark_rows(const struct lists *const l, const struct plan *const p, const bool mark)
{
	for (uint32_t i = 0; i < p->count; i++) {
		const struct table *const t = &p->tables[i];

		for (uint32_t r = 0; t->reasons && r < t->row_count; r++)
			if (!t->reasons[r])
				l->left_out[t->rows[r].node] = mark;
	}
}

enum err
lists_choose(struct plan *const p, const struct lexicon *const x, struct arena *const a,
	     struct fuel *const fuel, bool *const any)
{
	const struct json_doc *const d = &p->source->doc;
	struct lists l = { .d = d, .x = x };

	if (!fuel_use(fuel, 2 * (uint64_t)d->count))
		return ERR_FUEL;
	l.numeric = arena_zalloc(a, d->count);
	l.left_out = arena_zalloc(a, d->count);
	if (!l.numeric || !l.left_out)
		return ERR_NOMEM;
	find_numeric(&l);
	mark_rows(&l, p, true);
	for (uint32_t i = 0, hidden = 0; i < d->count; i++) {
		if (l.left_out[i] && i >= hidden)
			hidden = d->nodes[i].next;
		if (!l.numeric[i] || d->nodes[i].type != JSON_ARRAY || p->table_of[i] ||
		    d->nodes[i].count < LEAST_ITEMS)
			continue;
		if (!fuel_use(fuel, 3 * (uint64_t)d->nodes[i].len))
			return ERR_FUEL;
		const uint32_t left_out = shorten(&l, i);
		if (left_out && i >= hidden) {
			l.items += d->nodes[i].count;
			l.kept += d->nodes[i].count - left_out;
		}
	}
	mark_rows(&l, p, false);
	p->left_out = l.items ? l.left_out : NULL;
	p->items = l.items;
	p->items_kept = l.kept;
	*any |= l.items > 0;
	return OK;
}
