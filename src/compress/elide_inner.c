#include "compress/elide_number.h"
#include "compress/elide_rows.h"

/* Members with numbers that are looked after in a column. */
#define MEMBERS 16u
#define LEAST_NUMBERS 8u	/* fewer have no extremes */

struct member {
	uint64_t name;
	double least, most;
	uint32_t least_row, most_row;
	uint32_t count;
};

struct members {
	struct member list[MEMBERS];
	uint32_t count;
};

static struct member *
find(struct members *const m, const uint64_t name)
{
	for (uint32_t i = 0; i < m->count; i++)
		if (m->list[i].name == name)
			return &m->list[i];
	if (m->count == MEMBERS)
		return NULL;
	m->list[m->count] = (struct member){ .name = name };
	return &m->list[m->count++];
}

static void
note(struct member *const m, const double number, const uint32_t row)
{
	if (m->count++ == 0 || number < m->least) {
		m->least = number;
		m->least_row = row;
	}
	if (m->count == 1 || number > m->most) {
		m->most = number;
		m->most_row = row;
	}
}

/* Notes the numbers in a container that have a name: what stands before them. (In a
 * list that is the string before, which does no harm.) */
static void
note_numbers(const struct json_doc *const d, const uint32_t node, const uint32_t row,
	     struct members *const m)
{
	for (uint32_t i = node + 2; i < d->nodes[node].next; i++) {
		struct member *member;
		double number;

		if (json_type(d, i) != JSON_NUMBER || json_type(d, i - 1) != JSON_STRING ||
		    name_is_id(json_inner(d, i - 1)) || !elide_number(json_raw(d, i), &number))
			continue;
		member = find(m, name_hash(json_inner(d, i - 1)));
		if (member)
			note(member, number, row);
	}
}

enum err
rows_keep_inner_extremes(struct rows_work *const w)
{
	const struct view *const v = w->v;

	for (uint32_t k = 1; k < v->column_count; k++) {
		const struct view_column *const c = &v->columns[k];
		struct members m = { .count = 0 };

		for (uint32_t i = c->first; i < c->end && !c->constant; i++) {
			const uint32_t node = v->values[i].node;

			if (json_type(v->d, node) < JSON_ARRAY)
				continue;
			if (!fuel_use(w->fuel, v->d->nodes[node].next - node))
				return ERR_FUEL;
			note_numbers(v->d, node, v->values[i].row, &m);
		}
		for (uint32_t i = 0; i < m.count; i++) {
			if (m.list[i].count < LEAST_NUMBERS || m.list[i].least == m.list[i].most)
				continue;
			w->reasons[m.list[i].least_row] |= ELIDE_EXTREME;
			w->reasons[m.list[i].most_row] |= ELIDE_EXTREME;
		}
	}
	return OK;
}
