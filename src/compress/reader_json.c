#include "compress/define.h"
#include "compress/reader.h"
#include "compress/relaxed.h"
#include "json/scan.h"

#define DEPTH 1024u	/* of containers in one value: more than a scan allows in all */

/* The containers that are open: one bit each, set for an object. */
struct opened {
	uint64_t bits[DEPTH / 64];
	uint32_t items[DEPTH];	/* values of each so far */
	uint32_t depth;
	/* The value to come has as many names, of which the first is written. */
	uint32_t first, last;
	size_t value;	/* where it begins */
};

static enum err
push(struct opened *const o, const bool object)
{
	if (o->depth == DEPTH)
		return ERR_SYNTAX;
	o->items[o->depth] = 0;
	const uint64_t bit = (uint64_t)1 << o->depth % 64;
	uint64_t *const word = &o->bits[o->depth++ / 64];

	*word = object ? *word | bit : *word & ~bit;
	return OK;
}

static bool
in_object(const struct opened *const o)
{
	return o->bits[(o->depth - 1) / 64] >> (o->depth - 1) % 64 & 1;
}

static struct span
take_until(struct form_reader *const r, const char *const marks)
{
	const char *const from = r->at;

	while (r->at < r->end && !strchr(marks, *r->at))
		r->at++;
	return span_of(from, (size_t)(r->at - from));
}

static enum err
copy_string(struct form_reader *const r)
{
	const char *const from = r->at;

	TRY(reader_skip_string(r));
	buf_add(&r->flat, from, (size_t)(r->at - from));
	return OK;
}

static enum err
read_bare_key(struct form_reader *const r, struct opened *const o)
{
	const struct span key = take_until(r, ":\n");

	if (!relaxed_range(key, &o->first, &o->last))
		return relaxed_add_key(key, &r->flat);
	buf_addf(&r->flat, "\"%u\"", o->first);
	return OK;
}

static enum err
read_key(struct form_reader *const r, struct opened *const o)
{
	if (reader_is_at(r, '"'))
		TRY(copy_string(r));
	else
		TRY(read_bare_key(r, o));
	if (!reader_skip(r, SPAN(":")))
		return ERR_SYNTAX;
	buf_add_char(&r->flat, ':');
	o->value = r->flat.n;
	return OK;
}

/* Repeats the value that was read for the other names of a range. */
static enum err
repeat_value(struct form_reader *const r, struct opened *const o)
{
	const size_t at = o->value, n = r->flat.n - at;

	while (o->first < o->last) {
		buf_addf(&r->flat, ",\"%u\":", ++o->first);
		/* The text moves as it grows. */
		if (!buf_reserve(&r->flat, n))
			return buf_err(&r->flat);
		buf_add(&r->flat, r->flat.p + at, n);
		if (!fuel_use(r->fuel, n + 8))
			return ERR_FUEL;
	}
	return OK;
}

static bool
is_scalar_byte(const char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == 'E' || c == '+' ||
	       c == '-' || c == '.';
}

/* A number or word at the outermost level, where text never stands bare. */
static enum err
copy_scalar(struct form_reader *const r)
{
	const char *const from = r->at;

	while (r->at < r->end && is_scalar_byte(*r->at))
		r->at++;
	if (r->at == from)
		return ERR_SYNTAX;
	buf_add(&r->flat, from, (size_t)(r->at - from));
	return OK;
}

/* Items of a list that are left out, behind the mark. */
static enum err
read_items(struct form_reader *const r, uint32_t *const items)
{
	uint32_t last;

	TRY(reader_gap(r, *items + 1, &last));
	for (uint32_t i = *items; i < last; i++)
		buf_add_str(&r->flat, i > *items ? ",null" : "null");
	*items = last;
	return OK;
}

/* Reads a value, or the bracket that opens one: *opened. */
static enum err
read_value(struct form_reader *const r, const bool refs, struct opened *const o, bool *const opens)
{
	*opens = false;
	if (o->depth && !in_object(o) && reader_skip(r, SPAN(CELL_GAP)))
		return read_items(r, &o->items[o->depth - 1]);
	if (o->depth)
		o->items[o->depth - 1]++;
	if (reader_is_at(r, '"'))
		return copy_string(r);
	if (reader_is_at(r, DEFINE_MARK)) {
		uint32_t part;

		TRY(reader_name(r, &part));
		return reader_hole(r, part, false);
	}
	if (reader_skip(r, SPAN("[table ")))
		return refs ? reader_reference(r) : ERR_SYNTAX;
	if (reader_is_at(r, '[') || reader_is_at(r, '{')) {
		*opens = true;
		buf_add_char(&r->flat, *r->at);
		return push(o, *r->at++ == '{');
	}
	return o->depth ? relaxed_add(take_until(r, ",]}\n"), &r->flat) : copy_scalar(r);
}

/* Behind a value or an opening bracket: closes what ends here, and goes to the
 * next value of what does not. */
static enum err
go_on(struct form_reader *const r, struct opened *const o, bool empty)
{
	while (o->depth) {
		const bool object = in_object(o);
		const char close = object ? '}' : ']';

		if (reader_is_at(r, close)) {
			r->at++;
			buf_add_char(&r->flat, close);
			o->depth--;
			empty = false;
			continue;
		}
		if (!empty && !reader_skip(r, SPAN(",")))
			return ERR_SYNTAX;
		if (!empty)
			buf_add_char(&r->flat, ',');
		return object ? read_key(r, o) : OK;
	}
	return OK;
}

enum err
reader_json(struct form_reader *const r, const bool refs)
{
	struct opened o = { .depth = 0 };
	bool opens;

	do {
		const uint32_t holes = r->hole_count;

		TRY(read_value(r, refs, &o, &opens));
		/* Only what is spelled there can be repeated. */
		if (o.first < o.last && (opens || r->hole_count != holes))
			return ERR_SYNTAX;
		TRY(repeat_value(r, &o));
		TRY(go_on(r, &o, opens));
	} while (o.depth);
	return OK;
}
