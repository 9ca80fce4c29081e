#include "library/library.h"
#include "tokens/model.h"

const char *
hr_version(void)
{
	return HEADROOM_VERSION;
}

int
hr_abi_version(void)
{
	return HR_ABI_VERSION;
}

int
hr_engine_version(void)
{
	return COMPRESS_ENGINE_VERSION;
}

size_t
hr_count_tokens(const char *model, const char *text, size_t length, bool *exact)
{
	const struct tokens_model m = model ? tokens_for_model(span_str(model))
					    : (struct tokens_model){ TOKENS_O200K, true, 1 };

	if (exact)
		*exact = m.exact;
	return tokens_for(&m, span_of(text, length));
}

/* A result with a copy of the text, which goes with its arena. */
static hr_status
give(struct span text, struct hr_result **out)
{
	struct buf b;

	buf_init(&b, text.n);
	buf_add_span(&b, text);
	*out = library_result(&b);
	buf_free(&b);
	return *out ? HR_OK : HR_NO_MEMORY;
}

hr_status
hr_compress_text(const hr_options *options, const char *text, size_t length, hr_result **out)
{
	const struct hr_options *const o = library_options(options);
	const struct compress_in in = {
		.text = span_of(text, length),
		.profile = o->profile,
		.floor_tokens = o->floor_tokens,
	};
	struct fuel fuel = { compress_fuel_for(length) };
	struct compress_out got;
	struct hr_result *r;
	struct arena a;

	if (length > HR_TEXT_LIMIT)
		return HR_TOO_LARGE;
	arena_init(&a, o->memory);
	compress_block(&in, &a, &fuel, &got);
	const hr_status status = give(got.text, &r);
	arena_free(&a);
	if (status != HR_OK)
		return status;
	r->form = got.form;
	r->reason = got.reason;
	r->replaced = got.form != COMPRESS_VERBATIM;
	r->tokens_before = got.tokens_before ?: tokens_count(TOKENS_O200K, in.text);
	r->tokens_after = r->replaced ? got.tokens_after : r->tokens_before;
	*out = r;
	return HR_OK;
}

hr_status
hr_decode(const hr_options *options, const char *form, size_t length, hr_result **out)
{
	const struct hr_options *const o = library_options(options);
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	struct hr_result *r;
	struct span text;
	struct arena a;

	if (length > HR_TEXT_LIMIT)
		return HR_TOO_LARGE;
	arena_init(&a, o->memory);
	hr_status status = library_status(compress_decode(span_of(form, length), &a, &fuel, &text));
	if (status == HR_OK)
		status = give(text, &r);
	arena_free(&a);
	if (status != HR_OK)
		return status;
	r->tokens_before = tokens_count(TOKENS_O200K, span_of(form, length));
	r->tokens_after = tokens_count(TOKENS_O200K, span_of(r->text, r->length));
	*out = r;
	return HR_OK;
}
