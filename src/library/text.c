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

/* At least 1: 0 would leave it to the profile. */
static uint32_t
target_tokens(struct span text, uint32_t permille)
{
	const uint64_t target = (uint64_t)tokens_count(TOKENS_O200K, text) * permille / 1000;

	return target ? (uint32_t)target : 1;
}

static void
compress(const struct compress_in *in, struct arena *a, struct compress_out *out)
{
	struct fuel fuel = { compress_fuel_for(in->text.n) };

	compress_block(in, a, &fuel, out);
}

/* Keeps the original of a form with parts left out; not OK: the form may not be shown. */
static enum err
keep(struct hr_store *s, const struct hr_options *o, const struct compress_in *in,
     const struct compress_out *out, struct arena *a)
{
	struct store_original original = {
		.tenant = library_tenant(o),
		.tool = in->hints.tool,
		.text = in->text,
		.tokens = out->tokens_before,
		.tokens_after = out->tokens_after,
	};
	struct store_batch batch = { .originals = &original, .original_count = 1, .arena = a };

	memcpy(original.hash, in->hash, sizeof original.hash);
	return store_write(library_store(s), &batch);
}

/* Compresses with the text's name in the store. */
static enum err
compress_kept(struct hr_store *s, const struct hr_options *o, struct compress_in *in,
	      char hash[STORE_HASH_DIGITS + 1], struct arena *a, struct compress_out *out)
{
	struct store_reader *const reader = library_reader_take(s);

	if (!reader)
		return ERR_NOMEM;
	in->hash = NULL;
	if (in->text.n <= store_original_limit(reader)) {
		store_original_hash(store_reader_secret(reader), library_tenant(o), in->text, hash);
		in->hash = hash;
	}
	library_reader_return(s, reader);
	compress(in, a, out);
	if (out->elided && keep(s, o, in, out, a) != OK) {
		in->hash = NULL;
		compress(in, a, out);
	}
	return OK;
}

static struct hr_result *
result_of(const struct compress_in *in, const struct compress_out *out)
{
	struct hr_result *const r = library_result_copy(out->text);

	if (!r)
		return NULL;
	r->form = out->form;
	r->reason = out->reason;
	r->replaced = out->form != COMPRESS_VERBATIM;
	r->tokens_before = out->tokens_before ?: tokens_count(TOKENS_O200K, in->text);
	r->tokens_after = r->replaced ? out->tokens_after : r->tokens_before;
	const struct span hash = span_of(in->hash, COMPRESS_HASH_DIGITS);
	if (library_result_hashes(r, &hash, out->elided))
		return r;
	hr_result_free(r);
	return NULL;
}

hr_status
hr_compress_text(const hr_options *options, hr_store *store, const char *text, size_t length,
		 hr_result **out)
{
	const struct hr_options *const o = library_options(options);
	char hash[STORE_HASH_DIGITS + 1];
	struct compress_in in = {
		.text = span_of(text, length),
		.profile = o->profile,
		.floor_tokens = o->floor_tokens,
		.hints = { span_str(o->tool), span_str(o->arguments), span_str(o->user) },
		.hash = o->hash[0] ? o->hash : NULL,
		.must_keep = o->must_keep,
	};
	struct hr_result *r = NULL;
	struct compress_out got;
	enum err e = OK;
	struct arena a;

	if (length > HR_TEXT_LIMIT)
		return HR_TOO_LARGE;
	if (o->target_permille)
		in.target_tokens = target_tokens(in.text, o->target_permille);
	arena_init(&a, o->memory);
	if (store)
		e = compress_kept(store, o, &in, hash, &a, &got);
	else
		compress(&in, &a, &got);
	if (e == OK)
		r = result_of(&in, &got);
	arena_free(&a);
	if (!r)
		return HR_NO_MEMORY;
	*out = r;
	return HR_OK;
}

/* A result with a copy of the text, whose tokens are what there was and is. */
static hr_status
give(struct span before, struct span text, struct hr_result **out)
{
	struct hr_result *const r = library_result_copy(text);

	if (!r)
		return HR_NO_MEMORY;
	r->tokens_before = tokens_count(TOKENS_O200K, before);
	r->tokens_after = tokens_count(TOKENS_O200K, text);
	*out = r;
	return HR_OK;
}

hr_status
hr_decode(const hr_options *options, const char *form, size_t length, hr_result **out)
{
	const struct span in = span_of(form, length);
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	struct span text;
	struct arena a;

	if (length > HR_TEXT_LIMIT)
		return HR_TOO_LARGE;
	arena_init(&a, library_options(options)->memory);
	hr_status status = library_status(compress_decode(in, &a, &fuel, &text));
	if (status == HR_OK)
		status = give(in, text, out);
	arena_free(&a);
	return status;
}

hr_status
hr_retrieve(const hr_options *options, hr_store *store, const char *hash, hr_result **out)
{
	const struct hr_options *const o = library_options(options);
	struct store_reader *const reader = library_reader_take(store);
	struct store_found found;
	hr_status status;
	struct arena a;

	if (!reader)
		return HR_NO_MEMORY;
	arena_init(&a, o->memory);
	status = library_status(store_original_get(reader, library_tenant(o), span_str(hash), &a, &found));
	if (status == HR_OK)
		status = found.miss == STORE_NO_MISS
			 ? give(found.original.text, found.original.text, out)
			 : HR_NOT_FOUND;
	arena_free(&a);
	library_reader_return(store, reader);
	return status;
}
