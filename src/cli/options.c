#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/command.h"

static struct own_option *
find(struct own_option *own, size_t n, const char *argument)
{
	if (strncmp(argument, "--", 2) != 0)
		return NULL;
	const size_t length = strcspn(argument + 2, "=");
	for (size_t i = 0; i < n; i++)
		if (strlen(own[i].name) == length && strncmp(own[i].name, argument + 2, length) == 0)
			return &own[i];
	return NULL;
}

/* Copies what is no own option to `rest`; its length in *count. */
static bool
take_own(int argc, const char *const *argv, struct own_option *own, size_t n, const char **rest,
	 int *count)
{
	*count = 0;
	for (int i = 0; i < argc; i++) {
		struct own_option *const o = find(own, n, argv[i]);
		const char *const equals = strchr(argv[i], '=');

		if (!o) {
			rest[(*count)++] = argv[i];
		} else if (equals) {
			o->value = equals + 1;
		} else if (i + 1 < argc) {
			o->value = argv[++i];
		} else {
			command_complain("--%s needs a value.", o->name);
			return false;
		}
	}
	return true;
}

static bool
is_operand(const char *argument)
{
	return argument[0] != '-' || argument[1] == '\0';
}

/* The operand stands first, or behind the settings. */
static bool
read_rest(int count, const char *const *rest, const char *usage, struct settings *s, const char **operand)
{
	int at = count && is_operand(rest[0]);

	*operand = at ? rest[0] : NULL;
	if (!command_settings_read(s, count, rest, &at))
		return false;
	if (!*operand && at < count && is_operand(rest[at]))
		*operand = rest[at++];
	if (*operand && at == count)
		return true;
	if (at < count)
		command_complain("\"%s\" is not understood here; usage: %s", rest[at], usage);
	else
		command_complain("usage: %s", usage);
	return false;
}

bool
options_read(int argc, const char *const *argv, const char *usage, struct own_option *own, size_t n,
	     struct settings *s, const char **operand)
{
	const char **const rest = calloc((size_t)argc + 1, sizeof *rest);
	bool ok = rest != NULL;
	int count;

	if (!ok)
		command_complain("there is not enough memory.");
	ok = ok && take_own(argc, argv, own, n, rest, &count);
	if (ok)
		ok = read_rest(count, rest, usage, s, operand);
	else
		settings_init(s);
	free(rest);
	return ok;
}
