#include "cli/paths.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *
home(void)
{
	const char *const env = getenv("HOME");

	if (env && env[0] == '/')
		return env;
	const struct passwd *const pw = getpwuid(getuid());
	return pw ? pw->pw_dir : NULL;
}

/* $VARIABLE/tail, or HOME/fallback/tail. The specification says to ignore
 * relative values of its variables. */
static bool
xdg(const char *variable, const char *fallback, const char *tail, char out[PATHS_MAX])
{
	const char *const base = getenv(variable);
	int n;

	if (base && base[0] == '/') {
		n = snprintf(out, PATHS_MAX, "%s/%s", base, tail);
	} else {
		const char *const h = home();

		if (!h)
			return false;
		n = snprintf(out, PATHS_MAX, "%s/%s/%s", h, fallback, tail);
	}
	return n > 0 && n < PATHS_MAX;
}

bool
paths_state(const struct settings *s, char out[PATHS_MAX])
{
	if (s->workspace_dir[0] == '\0')
		return xdg("XDG_STATE_HOME", ".local/state", "headroom", out);
	const int n = snprintf(out, PATHS_MAX, "%s", s->workspace_dir);

	return n > 0 && n < PATHS_MAX;
}

bool
paths_config(char out[PATHS_MAX])
{
	return xdg("XDG_CONFIG_HOME", ".config", "headroom/headroom.ini", out);
}
