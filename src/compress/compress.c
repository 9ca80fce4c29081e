#include "compress/compress.h"

#include "compress/form.h"
#include "compress/ladder.h"
#include "tokens/tokens.h"

#define FUEL_BASE 4096u
#define FUEL_PER_BYTE 64u

/* Most bytes that decoding may give: the hard cap of a body. */
#define DECODE_LIMIT ((size_t)64 << 20)

static const char *const forms[COMPRESS_FORMS] = {
	[COMPRESS_VERBATIM] = "verbatim",
	[COMPRESS_JSON_MINIFIED] = "json_minified",
	[COMPRESS_JSON_RELAXED] = "json_relaxed",
	[COMPRESS_JSON_TABLE] = "json_table",
};

static const char *const reasons[COMPRESS_REASONS] = {
	[COMPRESS_REASON_NONE] = "none",
	[COMPRESS_REASON_OFF] = "off",
	[COMPRESS_REASON_SMALL] = "small",
	[COMPRESS_REASON_KIND] = "kind",
	[COMPRESS_REASON_NO_GAIN] = "no_gain",
	[COMPRESS_REASON_FUEL] = "fuel",
	[COMPRESS_REASON_UNPROVEN] = "unproven",
	[COMPRESS_REASON_LIMIT] = "limit",
};

const char *
compress_form_name(const enum compress_form f)
{
	return (unsigned)f < COMPRESS_FORMS ? forms[f] : "unknown";
}

const char *
compress_reason_name(const enum compress_reason r)
{
	return (unsigned)r < COMPRESS_REASONS ? reasons[r] : "unknown";
}

uint64_t
compress_fuel_for(const size_t n)
{
	return FUEL_BASE + FUEL_PER_BYTE * (uint64_t)n;
}

/* Does the text reach the floor? A token has at least one byte, so short texts
 * need no count. */
static enum compress_reason
check_floor(const struct span text, const uint32_t floor, struct fuel *const fuel)
{
	if (floor == 0)
		return COMPRESS_REASON_NONE;
	if (text.n < floor)
		return COMPRESS_REASON_SMALL;
	if (!fuel_use(fuel, floor))
		return COMPRESS_REASON_FUEL;
	return tokens_at_least(TOKENS_O200K, text, floor) ? COMPRESS_REASON_NONE
							  : COMPRESS_REASON_SMALL;
}

void
compress_block(const struct compress_in *const in, struct arena *const a, struct fuel *const fuel,
	       struct compress_out *const out)
{
	struct source s;
	struct arena work;

	*out = (struct compress_out){ .form = COMPRESS_VERBATIM, .text = in->text };
	if (in->profile == PROFILE_OFF) {
		out->reason = COMPRESS_REASON_OFF;
		return;
	}
	out->reason = check_floor(in->text, in->floor_tokens, fuel);
	if (out->reason != COMPRESS_REASON_NONE)
		return;
	arena_init(&work, arena_room(a));
	switch (source_read(in->text, &work, fuel, &s)) {
	case OK:
		ladder_climb(&s, in, &work, a, fuel, out);
		break;
	case ERR_FUEL:
		out->reason = COMPRESS_REASON_FUEL;
		break;
	case ERR_UNSUPPORTED:
		out->reason = COMPRESS_REASON_KIND;
		break;
	default:
		out->reason = COMPRESS_REASON_LIMIT;
		break;
	}
	arena_free(&work);
}

/* What the text stands for must be JSON again, of the kind that it says. */
static enum err
decode_tables(const struct span form, struct arena *const work, struct fuel *const fuel,
	      struct buf *const b)
{
	struct source got;

	TRY(form_read(form, false, work, fuel, b));
	const enum err e = source_read(buf_span(b), work, fuel, &got);
	if (e == ERR_UNSUPPORTED)
		return ERR_SYNTAX;
	if (e == OK && got.lines != form_is_lines(form))
		return ERR_SYNTAX;
	return e;
}

enum err
compress_decode(const struct span form, struct arena *const a, struct fuel *const fuel,
		struct span *const out)
{
	struct source plain;
	struct arena work;
	struct span text = form;
	struct buf b;
	enum err e;

	arena_init(&work, arena_room(a));
	buf_init(&b, DECODE_LIMIT);
	if (form_is_ours(form)) {
		e = decode_tables(form, &work, fuel, &b);
		if (e == OK) {
			text = arena_copy(a, buf_span(&b));
			e = text.p ? OK : ERR_NOMEM;
		}
	} else {
		e = source_read(form, &work, fuel, &plain);
	}
	if (e == OK)
		*out = text;
	buf_free(&b);
	arena_free(&work);
	return e;
}
