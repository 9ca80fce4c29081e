#include "base/settings.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/names.h"

static const struct setting_row rows[SETTINGS] = {
#define SETTING(type_, member_, name_, env_, default_, low_, high_, choices_, group_, consumer_,   \
		help_)                                                                             \
	[SETTING_ID_##member_] = { .type = SETTING_##type_,                                        \
				   .name = name_,                                                  \
				   .env = env_,                                                    \
				   .fallback = default_,                                           \
				   .low = low_,                                                    \
				   .high = high_,                                                  \
				   .choices = choices_,                                            \
				   .group = group_,                                                \
				   .consumer = consumer_,                                          \
				   .help = help_,                                                  \
				   .offset = offsetof(struct settings, member_) },
#include "base/settings.def"
#undef SETTING
};

/* Other spellings, from the existing system: a switch that stands for a value. */
static const struct alias {
	const char *flag;	/* without the dashes, or NULL */
	const char *env;	/* on when true, or NULL */
	const char *name;
	const char *value;
} aliases[] = {
	{ "no-optimize", NULL, "profile", "off" },
	{ NULL, "HEADROOM_LOSSLESS_ONLY", "profile", "lossless" },
};

#define ALIASES (sizeof aliases / sizeof *aliases)

const struct setting_row *
setting_row(enum setting_id id)
{
	CHECK(id < SETTINGS);
	return &rows[id];
}

static enum err __attribute__((format(printf, 3, 4)))
complain(struct settings_error *why, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why->text, sizeof why->text, fmt, ap);
	va_end(ap);
	return e;
}

static char **
text_member(struct settings *s, const struct setting_row *r)
{
	return (char **)(void *)((char *)s + r->offset);
}

static int64_t *
number_member(struct settings *s, const struct setting_row *r)
{
	return (int64_t *)(void *)((char *)s + r->offset);
}

/* ---- values ---- */

struct unit {
	const char *suffix;
	int64_t factor;
};

/* Largest first, so that printing picks the roundest. */
static const struct unit byte_units[] = {
	{ "g", (int64_t)1 << 30 }, { "m", 1 << 20 }, { "k", 1 << 10 }, { "", 1 }
};
static const struct unit time_units[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 },
					  { "s", 1000 },     { "ms", 1 },      { "", 1000 } };
static const struct unit plain_units[] = { { "", 1 } };

static const struct unit *
units_of(enum setting_type type, size_t *n)
{
	switch (type) {
	case SETTING_BYTES:
		*n = sizeof byte_units / sizeof *byte_units;
		return byte_units;
	case SETTING_MS:
		*n = sizeof time_units / sizeof *time_units;
		return time_units;
	default:
		*n = 1;
		return plain_units;
	}
}

static bool
parse_number(const struct setting_row *r, const char *value, int64_t *out)
{
	char *end;
	size_t n;
	const struct unit *const units = units_of(r->type, &n);

	if (!isdigit((unsigned char)value[0]))
		return false;
	errno = 0;
	const long long v = strtoll(value, &end, 10);
	if (errno)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(end, units[i].suffix) == 0)
			return !__builtin_mul_overflow(v, units[i].factor, out);
	return false;
}

static bool
parse_switch(const char *value, int64_t *out)
{
	static const char *const words[] = { "off", "on", "false", "true", "no", "yes", "0", "1" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(value, words[i]) == 0) {
			*out = i % 2;
			return true;
		}
	return false;
}

static bool
parse_choice(const char *choices, const char *value, int64_t *out)
{
	const size_t n = strlen(value);
	int64_t index = 0;

	for (const char *c = choices; n; index++) {
		const size_t len = strcspn(c, "|");

		if (len == n && strncasecmp(c, value, n) == 0) {
			*out = index;
			return true;
		}
		if (c[len] == '\0')
			break;
		c += len + 1;
	}
	return false;
}

static void
print_number(const struct setting_row *r, int64_t v, struct buf *out)
{
	size_t n;
	const struct unit *const units = units_of(r->type, &n);

	for (size_t i = 0; i < n; i++)
		if (v % units[i].factor == 0 && (v || units[i].factor == 1 || r->type == SETTING_MS)) {
			buf_add_i64(out, v / units[i].factor);
			buf_add_str(out, v || r->type != SETTING_MS ? units[i].suffix : "");
			return;
		}
}

static enum err
bad_value(const struct setting_row *r, const char *value, struct settings_error *why)
{
	struct buf low, high;

	if (r->type == SETTING_SWITCH)
		return complain(why, ERR_SYNTAX, "%s is on or off, not \"%.60s\".", r->name, value);
	if (r->type == SETTING_CHOICE)
		return complain(why, ERR_SYNTAX, "%s is one of %s, not \"%.60s\".", r->name,
				r->choices, value);
	buf_init(&low, 64);
	buf_init(&high, 64);
	print_number(r, r->low, &low);
	print_number(r, r->high, &high);
	complain(why, ERR_SYNTAX, "%s is a %s from %.*s to %.*s, not \"%.60s\".", r->name,
		 r->type == SETTING_BYTES ? "size" : r->type == SETTING_MS ? "time" : "number",
		 SPAN_ARG(buf_span(&low)), SPAN_ARG(buf_span(&high)), value);
	buf_free(&low);
	buf_free(&high);
	return ERR_SYNTAX;
}

static enum err
assign_text(struct settings *s, const struct setting_row *r, const char *value)
{
	char *const copy = strdup(value);

	if (!copy)
		return ERR_NOMEM;
	free(*text_member(s, r));
	*text_member(s, r) = copy;
	return OK;
}

static enum err
assign(struct settings *s, const struct setting_row *r, const char *value,
       struct settings_error *why)
{
	int64_t v = 0;
	bool ok = false;

	if (r->type == SETTING_TEXT)
		return assign_text(s, r, value);
	if (r->type == SETTING_SWITCH)
		ok = parse_switch(value, &v);
	else if (r->type == SETTING_CHOICE)
		ok = parse_choice(r->choices, value, &v);
	else
		ok = parse_number(r, value, &v) && v >= r->low && v <= r->high;
	if (!ok)
		return bad_value(r, value, why);
	*number_member(s, r) = v;
	return OK;
}

void
settings_init(struct settings *s)
{
	struct settings_error why;

	memset(s, 0, sizeof *s);
	for (size_t i = 0; i < SETTINGS; i++)
		CHECK(assign(s, &rows[i], rows[i].fallback, &why) == OK);
}

void
settings_free(struct settings *s)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (rows[i].type == SETTING_TEXT) {
			free(*text_member(s, &rows[i]));
			*text_member(s, &rows[i]) = NULL;
		}
}

/* ---- sources ---- */

static const struct setting_row *
row_by_name(const char *name)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static enum err
unknown_name(const char *what, const char *name, struct settings_error *why)
{
	const char *names[SETTINGS];

	for (size_t i = 0; i < SETTINGS; i++)
		names[i] = rows[i].name;
	const char *const near = name_nearest(name, names, SETTINGS);
	if (near)
		return complain(why, ERR_NOT_FOUND, "There is no %s \"%.80s\"; did you mean \"%s\"?",
				what, name, near);
	return complain(why, ERR_NOT_FOUND,
			"There is no %s \"%.80s\"; `headroom proxy --help` lists them.", what, name);
}

enum err
settings_set(struct settings *s, const char *name, const char *value, enum setting_source from,
	     struct settings_error *why)
{
	const struct setting_row *const r = row_by_name(name);

	if (!r)
		return unknown_name("setting", name, why);
	uint8_t *const source = &s->source[r - rows];
	if (*source > from)
		return OK;
	TRY(assign(s, r, value, why));
	*source = (uint8_t)from;
	return OK;
}

struct file_reader {
	struct settings *s;
	struct settings_error *why;
	enum err err;
};

/* inih's callback: 1 goes on, 0 remembers the line as the first bad one. */
static int
file_pair(void *arg, const char *section, const char *name, const char *value)
{
	struct file_reader *const f = arg;

	if (f->err != OK)
		return 0;
	const struct setting_row *const r = row_by_name(name);
	if (r && section[0] && strcmp(section, r->group) != 0) {
		f->err = complain(f->why, ERR_SYNTAX, "\"%s\" belongs in section [%s], not [%.40s].",
				  name, r->group, section);
		return 0;
	}
	f->err = settings_set(f->s, name, value, SETTING_FROM_FILE, f->why);
	return f->err == OK;
}

enum err
settings_read_file(struct settings *s, const char *path, bool must_exist,
		   struct settings_error *why)
{
	struct file_reader f = { .s = s, .why = why };
	FILE *const in = fopen(path, "re");

	if (!in) {
		if (errno == ENOENT && !must_exist)
			return OK;
		return complain(why, ERR_IO, "The settings file %.200s cannot be read: %s.", path,
				strerror(errno));
	}
	const int line = ini_parse_file(in, file_pair, &f);
	fclose(in);
	if (line == 0)
		return OK;
	char reason[sizeof why->text];
	snprintf(reason, sizeof reason, "%s",
		 f.err != OK ? why->text : "this is neither [section] nor name = value.");
	complain(why, f.err != OK ? f.err : ERR_SYNTAX, "%.120s, line %d: %.250s", path, line, reason);
	return f.err != OK ? f.err : ERR_SYNTAX;
}

static const struct alias *
alias_by_env(const char *name)
{
	for (size_t i = 0; i < ALIASES; i++)
		if (aliases[i].env && strcmp(aliases[i].env, name) == 0)
			return &aliases[i];
	return NULL;
}

static enum err
read_alias_env(struct settings *s, const struct alias *a, const char *value,
	       struct settings_error *why)
{
	int64_t on;

	if (!parse_switch(value, &on))
		return complain(why, ERR_SYNTAX, "%s is on or off, not \"%.60s\".", a->env, value);
	return on ? settings_set(s, a->name, a->value, SETTING_FROM_ENVIRONMENT, why) : OK;
}

/* A HEADROOM_ variable that no row names: an error when it is nearly one. */
static enum err
read_unknown_env(const char *name, void (*unknown)(const char *name), struct settings_error *why)
{
	for (size_t i = 0; i < SETTINGS; i++)
		if (name_distance(name, rows[i].env) <= 2)
			return complain(why, ERR_NOT_FOUND,
					"There is no variable %.80s; did you mean %s?", name,
					rows[i].env);
	if (unknown)
		unknown(name);
	return OK;
}

static enum err
read_env(struct settings *s, const char *name, const char *value,
	 void (*unknown)(const char *name), struct settings_error *why)
{
	const struct alias *const a = alias_by_env(name);

	if (a)
		return read_alias_env(s, a, value, why);
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcasecmp(rows[i].env, name) == 0) {
			if (value[0] == '\0')
				return OK;
			const enum err e =
				settings_set(s, rows[i].name, value, SETTING_FROM_ENVIRONMENT, why);
			if (e != OK) {
				char text[sizeof why->text];
				snprintf(text, sizeof text, "%s", why->text);
				complain(why, e, "%s: %.340s", name, text);
			}
			return e;
		}
	/* HEADROOM_CONFIG has named the file already. */
	if (strncmp(name, "HEADROOM_", 9) != 0 || strcmp(name, "HEADROOM_CONFIG") == 0)
		return OK;
	return read_unknown_env(name, unknown, why);
}

enum err
settings_read_environment(struct settings *s, const char *const *environ_, void (*unknown)(const char *name),
			  struct settings_error *why)
{
	for (const char *const *e = environ_; *e; e++) {
		char name[80];
		const size_t n = strcspn(*e, "=");

		if (n >= sizeof name || (*e)[n] != '=')
			continue;
		memcpy(name, *e, n);
		name[n] = '\0';
		TRY(read_env(s, name, *e + n + 1, unknown, why));
	}
	return OK;
}

static bool
read_alias_flag(struct settings *s, const char *flag, struct settings_error *why, enum err *e)
{
	for (size_t i = 0; i < ALIASES; i++)
		if (aliases[i].flag && strcmp(aliases[i].flag, flag) == 0) {
			*e = settings_set(s, aliases[i].name, aliases[i].value, SETTING_FROM_FLAG, why);
			return true;
		}
	return false;
}

static bool
is_config_flag(const char *flag)
{
	return strcmp(flag, "--config") == 0 || strncmp(flag, "--config=", 9) == 0;
}

enum err
settings_read_flags(struct settings *s, int argc, const char *const *argv, int *at, struct settings_error *why)
{
	for (; *at < argc; (*at)++) {
		const char *const flag = argv[*at];
		char name[64];
		enum err e = OK;

		if (strncmp(flag, "--", 2) != 0 || flag[2] == '\0' || is_config_flag(flag))
			return OK;
		const size_t n = strcspn(flag + 2, "=");
		if (n >= sizeof name)
			return unknown_name("option", flag, why);
		memcpy(name, flag + 2, n);
		name[n] = '\0';
		if (flag[2 + n] == '\0' && read_alias_flag(s, name, why, &e)) {
			TRY(e);
			continue;
		}
		const struct setting_row *const r = row_by_name(name);
		if (!r)
			return unknown_name("option", name, why);
		const char *value = flag[2 + n] == '=' ? flag + 3 + n : NULL;
		/* A switch may stand alone: the next argument is its value only if
		 * it can be one. */
		int64_t word;
		if (!value && r->type == SETTING_SWITCH &&
		    (*at + 1 >= argc || !parse_switch(argv[*at + 1], &word)))
			value = "on";
		if (!value && *at + 1 >= argc)
			return complain(why, ERR_SYNTAX, "--%s needs a value.", name);
		if (!value)
			value = argv[++*at];
		TRY(settings_set(s, name, value, SETTING_FROM_FLAG, why));
	}
	return OK;
}

/* ---- printing ---- */

void
settings_print(const struct settings *s, enum setting_id id, struct buf *out)
{
	const struct setting_row *const r = &rows[id];
	const char *const at = (const char *)s + r->offset;
	int64_t v = 0;

	if (r->type == SETTING_TEXT) {
		buf_add_str(out, *(char *const *)(const void *)at);
		return;
	}
	memcpy(&v, at, sizeof v);
	if (r->type == SETTING_SWITCH) {
		buf_add_str(out, v ? "on" : "off");
	} else if (r->type == SETTING_CHOICE) {
		const char *c = r->choices;

		for (int64_t i = 0; i < v; i++)
			c += strcspn(c, "|") + 1;
		buf_add(out, c, strcspn(c, "|"));
	} else {
		print_number(r, v, out);
	}
}

const char *
setting_source_name(enum setting_source from)
{
	static const char *const names[] = { "default", "file", "environment", "flag" };

	return names[from];
}

static const char *
value_word(const struct setting_row *r)
{
	switch (r->type) {
	case SETTING_BYTES:
		return "SIZE";
	case SETTING_MS:
		return "TIME";
	case SETTING_COUNT:
		return "N";
	case SETTING_SWITCH:
		return "on|off";
	case SETTING_CHOICE:
		return r->choices;
	case SETTING_TEXT:
		break;
	}
	return "TEXT";
}

/* Calls `each` with the rows group by group, in the order of the table. */
static void
each_by_group(struct buf *out, void (*group)(struct buf *, const char *),
	      void (*each)(struct buf *, const struct setting_row *))
{
	for (size_t i = 0; i < SETTINGS; i++) {
		bool first = true;

		for (size_t k = 0; k < i && first; k++)
			first = strcmp(rows[k].group, rows[i].group) != 0;
		if (!first)
			continue;
		group(out, rows[i].group);
		for (size_t k = i; k < SETTINGS; k++)
			if (strcmp(rows[k].group, rows[i].group) == 0)
				each(out, &rows[k]);
	}
}

static void
help_group(struct buf *out, const char *group)
{
	buf_addf(out, "\n%c%s:\n", toupper((unsigned char)group[0]), group + 1);
}

/* `text` in lines of at most `width` characters, each after `indent` spaces. */
static void
add_wrapped(struct buf *out, const char *text, size_t indent, size_t width)
{
	while (*text) {
		size_t n = strlen(text);

		if (n > width) {
			n = width;
			while (n > 1 && text[n] != ' ')
				n--;
		}
		buf_addf(out, "%*s%.*s\n", (int)indent, "", (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
}

static void
help_row(struct buf *out, const struct setting_row *r)
{
	buf_addf(out, "  --%s %s  [%s]  {%s}\n", r->name, value_word(r),
		 r->fallback[0] ? r->fallback : "none", r->env);
	add_wrapped(out, r->help, 6, 74);
}

void
settings_help(struct buf *out)
{
	each_by_group(out, help_group, help_row);
}

static void
markdown_group(struct buf *out, const char *group)
{
	buf_addf(out,
		 "\n## [%s]\n\n| name | value | default | environment | what it does |\n"
		 "| --- | --- | --- | --- | --- |\n",
		 group);
}

static void
markdown_row(struct buf *out, const struct setting_row *r)
{
	buf_addf(out, "| `%s` | ", r->name);
	if (r->type == SETTING_CHOICE) {
		for (const char *c = r->choices; *c; c++)
			buf_addf(out, *c == '|' ? ", " : "%c", *c);
	} else {
		buf_add_str(out, r->type == SETTING_SWITCH ? "on, off" : value_word(r));
	}
	if (r->type == SETTING_COUNT || r->type == SETTING_BYTES || r->type == SETTING_MS) {
		buf_add_str(out, " (");
		print_number(r, r->low, out);
		buf_add_str(out, " to ");
		print_number(r, r->high, out);
		buf_add_char(out, ')');
	}
	buf_addf(out, " | %s%s%s | `%s` | %s |\n", r->fallback[0] ? "`" : "", r->fallback,
		 r->fallback[0] ? "`" : "", r->env, r->help);
}

void
settings_markdown(struct buf *out)
{
	buf_add_str(out,
		    "# Settings\n\n"
		    "Made by `headroom settings --markdown` from the settings table; a test keeps it "
		    "true.\n\n"
		    "A setting is given as a flag (`--name value`), as an environment variable, or in "
		    "`headroom.ini`\n"
		    "(`name = value` in the section shown). A flag wins over the environment, the "
		    "environment over the file.\n"
		    "The file is `~/.config/headroom/headroom.ini` if there is one, or what `--config FILE` or "
		    "`HEADROOM_CONFIG` names.\n"
		    "Sizes take `k`, `m` or `g`; times take `ms`, `s`, `m`, `h` or `d`, bare numbers are "
		    "seconds.\n");
	each_by_group(out, markdown_group, markdown_row);
}

/* A text value as inih reads it back: nothing needs quoting but line breaks,
 * which no value may hold. */
void
settings_dump(const struct settings *s, struct buf *out)
{
	const char *group = "";

	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(group, rows[i].group) != 0) {
			group = rows[i].group;
			buf_addf(out, "%s[%s]\n", i ? "\n" : "", group);
		}
		buf_addf(out, "%s = ", rows[i].name);
		settings_print(s, (enum setting_id)i, out);
		buf_addf(out, "  ; %s\n", setting_source_name(s->source[i]));
	}
}
