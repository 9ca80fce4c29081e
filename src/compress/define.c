#include "compress/define.h"

#include <stdlib.h>

#include "compress/define_text.h"
#include "compress/intern.h"
#include "compress/node_cost.h"

/* In quarters of a token. */
#define COST_NAME 10u		/* a name in place of a value */
#define COST_DEFINITION 10u	/* beside the value itself */
/* By each name: less is not worth hiding a value, or one whose name tells nothing. */
#define LEAST_SAVED 12u
#define LEAST_SAVED_BLIND 40u
#define LEAST_GAIN 16u
#define MUCH 80u
/* Of all that the form costs, the part that names must gain: a second plan costs time. */
#define GAIN_PART 256u
#define COST_ADDRESS 4u
#define ADDRESS_BYTES 9u	/* of a string in which its "://" would be */

#define UNKNOWN UINT32_MAX

/* A class of containers, among those of its height. */
struct entry {
	uint32_t class;
	uint32_t height;	/* containers within one another */
	uint64_t shape;		/* hash of an object's keys */
};

struct definer {
	const struct plan *plain;
	const struct json_doc *d;
	struct arena *a;
	struct fuel *fuel;
	struct interned values;
	uint32_t *cost;		/* per node: where the plan writes it, and as JSON */
	uint32_t *json;
	uint16_t *height;	/* per node */
	uint8_t *is_key;	/* per node */
	uint32_t *by_height;	/* containers, lowest first */
	uint32_t containers;
	struct entry *entries;
	uint32_t entry_count;
	/* Per class. */
	uint64_t *sum;		/* what all its nodes cost */
	uint32_t *uses;		/* nodes that are not within another definition's name */
	uint32_t *rows;		/* of the longest table in which it is a row */
	uint32_t *within;	/* 1 + the class of what holds it; 0: several classes */
	bool *chosen;
	uint64_t gain;		/* of all that is chosen */
};

static bool
is_container(const struct definer *const w, const uint32_t node)
{
	return w->d->nodes[node].type >= JSON_ARRAY;
}

/* Its class if its value is chosen. */
static bool
is_chosen(const struct definer *const w, const uint32_t node)
{
	return is_container(w, node) && w->chosen[intern_class(&w->values, node)];
}

/* Notes that the value `inner` stands in the container `outer`. */
static void
note_within(struct definer *const w, const uint32_t inner, const uint32_t outer)
{
	if (!is_container(w, inner))
		return;
	const uint32_t holder = 1 + intern_class(&w->values, outer);
	uint32_t *const within = &w->within[intern_class(&w->values, inner)];

	*within = *within == UNKNOWN || *within == holder ? holder : 0;
}

static enum err
measure_heights(struct definer *const w)
{
	const struct json_node *const nodes = w->d->nodes;
	uint32_t starts[SOURCE_DEPTH + 2] = { 0 };

	for (uint32_t i = w->d->count; i-- > 0;) {
		uint16_t most = 0;

		if (!is_container(w, i)) {
			w->height[i] = 0;
			continue;
		}
		for (uint32_t k = i + 1; k < nodes[i].next; k = nodes[k].next) {
			most = w->height[k] > most ? w->height[k] : most;
			note_within(w, k, i);
		}
		for (uint32_t k = i + 1; nodes[i].type == JSON_OBJECT && k < nodes[i].next;
		     k = nodes[k + 1].next)
			w->is_key[k] = 1;
		w->height[i] = (uint16_t)(most + 1);
		starts[most + 1]++;
		w->containers++;
	}
	for (uint32_t h = 1; h < SOURCE_DEPTH + 2; h++)
		starts[h] += starts[h - 1];
	for (uint32_t i = w->d->count; i-- > 0;)
		if (is_container(w, i))
			w->by_height[--starts[w->height[i]]] = i;
	return fuel_use(w->fuel, 3 * (uint64_t)w->d->count) ? OK : ERR_FUEL;
}

static uint64_t
shape_of(const struct definer *const w, const uint32_t node)
{
	const struct json_node *const nodes = w->d->nodes;
	uint64_t h = nodes[node].count;

	for (uint32_t i = node + 1; i < nodes[node].next; i = nodes[i + 1].next)
		h = (h ^ w->values.id[i]) * 0x9e3779b97f4a7c15u, h ^= h >> 29;
	return h;
}

static int
by_shape(const void *const x, const void *const y)
{
	const struct entry *const a = x, *const b = y;

	if (a->height != b->height)
		return a->height < b->height ? -1 : 1;
	if (a->shape != b->shape)
		return a->shape < b->shape ? -1 : 1;
	return a->class < b->class ? -1 : a->class > b->class;
}

/* Lists the classes of containers, those of one height and shape side by side. */
static enum err
list_entries(struct definer *const w)
{
	uint64_t steps = 0;

	w->entries = ARENA_ARRAY(w->a, struct entry, w->values.count);
	if (!w->entries)
		return ERR_NOMEM;
	for (uint32_t c = 0; c < w->values.count; c++) {
		const uint32_t node = w->values.classes[c].first;
		const bool object = w->d->nodes[node].type == JSON_OBJECT;

		if (!is_container(w, node))
			continue;
		w->entries[w->entry_count++] = (struct entry){
			c, w->height[node], object ? shape_of(w, node) : c };
		steps += w->d->nodes[node].count + 16u;
	}
	qsort(w->entries, w->entry_count, sizeof *w->entries, by_shape);
	return fuel_use(w->fuel, steps) ? OK : ERR_FUEL;
}

/* Do two objects have the same keys? */
static bool
same_shape(const struct definer *const w, const struct entry *const x, const struct entry *const y)
{
	const struct json_node *const nodes = w->d->nodes;
	uint32_t i = w->values.classes[x->class].first, k = w->values.classes[y->class].first;
	const uint32_t end = nodes[i].next;

	if (x->height != y->height || x->shape != y->shape || nodes[i].type != JSON_OBJECT ||
	    nodes[k].type != JSON_OBJECT || nodes[i].count != nodes[k].count)
		return false;
	for (i++, k++; i < end; i = nodes[i + 1].next, k = nodes[k + 1].next)
		if (w->values.id[i] != w->values.id[k])
			return false;
	return true;
}

/* Notes the rows of the plan's tables: a table is left to be one. */
static void
note_rows(struct definer *const w)
{
	for (uint32_t k = 0; k < w->plain->count; k++) {
		const struct table *const t = &w->plain->tables[k];

		for (uint32_t r = 0; r < t->row_count; r++) {
			const uint32_t node = t->rows[r].node;

			if (!is_container(w, node))
				continue;
			uint32_t *const rows = &w->rows[intern_class(&w->values, node)];
			*rows = t->row_count > *rows ? t->row_count : *rows;
		}
	}
}

/* Does it occur within one larger value alone, as often as that does? Where
 * that one is defined it has no use for a name. */
static bool
is_inner(const struct definer *const w, const uint32_t node)
{
	const uint32_t class = intern_class(&w->values, node);
	const uint32_t holder = w->within[class] - 1;

	return w->within[class] != 0 && w->within[class] != UNKNOWN &&
	       w->values.classes[holder].count == w->values.classes[class].count;
}

/* Adds up what the containers of one height cost; names stand for what is chosen
 * within them. */
static void
sum_costs(struct definer *const w, const uint32_t from, const uint32_t to)
{
	const struct json_node *const nodes = w->d->nodes;

	for (uint32_t n = from; n < to; n++) {
		const uint32_t node = w->by_height[n];

		for (uint32_t i = node + 1; i < nodes[node].next; i = nodes[i].next) {
			const bool named = is_chosen(w, i) && !is_inner(w, i);

			w->cost[node] += named && w->cost[i] > COST_NAME ? COST_NAME : w->cost[i];
			w->json[node] += named ? COST_NAME : w->json[i];
		}
		w->sum[intern_class(&w->values, node)] += w->cost[node];
	}
}

/* What the class costs now, in the places where a name would stand. */
static uint64_t
cost_now(const struct definer *const w, const uint32_t class)
{
	return w->sum[class] * w->uses[class] / w->values.classes[class].count;
}

/* Does each of the `uses` in place of such a value save enough? */
static bool
is_worth_hiding(const struct definer *const w, const uint32_t class, const uint64_t before,
		const uint64_t uses)
{
	if (before < uses * (COST_NAME + LEAST_SAVED))
		return false;
	return before >= uses * (COST_NAME + LEAST_SAVED_BLIND) ||
	       define_tells(w->d, w->values.classes[class].first);
}

/* What defining one class alone gains; 0: nothing worth it. */
static uint64_t
gain_of(const struct definer *const w, const uint32_t class)
{
	const uint64_t uses = w->uses[class], before = cost_now(w, class);
	const uint64_t after = w->json[w->values.classes[class].first] + COST_DEFINITION +
			       COST_NAME * uses;

	if (uses < 2 || before < after + LEAST_GAIN || !is_worth_hiding(w, class, before, uses))
		return 0;
	return before - after;
}

/* The members of an object as cells of a table; addresses are likely to follow from
 * other members. */
static uint64_t
cost_row(const struct definer *const w, const uint32_t node)
{
	const struct json_doc *const d = w->d;
	uint64_t cost = 0;

	for (uint32_t i = node + 1; i < d->nodes[node].next; i = d->nodes[i + 1].next) {
		const struct span raw = json_raw(d, i + 1);

		if (is_container(w, i + 1))
			cost += is_chosen(w, i + 1) ? COST_NAME : w->json[i + 1];
		else if (raw.n > sizeof "https://" && memmem(raw.p, ADDRESS_BYTES, "://", 3))
			cost += COST_ADDRESS;
		else
			cost += raw.n + NODE_COST_SEPARATOR;
	}
	return cost;
}

/* What a table of all the classes gains; 0: nothing worth it. */
static uint64_t
gain_of_table(const struct definer *const w, const struct entry *const e, const uint32_t n)
{
	const uint32_t first = w->values.classes[e[0].class].first;
	uint64_t uses = 0, before = 0, after = COST_TABLE + w->json[first], rows = 0;

	if (w->d->nodes[first].type != JSON_OBJECT)
		return 0;
	for (uint32_t i = 0; i < n; i++) {
		if (w->uses[e[i].class] == 0)
			continue;
		before += cost_now(w, e[i].class);
		after += cost_row(w, w->values.classes[e[i].class].first);
		uses += w->uses[e[i].class];
		rows++;
	}
	after += COST_NAME * uses;
	if (rows < TABLE_ROWS || before < after + LEAST_GAIN ||
	    !is_worth_hiding(w, e[0].class, before, uses))
		return 0;
	/* What is said once is best read where it stands, unless it is much. */
	if (2 * uses < 3 * rows && before < after + uses * MUCH)
		return 0;
	return before - after;
}

/* Decides on the classes of one shape: each for itself, or all for a table. */
static void
decide(struct definer *const w, const struct entry *const e, const uint32_t n)
{
	uint64_t nodes = 0, rows = 0, gain = 0;

	for (uint32_t i = 0; i < n; i++) {
		nodes += w->values.classes[e[i].class].count;
		rows = w->rows[e[i].class] > rows ? w->rows[e[i].class] : rows;
		gain += gain_of(w, e[i].class);
	}
	const bool open = 2 * rows < nodes;
	const uint64_t of_table = open ? gain_of_table(w, e, n) : 0;
	const bool all = of_table > gain;
	w->gain += all ? of_table : open ? gain : 0;
	for (uint32_t i = 0; i < n; i++)
		w->chosen[e[i].class] = all ? w->uses[e[i].class] > 0
					    : open && gain_of(w, e[i].class) > 0;
}

/* The entries that have the shape of the first. */
static uint32_t
shape_run(const struct definer *const w, const uint32_t from)
{
	uint32_t n = 1;

	while (from + n < w->entry_count &&
	       same_shape(w, &w->entries[from], &w->entries[from + n]))
		n++;
	return n;
}

/* What is within others first: it makes them cheaper. */
static enum err
decide_upwards(struct definer *const w)
{
	uint32_t at = 0, e = 0;

	while (at < w->containers) {
		const uint32_t from = at;
		const uint16_t height = w->height[w->by_height[at]];

		while (at < w->containers && w->height[w->by_height[at]] == height)
			at++;
		sum_costs(w, from, at);
		while (e < w->entry_count && w->entries[e].height == height) {
			const uint32_t n = shape_run(w, e);

			decide(w, &w->entries[e], n);
			e += n;
		}
	}
	return fuel_use(w->fuel, 2 * (uint64_t)w->d->count) ? OK : ERR_FUEL;
}

/* Counts again, without what stands within the second and further uses of
 * something larger; what is then used once is no longer chosen. */
static enum err
decide_again(struct definer *const w)
{
	memset(w->uses, 0, w->values.count * sizeof *w->uses);
	w->gain = 0;
	for (uint32_t i = 0; i < w->d->count;) {
		if (!is_chosen(w, i)) {
			i++;
			continue;
		}
		w->uses[intern_class(&w->values, i)]++;
		i = w->values.classes[intern_class(&w->values, i)].first == i ? i + 1
									      : w->d->nodes[i].next;
	}
	for (uint32_t e = 0; e < w->entry_count;) {
		const uint32_t n = shape_run(w, e);

		decide(w, &w->entries[e], n);
		e += n;
	}
	return fuel_use(w->fuel, 2 * (uint64_t)w->d->count) ? OK : ERR_FUEL;
}

/* A class that is chosen, where it stands among the definitions. */
struct place {
	uint32_t height;
	uint32_t group;	/* the first node that has its shape */
	uint32_t node;
};

static int
by_place(const void *const x, const void *const y)
{
	const struct place *const a = x, *const b = y;

	if (a->height != b->height)
		return a->height < b->height ? -1 : 1;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return a->node < b->node ? -1 : 1;
}

/* Finds the places of what is chosen, in order. */
static uint32_t
place_chosen(const struct definer *const w, struct place *const out)
{
	uint32_t count = 0;

	for (uint32_t e = 0; e < w->entry_count;) {
		const uint32_t n = shape_run(w, e), from = count;
		uint32_t group = UINT32_MAX;

		for (uint32_t i = e; i < e + n; i++) {
			const uint32_t class = w->entries[i].class;
			const uint32_t node = w->values.classes[class].first;

			if (!w->chosen[class])
				continue;
			group = node < group ? node : group;
			out[count++] = (struct place){ w->entries[i].height, 0, node };
		}
		for (uint32_t i = from; i < count; i++)
			out[i].group = group;
		e += n;
	}
	if (count)
		qsort(out, count, sizeof *out, by_place);
	return count;
}

/* The texts that are chosen come first: they hold nothing. */
static uint32_t
place_texts(const struct definer *const w, struct place *const out)
{
	uint32_t count = 0;

	for (uint32_t c = 0; c < w->values.count; c++) {
		const uint32_t node = w->values.classes[c].first;

		if (w->chosen[c] && !is_container(w, node))
			out[count++] = (struct place){ 0, node, node };
	}
	if (count)
		qsort(out, count, sizeof *out, by_place);
	return count;
}

static enum err
list_definitions(struct definer *const w, struct definitions *const out)
{
	const size_t classes = w->values.count;
	struct place *const places = ARENA_ARRAY(w->a, struct place, classes);
	uint32_t *const number = arena_zalloc(w->a, classes * sizeof *number);
	uint32_t *const of = ARENA_ARRAY(w->a, uint32_t, w->d->count);
	struct definitions all = { .of = of };

	all.list = ARENA_ARRAY(w->a, struct definition, classes);
	all.groups = ARENA_ARRAY(w->a, struct definition_group, classes);
	if (!places || !number || !of || !all.list || !all.groups)
		return ERR_NOMEM;
	all.count = place_texts(w, places);
	all.count += place_chosen(w, places + all.count);
	for (uint32_t i = 0; i < all.count; i++) {
		all.list[i] = (struct definition){ .node = places[i].node };
		number[intern_class(&w->values, places[i].node)] = i + 1;
		if (i == 0 || places[i].group != places[i - 1].group)
			all.groups[all.group_count++] = (struct definition_group){ .first = i };
		all.groups[all.group_count - 1].count++;
	}
	for (uint32_t i = 0; i < w->d->count; i++)
		of[i] = intern_has_class(&w->values, i) && !w->is_key[i]
				? number[intern_class(&w->values, i)] : 0;
	TRY(define_name(w->d, &all, w->a, w->fuel));
	*out = all;
	return OK;
}

static enum err
make_room(struct definer *const w)
{
	const size_t classes = w->values.count;

	w->json = ARENA_ARRAY(w->a, uint32_t, w->d->count);
	w->height = ARENA_ARRAY(w->a, uint16_t, w->d->count);
	w->is_key = arena_zalloc(w->a, w->d->count);
	w->by_height = ARENA_ARRAY(w->a, uint32_t, w->d->count);
	w->sum = arena_zalloc(w->a, classes * sizeof *w->sum);
	w->uses = ARENA_ARRAY(w->a, uint32_t, classes);
	w->rows = arena_zalloc(w->a, classes * sizeof *w->rows);
	w->within = ARENA_ARRAY(w->a, uint32_t, classes);
	w->chosen = arena_zalloc(w->a, classes * sizeof *w->chosen);
	if (!w->json || !w->height || !w->is_key || !w->by_height || !w->sum || !w->uses || !w->rows ||
	    !w->within || !w->chosen)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < w->d->count; i++)
		w->json[i] = node_cost_json(&w->d->nodes[i]);
	memset(w->within, 0xff, classes * sizeof *w->within);
	for (size_t c = 0; c < classes; c++)
		w->uses[c] = w->values.classes[c].count;
	return OK;
}

/* Is there a value that occurs twice? */
static bool
any_repeated(const struct interned *const values)
{
	for (uint32_t c = 0; c < values->count; c++)
		if (values->classes[c].count > 1)
			return true;
	return false;
}

enum err
define_choose(const struct plan *const plain, struct arena *const a, struct fuel *const fuel,
	      struct definitions *const out)
{
	struct definer w = { .plain = plain, .d = &plain->source->doc, .a = a, .fuel = fuel };

	TRY(intern_values(w.d, a, fuel, &w.values));
	if (!any_repeated(&w.values)) {
		*out = (struct definitions){ 0 };
		return OK;
	}
	TRY(node_costs(plain, a, fuel, &w.cost));
	TRY(make_room(&w));
	TRY(measure_heights(&w));
	TRY(list_entries(&w));
	note_rows(&w);
	const struct text_costs texts = { w.cost, w.is_key };
	TRY(decide_upwards(&w));
	TRY(decide_again(&w));
	TRY(define_texts(w.d, &w.values, &texts, a, fuel, w.chosen, &w.gain));
	if (w.gain * GAIN_PART < w.cost[0]) {
		*out = (struct definitions){ 0 };
		return OK;
	}
	return list_definitions(&w, out);
}
