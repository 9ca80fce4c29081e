#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/state.h"
#include "compress/must_keep.h"
#include "proxy/proxy.h"

#define HELP_LIMIT ((size_t)1 << 20)

static int
help(void)
{
	struct buf out;

	buf_init(&out, HELP_LIMIT);
	buf_add_str(&out,
		    "Usage: headroom proxy [--config FILE] [--NAME VALUE …]\n\n"
		    "Listens for AI agents and relays to their providers. Point a client at it with\n"
		    "  ANTHROPIC_BASE_URL=http://127.0.0.1:8787    or\n"
		    "  OPENAI_BASE_URL=http://127.0.0.1:8787/v1\n\n"
		    "Every setting is a flag, an {ENVIRONMENT} variable and a line of headroom.ini\n"
		    "(~/.config/headroom/headroom.ini, or what --config or {HEADROOM_CONFIG} names);\n"
		    "[defaults] in brackets. Sizes take k, m, g; times ms, s, m, h, d.\n"
		    "`headroom settings` prints what is in force.\n");
	settings_help(&out);
	const bool ok = command_write(buf_span(&out));
	buf_free(&out);
	return ok ? 0 : 1;
}

/* Reads the settings of `headroom proxy`; the exit status when that failed, else
 * -1. */
static int
read_settings(struct settings *s, int argc, const char *const *argv)
{
	int at = 0;

	if (!command_settings_read(s, argc, argv, &at))
		return 2;
	if (at == argc)
		return -1;
	command_complain("`headroom proxy` does not take \"%s\"; settings begin with --.", argv[at]);
	return 2;
}

/* Opens the store; without one (*out NULL, the reason said) the gateway relays
 * unchanged. False: state of a newer version, which must not be touched. */
static bool
open_store(const struct settings *s, struct store **out)
{
	char why[STORE_WHY];

	*out = NULL;
	const enum err e = state_open(s, true, out, why);
	if (e == ERR_UNSUPPORTED)
		command_complain("%s", why);
	else if (e != OK)
		command_complain("%s Requests are relayed unchanged.", why);
	return e != ERR_UNSUPPORTED;
}

/* False after a sentence: a pattern is wrong. */
static bool
compile_must_keep(const struct settings *s, struct must_keep **out)
{
	char why[MUST_KEEP_WHY] = "There is no memory for the must-keep patterns.";

	if (must_keep_compile(span_str(s->must_keep), out, why) == OK)
		return true;
	command_complain("%s", why);
	return false;
}

static int
serve(const struct settings *s)
{
	struct proxy_options options = { .settings = s };
	struct must_keep *must_keep = NULL;
	struct store *store;

	log_setup(STDERR_FILENO, s->log_format == LOG_FORMAT_JSON, (enum log_level)s->log_level);
	if (s->source[SETTING_ID_mode] != SETTING_FROM_DEFAULT)
		log_note(LOG_INFO, "mode has no effect: every profile keeps the provider's cache");
	if (!compile_must_keep(s, &must_keep))
		return 1;
	if (!open_store(s, &store)) {
		must_keep_free(&must_keep);
		return 1;
	}
	options.store = store;
	options.must_keep = must_keep;
	options.routes = admin_routes(&options.route_count);
	const int status = proxy_run(&options);
	if (store)
		store_close(&store);
	must_keep_free(&must_keep);
	return status;
}

int
command_proxy(int argc, const char *const *argv)
{
	struct settings s;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return help();
	int status = read_settings(&s, argc, argv);
	if (status < 0)
		status = serve(&s);
	settings_free(&s);
	return status;
}
