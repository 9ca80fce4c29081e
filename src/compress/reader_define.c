#include "base/hash.h"
#include "compress/define.h"
#include "compress/reader.h"

#define STEPS_PER_PROBE 4u

static struct span
name_at(const struct form_reader *const r)
{
	const char *p = r->at + 1;

	while (p < r->end && define_is_name_char(*p))
		p++;
	return span_of(r->at + 1, (size_t)(p - r->at - 1));
}

/* The slot that has the name, or the free one where it would stand. */
static enum err
find_slot(struct form_reader *const r, const struct span name, uint32_t *const slot)
{
	const struct read_names *const n = &r->names;
	uint32_t at = (uint32_t)hash_stable(name) & (n->room - 1);

	if (!fuel_use(r->fuel, name.n))
		return ERR_FUEL;
	while (n->names[at].p && !span_eq(n->names[at], name)) {
		if (!fuel_use(r->fuel, STEPS_PER_PROBE))
			return ERR_FUEL;
		at = (at + 1) & (n->room - 1);
	}
	*slot = at;
	return OK;
}

static enum err
grow_names(struct form_reader *const r)
{
	const struct read_names old = r->names;
	const size_t room = old.room ? 2 * (size_t)old.room : 32;
	uint32_t slot;

	r->names.names = arena_zalloc(r->a, room * sizeof *r->names.names);
	r->names.parts = ARENA_ARRAY(r->a, uint32_t, room);
	r->names.room = (uint32_t)room;
	if (!r->names.names || !r->names.parts)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < old.room; i++) {
		if (!old.names[i].p)
			continue;
		TRY(find_slot(r, old.names[i], &slot));
		r->names.names[slot] = old.names[i];
		r->names.parts[slot] = old.parts[i];
	}
	return OK;
}

enum err
reader_define(struct form_reader *const r, const struct span name, const uint32_t part)
{
	uint32_t slot;

	if (2 * r->names.count >= r->names.room)
		TRY(grow_names(r));
	TRY(find_slot(r, name, &slot));
	if (r->names.names[slot].p)
		return ERR_SYNTAX;
	r->names.names[slot] = name;
	r->names.parts[slot] = part;
	r->names.count++;
	return OK;
}

enum err
reader_name(struct form_reader *const r, uint32_t *const part)
{
	const struct span name = name_at(r);
	uint32_t slot;

	if (r->names.count == 0)
		return ERR_SYNTAX;
	TRY(find_slot(r, name, &slot));
	if (!r->names.names[slot].p)
		return ERR_SYNTAX;
	*part = r->names.parts[slot];
	r->at += 1 + name.n;
	return OK;
}

bool
reader_is_at_definition(const struct form_reader *const r)
{
	if (!reader_is_at(r, DEFINE_MARK))
		return false;
	const struct span name = name_at(r);
	const char *const after = name.p + name.n;
	return after < r->end && (*after == ':' || (*after == '=' && name.n));
}

static enum err
read_line(struct form_reader *const r, const struct span name)
{
	const uint32_t part = r->part_count;
	const char *const from = r->at;

	TRY(reader_part(r));
	TRY(reader_json(r, false));
	TRY(buf_err(&r->flat));
	/* Only what follows may name it. */
	TRY(reader_define(r, name, part));
	return fuel_use(r->fuel, (uint64_t)(r->at - from)) ? OK : ERR_FUEL;
}

enum err
reader_definition(struct form_reader *const r)
{
	const struct span name = name_at(r);
	enum err e;

	r->defining = true;
	r->at = name.p + name.n;
	if (reader_skip(r, SPAN("=")))
		e = read_line(r, name);
	else
		e = reader_skip(r, SPAN(": ")) ? reader_named_rows(r, name) : ERR_SYNTAX;
	r->defining = false;
	TRY(e);
	return reader_skip(r, SPAN("\n")) ? OK : ERR_SYNTAX;
}
