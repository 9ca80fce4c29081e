/* Arguments of commands that take one operand, options of their own and settings. */
#ifndef HR_CLI_OPTIONS_H
#define HR_CLI_OPTIONS_H

#include <stddef.h>

#include "base/settings.h"

/* An option of one command, "--name VALUE" or "--name=VALUE". */
struct own_option {
	const char *name;
	const char *value;	/* NULL: not given; of several the last */
};

/* Takes the `n` own options and the one operand, which stands before or behind all
 * settings, out of the arguments; the rest are flags of settings (and --config). "-" is an
 * operand. False: the reason, with `usage`, has been said. The caller frees `s` either way. */
bool options_read(int argc, const char *const *argv, const char *usage, struct own_option *own, size_t n,
		  struct settings *s, const char **operand);

#endif
