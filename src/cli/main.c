#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "cli/command.h"
#include "headroom/version.h"

static const struct command commands[] = {
	{ "proxy", "[--config FILE] [--NAME VALUE …]", "run the gateway; `headroom proxy --help` lists the settings",
	  NULL, command_proxy },
	{ "compress", "[--profile PROFILE] FILE|-", "print the smallest form of a tool's output",
	  command_compress_details, command_compress },
	{ "retrieve", "HASH [--rows CONDITION | --grep PATTERN | …]", "print an original, or a part of it",
	  command_retrieve_details, command_retrieve },
	{ "decode", "FILE|-", "print what a form stands for", NULL, command_decode },
	{ "settings", "[--markdown | [--config FILE] [--NAME VALUE …]]", "print the settings in force and their source",
	  NULL, command_settings },
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void
usage(FILE *out)
{
	fputs("Usage: headroom COMMAND …\n\n"
	      "A local gateway between AI agents and their providers that makes the context smaller.\n\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  headroom %s %s\n      %s\n", commands[i].name, commands[i].arguments,
			commands[i].help);
	fputs("  headroom --version | --help\n", out);
}

static int
unknown_command(const char *name)
{
	const char *names[COMMANDS];

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	const char *const near = name_nearest(name, names, COMMANDS);
	if (near)
		command_complain("there is no command \"%s\"; did you mean \"%s\"?", name, near);
	else
		command_complain("there is no command \"%s\"; `headroom --help` lists them.", name);
	return 2;
}

static bool
is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int
run(const struct command *c, int argc, const char *const *argv)
{
	/* The gateway's own help lists its settings. */
	if (argc == 0 || !is_help(argv[0]) || c->run == command_proxy)
		return c->run(argc, argv);
	printf("Usage: headroom %s %s\n\n%s\n", c->name, c->arguments, c->details ?: c->help);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return 2;
	}
	const char *const name = argv[1];
	if (is_help(name) || strcmp(name, "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
		puts("headroom " HEADROOM_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return run(&commands[i], argc - 2, (const char *const *)argv + 2);
	return unknown_command(name);
}
