/* The settings table: one row per setting, from which parsing, help, docs and
 * the dump of what is in force are made. */
#ifndef HR_BASE_SETTINGS_H
#define HR_BASE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum setting_type {
	SETTING_TEXT,
	SETTING_COUNT,
	SETTING_BYTES,
	SETTING_MS,
	SETTING_SWITCH,
	SETTING_CHOICE,
};

/* Where a value came from; a later one overrides an earlier one. */
enum setting_source {
	SETTING_FROM_DEFAULT,
	SETTING_FROM_FILE,
	SETTING_FROM_ENVIRONMENT,
	SETTING_FROM_FLAG,
};

#define SETTING_MEMBER_TEXT char *
#define SETTING_MEMBER_COUNT int64_t
#define SETTING_MEMBER_BYTES int64_t
#define SETTING_MEMBER_MS int64_t
#define SETTING_MEMBER_SWITCH int64_t
#define SETTING_MEMBER_CHOICE int64_t

enum setting_id {
#define SETTING(type, member, ...) SETTING_ID_##member,
#include "base/settings.def"
#undef SETTING
	SETTINGS,	/* how many */
};

/* Values in force. Read-only once the program runs; freed by settings_free. */
struct settings {
#define SETTING(type, member, ...) SETTING_MEMBER_##type member;
#include "base/settings.def"
#undef SETTING
	uint8_t source[SETTINGS];	/* enum setting_source */
};

/* A row of the table, for whoever prints it. */
struct setting_row {
	enum setting_type type;
	const char *name;
	const char *env;
	const char *fallback;	/* the default, as one would write it */
	int64_t low, high;
	const char *choices;
	const char *group;
	const char *consumer;
	const char *help;
	size_t offset;		/* of the member in struct settings */
};

const struct setting_row *setting_row(enum setting_id id);

/* One sentence for a person: what was wrong and what to do. */
struct settings_error {
	char text[400];
};

/* Defaults. */
void settings_init(struct settings *s);
void settings_free(struct settings *s);

/* Gives one setting by name. ERR_NOT_FOUND: no such setting (the nearest name is
 * in the sentence); ERR_SYNTAX: not a value for it. A weaker source does not
 * override a stronger one (OK, nothing changed). */
enum err settings_set(struct settings *s, const char *name, const char *value,
		      enum setting_source from, struct settings_error *why) MUST_CHECK;

/* Reads an ini file. `must_exist` false: a missing file is OK. */
enum err settings_read_file(struct settings *s, const char *path, bool must_exist,
			    struct settings_error *why) MUST_CHECK;

/* Reads the environment, names without regard to case (https_proxy is as usual as
 * HTTPS_PROXY). A HEADROOM_ variable that is no setting but nearly one
 * is an error; others of that prefix are passed to `unknown` (may be NULL). */
enum err settings_read_environment(struct settings *s, const char *const *environ_,
				   void (*unknown)(const char *name),
				   struct settings_error *why) MUST_CHECK;

/* Reads --name value, --name=value and the aliases from argv[*at] on; stops at
 * the first argument that is none, and at --config, which names the file that the
 * caller has read (then *at is its index; argc at the end). */
enum err settings_read_flags(struct settings *s, int argc, const char *const *argv, int *at,
			     struct settings_error *why) MUST_CHECK;

/* The value as one would write it, e.g. "10s" or "64m". */
void settings_print(const struct settings *s, enum setting_id id, struct buf *out);

/* "default", "file", "environment", "flag". */
const char *setting_source_name(enum setting_source from);

/* The rows of --help, grouped; and docs/settings.md. */
void settings_help(struct buf *out);
void settings_markdown(struct buf *out);

/* The whole as an ini file with the source of each value behind it. */
void settings_dump(const struct settings *s, struct buf *out);

/* Values of the choice settings. */
enum setting_adopt { ADOPT_LEAVE, ADOPT_COMPRESS };
enum setting_log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

#endif
