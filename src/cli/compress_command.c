#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "compress/compress.h"
#include "tokens/tokens.h"

#define FILE_LIMIT ((size_t)64 << 20)
#define MEMORY_LIMIT ((size_t)4 << 30)

/* Reads the one FILE argument; 0, or the exit status with the reason said. */
static int
read_input(const char *command, int argc, const char *const *argv, char **text, size_t *n)
{
	if (argc != 1 || (argv[0][0] == '-' && strcmp(argv[0], "-") != 0)) {
		command_complain("usage: headroom %s FILE|-   (one file, or - for standard input)",
				 command);
		return 2;
	}
	return command_read_file(argv[0], FILE_LIMIT, text, n) ? 0 : 1;
}

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

int
command_compress(int argc, const char *const *argv)
{
	struct arena a;
	char *text = NULL;
	size_t n = 0;

	const int status = read_input("compress", argc, argv, &text, &n);
	if (status)
		return status;
	arena_init(&a, MEMORY_LIMIT);
	const struct compress_in in = { .text = span_of(text, n), .profile = PROFILE_LOSSLESS };
	struct fuel fuel = { compress_fuel_for(n) };
	struct compress_out out;
	compress_block(&in, &a, &fuel, &out);
	const bool ok = command_write(out.text);
	if (ok)
		report(&out, tokens_count(TOKENS_O200K, in.text), tokens_count(TOKENS_O200K, out.text));
	arena_free(&a);
	free(text);
	return ok ? 0 : 1;
}

int
command_decode(int argc, const char *const *argv)
{
	struct span out;
	struct arena a;
	char *text = NULL;
	size_t n = 0;

	const int status = read_input("decode", argc, argv, &text, &n);
	if (status)
		return status;
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
