#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/state.h"
#include "compress/compress.h"
#include "tokens/tokens.h"

#define FILE_LIMIT ((size_t)64 << 20)
#define MEMORY_LIMIT ((size_t)4 << 30)

#define USAGE "headroom compress [--profile PROFILE] FILE|-   (one file, or - for standard input)"
#define TENANT SPAN("local")

const char command_compress_details[] =
	"Prints the smallest form of a tool's output, and on standard error how much smaller it\n"
	"is. FILE - is standard input.\n\n"
	"  --profile lossless    (the default) a form that `headroom decode` reads back\n"
	"  --profile balanced    what says little is left out; the original is kept in the store\n"
	"                        before anything is printed, and the last line has the hash by\n"
	"                        which `headroom retrieve` or GET /v1/retrieve/HASH gives it back.\n"
	"                        Where there is no store to keep it in, nothing is left out\n"
	"  --profile aggressive  likewise, with more left out\n"
	"  --profile off         as it is\n\n"
	"Settings may be given too, such as --workspace-dir.\n\n"
	"Exit status: 0 printed; 1 a file cannot be read or written; 2 the call was wrong.\n";

static void
report(const struct compress_out *out, size_t before, size_t after)
{
	if (out->form == COMPRESS_VERBATIM)
		fprintf(stderr, "%zu tokens (o200k), left as it is: %s\n", before,
			compress_reason_name(out->reason));
	else
		fprintf(stderr, "%zu -> %zu tokens (o200k), %.1f %% fewer, as %s\n", before, after,
			100.0 * (1.0 - (double)after / (double)before), compress_form_name(out->form));
}

/* ---- keeping what is left out ---- */

/* The form with parts left out, once its original is on the disk; false: there is none, and
 * the reason has been said if there should be. */
static bool
compress_and_keep(struct store *store, struct compress_in in, struct arena *a, struct compress_out *out)
{
	char hash[STORE_HASH_DIGITS + 1];
	struct fuel fuel = { compress_fuel_for(in.text.n) };

	store_original_hash(store_secret(store), TENANT, in.text, hash);
	in.hash = hash;
	compress_block(&in, a, &fuel, out);
	if (!out->elided)
		return true;
	struct store_original original = {
		.tenant = TENANT,
		.text = in.text,
		.tokens = out->tokens_before,
		.tokens_after = out->tokens_after,
	};
	memcpy(original.hash, hash, sizeof hash);
	struct store_batch batch = { .originals = &original, .original_count = 1, .arena = a };
	const enum err e = store_write(store, &batch);
	if (e != OK)
		command_complain("the original cannot be kept (%s); nothing is left out.", err_name(e));
	return e == OK;
}

/* Opens a store for what a profile leaves out; NULL: there is none, the reason said. */
static struct store *
open_store(const struct settings *s, const struct compress_in *in)
{
	char why[STORE_WHY];
	struct store *store;
	struct store_reader *reader;

	if (state_open(s, true, &store, why) != OK) {
		command_complain("%s Nothing is left out.", why);
		return NULL;
	}
	if (store_reader_open(store, &reader) == OK) {
		const bool fits = in->text.n <= store_original_limit(reader);

		store_reader_close(&reader);
		if (fits)
			return store;
	}
	command_complain("the original is too large to be kept; nothing is left out.");
	store_close(&store);
	return NULL;
}

static void
compress(const struct settings *s, const struct compress_in *in, struct arena *a, struct compress_out *out)
{
	struct fuel fuel = { compress_fuel_for(in->text.n) };
	struct store *store = in->profile > PROFILE_LOSSLESS ? open_store(s, in) : NULL;
	const bool done = store && compress_and_keep(store, *in, a, out);

	if (store)
		store_close(&store);
	if (!done)
		compress_block(in, a, &fuel, out);
}

/* ---- the commands ---- */

static int
compress_file(const struct settings *s, enum profile profile, const char *file)
{
	struct arena a;
	char *text = NULL;
	size_t n = 0;

	if (!command_read_file(file, FILE_LIMIT, &text, &n))
		return 1;
	arena_init(&a, MEMORY_LIMIT);
	const struct compress_in in = { .text = span_of(text, n), .profile = profile };
	struct compress_out out;
	compress(s, &in, &a, &out);
	const bool ok = command_write(out.text);
	if (ok)
		report(&out, tokens_count(TOKENS_O200K, in.text), tokens_count(TOKENS_O200K, out.text));
	arena_free(&a);
	free(text);
	return ok ? 0 : 1;
}

int
command_compress(int argc, const char *const *argv)
{
	struct own_option own = { .name = "profile" };
	enum profile profile = PROFILE_LOSSLESS;
	struct settings s;
	const char *file;
	int code = 2;

	if (options_read(argc, argv, USAGE, &own, 1, &s, &file)) {
		if (own.value && !profile_parse(span_str(own.value), &profile))
			command_complain("--profile is one of off, lossless, balanced and aggressive, not \"%s\".",
					 own.value);
		else
			code = compress_file(&s, profile, file);
	}
	settings_free(&s);
	return code;
}

int
command_decode(int argc, const char *const *argv)
{
	struct span out;
	struct arena a;
	char *text = NULL;
	size_t n = 0;

	if (argc != 1 || (argv[0][0] == '-' && strcmp(argv[0], "-") != 0)) {
		command_complain("usage: headroom decode FILE|-   (one file, or - for standard input)");
		return 2;
	}
	if (!command_read_file(argv[0], FILE_LIMIT, &text, &n))
		return 1;
	arena_init(&a, MEMORY_LIMIT);
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	const enum err e = compress_decode(span_of(text, n), &a, &fuel, &out);
	bool ok = e == OK;
	if (ok)
		ok = command_write(out);
	else if (e == ERR_ELIDED)
		command_complain("%s has parts left out and cannot be decoded; retrieve the "
				 "original by the hash in its last line.", argv[0]);
	else if (e == ERR_UNSUPPORTED)
		command_complain("%s is no form that headroom writes.", argv[0]);
	else
		command_complain("%s cannot be decoded: %s.", argv[0], err_name(e));
	arena_free(&a);
	free(text);
	return ok ? 0 : 1;
}
