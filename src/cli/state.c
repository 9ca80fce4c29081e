#include "cli/state.h"

#include <stdio.h>
#include <unistd.h>

#include "cli/paths.h"

static bool
is_there(const char *folder)
{
	char path[PATHS_MAX + 16];

	snprintf(path, sizeof path, "%s/headroom.db", folder);
	return access(path, F_OK) == 0;
}

enum err
state_open(const struct settings *s, bool make, struct store **out, char why[STORE_WHY])
{
	char folder[PATHS_MAX];

	if (!paths_state(s, folder)) {
		snprintf(why, STORE_WHY, "there is no folder for state; set HEADROOM_WORKSPACE_DIR.");
		return ERR_IO;
	}
	if (!make && !is_there(folder)) {
		snprintf(why, STORE_WHY, "there is no store in %.400s; HEADROOM_WORKSPACE_DIR names another folder.",
			 folder);
		return ERR_NOT_FOUND;
	}
	const struct store_options options = {
		.folder = folder,
		.forms_idle_days = (uint32_t)s->forms_idle_days,
		.originals_idle_s = (uint32_t)(s->originals_idle / 1000),
		.originals_bytes = (uint64_t)s->originals_bytes,
		.busy_ms = (uint32_t)s->store_busy,
		.queue_limit = (uint32_t)s->store_queue,
	};
	return store_open(&options, out, why);
}
