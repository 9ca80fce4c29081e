#include <string.h>

#include "cli/command.h"

#define TEXT_LIMIT ((size_t)1 << 20)

int
command_settings(int argc, const char *const *argv)
{
	struct settings s;
	struct buf out;
	int at = 0;
	int status = 1;

	const bool markdown = argc > 0 && strcmp(argv[0], "--markdown") == 0;
	if (markdown)
		at++;
	buf_init(&out, TEXT_LIMIT);
	if (markdown && at == argc) {
		settings_markdown(&out);
		status = command_write(buf_span(&out)) ? 0 : 1;
		buf_free(&out);
		return status;
	}
	if (!command_settings_read(&s, argc, argv, &at)) {
		status = 2;
	} else if (at < argc) {
		command_complain("`headroom settings` does not take \"%s\".", argv[at]);
		status = 2;
	} else {
		settings_dump(&s, &out);
		status = command_write(buf_span(&out)) ? 0 : 1;
	}
	buf_free(&out);
	settings_free(&s);
	return status;
}
