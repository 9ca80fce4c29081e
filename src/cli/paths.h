/* Where headroom keeps things (XDG Base Directory Specification). */
#ifndef HR_CLI_PATHS_H
#define HR_CLI_PATHS_H

#include <stdbool.h>

#include "base/settings.h"

#define PATHS_MAX 4096

/* The state folder: the workspace-dir setting, else $XDG_STATE_HOME/headroom,
 * else ~/.local/state/headroom. False when there is no home to be found or the
 * path is too long. */
bool paths_state(const struct settings *s, char out[PATHS_MAX]);

/* $XDG_CONFIG_HOME/headroom/headroom.ini, else ~/.config/headroom/headroom.ini. */
bool paths_config(char out[PATHS_MAX]);

#endif
