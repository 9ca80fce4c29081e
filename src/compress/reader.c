#include "compress/reader.h"

#include "json/text.h"

enum err
reader_number(struct form_reader *const r, uint32_t *const out)
{
	const char *const start = r->at;
	uint64_t v = 0;

	while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && v <= UINT32_MAX)
		v = v * 10 + (uint64_t)(*r->at++ - '0');
	if (r->at == start || v > UINT32_MAX || (*start == '0' && r->at - start > 1))
		return ERR_SYNTAX;
	*out = (uint32_t)v;
	return OK;
}

enum err
reader_gap(struct form_reader *const r, const uint32_t first, uint32_t *const last)
{
	uint32_t from, to;

	if (!r->gaps)
		return ERR_ELIDED;
	TRY(reader_number(r, &from));
	to = from;
	if (reader_skip(r, SPAN("-")))
		TRY(reader_number(r, &to));
	if (from != first || to < from)
		return ERR_SYNTAX;
	*last = to;
	return fuel_use(r->fuel, (uint64_t)to - from + 1) ? OK : ERR_FUEL;
}

enum err
reader_part(struct form_reader *const r)
{
	if (r->part_count == r->part_room) {
		const uint32_t room = r->part_room ? 2 * r->part_room : 16;
		struct part *const more = arena_grow(r->a, r->parts, r->part_room * sizeof *more,
						     room * sizeof *more);

		if (!more)
			return ERR_NOMEM;
		r->parts = more;
		r->part_room = room;
	}
	r->parts[r->part_count++] = (struct part){ r->flat.n, r->hole_count };
	return OK;
}

enum err
reader_hole(struct form_reader *const r, const uint32_t target, const bool table)
{
	if (r->hole_count == r->hole_room) {
		const uint32_t room = r->hole_room ? 2 * r->hole_room : 16;
		struct hole *const more = arena_grow(r->a, r->holes, r->hole_room * sizeof *more,
						room * sizeof *more);

		if (!more)
			return ERR_NOMEM;
		r->holes = more;
		r->hole_room = room;
	}
	r->holes[r->hole_count++] = (struct hole){ r->flat.n, target, table };
	return OK;
}

enum err
reader_reference(struct form_reader *const r)
{
	uint32_t number;

	TRY(reader_number(r, &number));
	if (r->defining || number != r->tables_referred + 1 || !reader_skip(r, SPAN("]")))
		return ERR_SYNTAX;
	r->tables_referred++;
	return reader_hole(r, number, true);
}

enum err
reader_skip_string(struct form_reader *const r)
{
	for (r->at++; r->at < r->end; r->at++) {
		if (*r->at == '"') {
			r->at++;
			return OK;
		}
		if (*r->at == '\n')
			return ERR_SYNTAX;
		if (*r->at == '\\' && ++r->at == r->end)
			break;
	}
	return ERR_SYNTAX;
}

enum err
reader_quoted(struct form_reader *const r, struct buf *const out)
{
	if (*r->at == '\\') {
		const char *const from = ++r->at;

		if (!reader_is_at(r, '"'))
			return ERR_SYNTAX;
		TRY(reader_skip_string(r));
		buf_add(out, from, (size_t)(r->at - from));
		return OK;
	}
	buf_add_char(out, '"');
	for (r->at++;;) {
		const struct span rest = span_of(r->at, (size_t)(r->end - r->at));
		const size_t n = span_find(rest, '"');

		if (n == rest.n)
			return ERR_SYNTAX;
		json_escape(out, span_head(rest, n));
		r->at += n + 1;
		if (!reader_is_at(r, '"'))
			break;
		buf_add_str(out, "\\\"");
		r->at++;
	}
	buf_add_char(out, '"');
	return OK;
}

struct span
reader_bare(struct form_reader *const r, const char sep)
{
	const char *const from = r->at;

	while (r->at < r->end && *r->at != sep && *r->at != '\n')
		r->at++;
	return span_of(from, (size_t)(r->at - from));
}

/* A part that is being copied. */
struct copy {
	uint32_t part;
	uint32_t hole;	/* the next one in it */
	size_t at;
};

static struct copy
copy_of(const struct form_reader *const r, const uint32_t part)
{
	return (struct copy){ part, r->parts[part].holes, r->parts[part].start };
}

enum err
reader_assemble(struct form_reader *const r, struct buf *const out)
{
	/* A definition holds only earlier ones, a table only later tables: no part
	 * is ever within itself. */
	struct copy *const stack = ARENA_ARRAY(r->a, struct copy, (size_t)r->part_count + 1);
	uint32_t depth = 1;

	/* One more part ends the last one. */
	TRY(reader_part(r));
	if (!stack)
		return ERR_NOMEM;
	stack[0] = copy_of(r, r->root);
	while (depth) {
		struct copy *const c = &stack[depth - 1];
		const struct part *const next = &r->parts[c->part + 1];
		const struct hole *const hole = c->hole < next->holes ? &r->holes[c->hole] : NULL;
		const size_t to = hole ? hole->at : next->start;

		if (!fuel_use(r->fuel, to - c->at + 1))
			return ERR_FUEL;
		buf_add(out, r->flat.p + c->at, to - c->at);
		TRY(buf_err(out));
		c->at = to;
		if (hole) {
			c->hole++;
			stack[depth++] = copy_of(r, hole->table ? r->table_parts[hole->target - 1]
								: hole->target);
		} else {
			depth--;
		}
	}
	return OK;
}
