#include "cli/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/paths.h"

void
command_complain(const char *fmt, ...)
{
	va_list ap;

	fputs("headroom: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void
warn_unknown_variable(const char *name)
{
	command_complain("the variable %s is no setting of this version; it has no effect.", name);
}

/* The file that the last --config FILE or --config=FILE names, or NULL. */
static const char *
config_flag(int argc, const char *const *argv, int at)
{
	const char *file = NULL;

	for (int i = at; i < argc; i++) {
		if (strncmp(argv[i], "--config=", 9) == 0)
			file = argv[i] + 9;
		else if (strcmp(argv[i], "--config") == 0 && i + 1 < argc)
			file = argv[++i];
	}
	return file;
}

/* Reads the flags and passes over --config, which may stand anywhere among them. */
static enum err
read_flags(struct settings *s, int argc, const char *const *argv, int *at,
	   struct settings_error *why)
{
	for (;;) {
		TRY(settings_read_flags(s, argc, argv, at, why));
		if (*at == argc || strncmp(argv[*at], "--config", 8) != 0)
			return OK;
		if (argv[*at][8] == '\0' && ++*at == argc) {
			snprintf(why->text, sizeof why->text, "--config needs a value.");
			return ERR_SYNTAX;
		}
		++*at;
	}
}

bool
command_settings_read(struct settings *s, int argc, const char *const *argv, int *at)
{
	struct settings_error why = { "" };
	char standard[PATHS_MAX];
	const char *named = config_flag(argc, argv, *at);

	settings_init(s);
	if (!named)
		named = getenv("HEADROOM_CONFIG");
	if (!named && !paths_config(standard))
		standard[0] = '\0';
	const char *const file = named ? named : standard;
	if (file[0] && settings_read_file(s, file, named != NULL, &why) != OK)
		goto failed;
	if (settings_read_environment(s, (const char *const *)environ, warn_unknown_variable, &why) != OK)
		goto failed;
	if (read_flags(s, argc, argv, at, &why) != OK)
		goto failed;
	return true;
failed:
	command_complain("%s", why.text[0] ? why.text : "out of memory.");
	return false;
}

static bool
read_all(int fd, struct buf *b, const char *path)
{
	for (;;) {
		char *const to = buf_reserve(b, 1 << 16);

		if (!to) {
			command_complain("%s is larger than %zu bytes.", path, b->limit);
			return false;
		}
		const ssize_t n = read(fd, to, 1 << 16);
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR) {
			command_complain("%s cannot be read: %s.", path, strerror(errno));
			return false;
		}
		if (n > 0)
			b->n += (size_t)n;
	}
}

bool
command_read_file(const char *path, size_t limit, char **text, size_t *n)
{
	const bool standard = strcmp(path, "-") == 0;
	FILE *const in = standard ? stdin : fopen(path, "re");
	struct buf b;

	if (!in) {
		command_complain("%s cannot be opened: %s.", path, strerror(errno));
		return false;
	}
	buf_init(&b, limit + (1 << 16));
	bool ok = read_all(fileno(in), &b, standard ? "standard input" : path);
	if (!standard)
		fclose(in);
	if (ok) {
		*text = buf_take(&b, n);
		ok = *text != NULL;
	}
	buf_free(&b);
	return ok;
}

bool
command_write(struct span text)
{
	if (fwrite(text.p, 1, text.n, stdout) == text.n && fflush(stdout) == 0)
		return true;
	command_complain("standard output cannot be written: %s.", strerror(errno));
	return false;
}
