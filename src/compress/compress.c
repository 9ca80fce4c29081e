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

/* A token has at least one byte, so short texts need no count. */
static bool
is_small(const struct span text, const uint32_t floor)
{
	return text.n < floor || (floor && !tokens_at_least(TOKENS_O200K, text, floor));
}

void
compress_block(const struct compress_in *const in, struct arena *const a, struct fuel *const fuel,
	       struct compress_out *const out)
{
	struct source s;

	*out = (struct compress_out){ .form = COMPRESS_VERBATIM, .text = in->text };
	if (in->profile == PROFILE_OFF) {
		out->reason = COMPRESS_REASON_OFF;
		return;
	}
	if (!fuel_use(fuel, in->floor_tokens)) {
		out->reason = COMPRESS_REASON_FUEL;
		return;
	}
	if (is_small(in->text, in->floor_tokens)) {
		out->reason = COMPRESS_REASON_SMALL;
		return;
	}
	switch (source_read(in->text, a, fuel, &s)) {
	case OK:
		ladder_climb(&s, in->text, a, fuel, out);
		break;
	case ERR_FUEL:
		out->reason = COMPRESS_REASON_FUEL;
		break;
	case ERR_UNSUPPORTED:
	case ERR_SYNTAX:
		out->reason = COMPRESS_REASON_KIND;
		break;
	default:
		out->reason = COMPRESS_REASON_LIMIT;
		break;
	}
}

static enum err
decode_tables(const struct span form, struct arena *const a, struct fuel *const fuel,
	      struct buf *const b)
{
	struct source got = { .lines = false };
	bool lines;

	TRY(form_read(form, a, fuel, b, &lines));
	const enum err e = source_read(buf_span(b), a, fuel, &got);
	if (e == ERR_UNSUPPORTED)
		return ERR_SYNTAX;
	if (e == OK && got.lines != lines)
		return ERR_SYNTAX;
	return e;
}

enum err
compress_decode(const struct span form, struct arena *const a, struct fuel *const fuel,
		struct span *const out)
{
	struct source plain;
	struct span copy;
	struct buf b;

	if (!form_is_tables(form)) {
		TRY(source_read(form, a, fuel, &plain));
		*out = form;
		return OK;
	}
	buf_init(&b, DECODE_LIMIT);
	enum err e = decode_tables(form, a, fuel, &b);
	if (e == OK) {
		copy = arena_copy(a, buf_span(&b));
		if (copy.p)
			*out = copy;
		else
			e = ERR_NOMEM;
	}
	buf_free(&b);
	return e;
}
