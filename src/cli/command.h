/* The commands of `headroom`. Each gets the arguments after its name and
 * returns the exit status: 0 done, 1 failed, 2 called wrongly. */
#ifndef HR_CLI_COMMAND_H
#define HR_CLI_COMMAND_H

#include "base/err.h"
#include "base/settings.h"
#include "base/span.h"

struct command {
	const char *name;
	const char *arguments;	/* as shown in the usage line */
	const char *help;	/* one line */
	const char *details;	/* what --help adds; may be NULL */
	int (*run)(int argc, const char *const *argv);
};

int command_proxy(int argc, const char *const *argv);
int command_compress(int argc, const char *const *argv);
int command_retrieve(int argc, const char *const *argv);
int command_decode(int argc, const char *const *argv);
int command_settings(int argc, const char *const *argv);

extern const char command_compress_details[];
extern const char command_retrieve_details[];

/* Says one sentence on stderr, after "headroom: ". */
void command_complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Fills `s` from defaults, headroom.ini, the environment and the flags from
 * argv[*at] on (*at is moved behind them). --config FILE names another file.
 * False: the reason has been said. The caller frees `s` either way. */
bool command_settings_read(struct settings *s, int argc, const char *const *argv, int *at);

/* Reads a whole file, or stdin for "-", of at most `limit` bytes. False: the
 * reason has been said. The text is the caller's to free(). */
bool command_read_file(const char *path, size_t limit, char **text, size_t *n);

/* Writes everything to stdout. False: the reason has been said. */
bool command_write(struct span text);

#endif
