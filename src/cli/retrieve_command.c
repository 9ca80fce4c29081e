#include <stdio.h>
#include <string.h>

#include "admin/retrieve.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/state.h"

#define MEMORY_LIMIT ((size_t)4 << 30)
#define USAGE "headroom retrieve HASH [--rows CONDITION | --path PATH | --grep PATTERN | --lines RANGE | --head N | --tail N]"

const char command_retrieve_details[] =
	"Prints the original that a marker in a compressed tool output names:\n"
	"  [640 rows compressed to 38. Retrieve more: hash=faed01688b7cb6fa9334d5f6]\n"
	"It is read from the store itself; no gateway need be running. All of it, byte for\n"
	"byte, or the part that is asked for:\n\n"
	"  --lines 200-260     these lines, counted from 1; also 200- and 200\n"
	"  --grep PATTERN      lines that match a regular expression, with their numbers\n"
	"  --context N         with --grep: so many lines around each (2)\n"
	"  --path PATH         a value of JSON as it is spelled: '$.items[3].error'\n"
	"  --rows CONDITION    elements of an array, or JSON lines: 'where level=ERROR and ms>250',\n"
	"                      '212-640'\n"
	"  --head N, --tail N  the first or last of these\n\n"
	"--lines goes with --grep, --path with --rows. Settings may be given too, such as\n"
	"--workspace-dir. What was printed is said on standard error.\n\n"
	"Exit status: 0 printed; 1 there is no such original any more, or the store cannot be\n"
	"read; 2 the call was wrong, or there is no such part (the reason is said).\n";

static void
report(const struct retrieval *r)
{
	const struct slice_result *const p = &r->part;

	if (r->whole)
		return;
	if (p->matched == p->given)
		fprintf(stderr, "%llu of %llu %s\n", (unsigned long long)p->given,
			(unsigned long long)p->total, p->unit);
	else
		fprintf(stderr, "%llu of %llu %s that match, of %llu\n", (unsigned long long)p->given,
			(unsigned long long)p->matched, p->unit, (unsigned long long)p->total);
}

static int
print(struct store_reader *reader, const struct retrieve_ask *ask)
{
	struct retrieval got;
	struct refusal why;
	struct arena a;
	struct buf part;
	int code = 0;

	arena_init(&a, MEMORY_LIMIT);
	buf_init(&part, MEMORY_LIMIT);
	const int status = retrieve(ask, SPAN("local"), reader, &a, &part, &got, &why);
	if (status == 200) {
		code = command_write(got.text) ? 0 : 1;
		report(&got);
	} else {
		command_complain("%s", why.text);
		code = status == 400 ? 2 : 1;
	}
	buf_free(&part);
	arena_free(&a);
	return code;
}

static int
open_and_print(const struct settings *s, const struct retrieve_ask *ask)
{
	char why[STORE_WHY];
	struct store *store;
	struct store_reader *reader;
	int code = 1;

	if (state_open(s, false, &store, why) != OK) {
		command_complain("%s", why);
		return 1;
	}
	if (store_reader_open(store, &reader) == OK) {
		code = print(reader, ask);
		store_reader_close(&reader);
	} else {
		command_complain("there is not enough memory.");
	}
	store_close(&store);
	return code;
}

int
command_retrieve(int argc, const char *const *argv)
{
	struct own_option own[SLICE_OPTIONS];
	struct retrieve_ask ask = { .ignored_count = 0 };
	struct settings s;
	struct refusal why;
	const char *hash;
	int code = 2;

	for (int i = 0; i < SLICE_OPTIONS; i++)
		own[i] = (struct own_option){ .name = slice_option_name((enum slice_option)i) };
	if (options_read(argc, argv, USAGE, own, SLICE_OPTIONS, &s, &hash)) {
		for (int i = 0; i < SLICE_OPTIONS; i++)
			ask.part.value[i] = span_str(own[i].value);
		ask.hash = span_str(hash);
		if (retrieve_ask_check(&ask, &why) == 0)
			code = open_and_print(&s, &ask);
		else
			command_complain("%s", why.text);
	}
	settings_free(&s);
	return code;
}
