#include "compress/compress.h"

#include "compress/prose.h"
#include "compress/value.h"
#include "tokens/tokens.h"

#define FUEL_BASE 4096u
#define FUEL_PER_BYTE 64u

static const char *const forms[COMPRESS_FORMS] = {
	[COMPRESS_VERBATIM] = "verbatim",
	[COMPRESS_JSON_MINIFIED] = "json_minified",
	[COMPRESS_JSON_RELAXED] = "json_relaxed",
	[COMPRESS_JSON_TABLE] = "json_table",
	[COMPRESS_JSON_IN_TEXT] = "json_in_text",
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
	*out = (struct compress_out){ .form = COMPRESS_VERBATIM, .text = in->text };
	if (in->profile == PROFILE_OFF) {
		out->reason = COMPRESS_REASON_OFF;
		return;
	}
	out->reason = check_floor(in->text, in->floor_tokens, fuel);
	if (out->reason != COMPRESS_REASON_NONE)
		return;
	value_compress(in, a, fuel, out);
	if (out->reason == COMPRESS_REASON_KIND)
		prose_compress(in, a, fuel, out);
}
