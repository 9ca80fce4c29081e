#include "ledger/tools.h"

#include "json/text.h"
#include "json/walk.h"
#include "text/glob.h"

struct reader {
	const char *name;
	bool bare;	/* also as mcp__SERVER__NAME: the name leaves no doubt */
};

/* Always. */
static const struct reader readers[] = {
	{ "read", false },	{ "view", false },	{ "read_file", true },
	{ "readfile", true },	{ "open_file", true },	{ "cat_file", true },
	{ "notebookread", true },
};

/* With "command": "view". */
static const char *const editors[] = { "str_replace_editor", "str_replace_based_edit_tool" };

/* With a command line whose first word is one of `words`. */
static const char *const shells[] = {
	"bash",		   "shell",	  "sh",		      "zsh",
	"terminal",	   "local_shell", "exec_command",     "shell_command",
	"execute_command", "run_command", "run_terminal_cmd", "run_terminal_command",
	"run_in_terminal", "run_shell_command", "execute_bash", "container.exec",
};

static const char *const words[] = { "cat", "head", "tail", "nl", "bat", "less", "more" };

/* Members that hold a shell tool's command line. */
static const char *const line_members[] = { "command", "cmd", "script" };

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool
is_one_of(struct span s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq_nocase(s, span_str(list[i])))
			return true;
	return false;
}

/* What follows the last "__". */
static struct span
bare_name(struct span name)
{
	for (size_t i = name.n; i > 1; i--)
		if (name.p[i - 1] == '_' && name.p[i - 2] == '_')
			return span_from(name, i);
	return name;
}

static bool
is_reader(struct span name)
{
	const struct span bare = bare_name(name);

	for (size_t i = 0; i < COUNT(readers); i++)
		if (span_eq_nocase(readers[i].bare ? bare : name, span_str(readers[i].name)))
			return true;
	return false;
}

/* ---- command lines ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Cuts the first word off, as far as white space divides words. */
static struct span
next_word(struct span *line)
{
	size_t n = 0;

	while (line->n && is_blank(line->p[0]))
		*line = span_from(*line, 1);
	while (n < line->n && !is_blank(line->p[n]))
		n++;
	const struct span word = span_head(*line, n);
	*line = span_from(*line, n);
	return word;
}

/* NAME=value in front of a command. */
static bool
is_assignment(struct span word)
{
	const size_t n = span_find(word, '=');

	if (n == 0 || n == word.n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char c = word.p[i];

		if (!(c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		      (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return true;
}

static struct span
without_folder(struct span word)
{
	for (size_t i = word.n; i > 0; i--)
		if (word.p[i - 1] == '/')
			return span_from(word, i);
	return word;
}

static bool
words_read_file(struct span command, struct span argument)
{
	const struct span name = without_folder(command);

	if (span_eq(name, SPAN("sed")))
		return span_starts(argument, SPAN("-n"));
	return is_one_of(name, words, COUNT(words));
}

/* What an agent puts in front of most commands: "cd somewhere &&". */
static struct span
after_cd(struct span line)
{
	struct span rest = line;

	if (!span_eq(next_word(&rest), SPAN("cd")))
		return line;
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == ';' || (rest.p[i] == '&' && i + 1 < rest.n && rest.p[i + 1] == '&'))
			return span_from(rest, i + (rest.p[i] == ';' ? 1 : 2));
	return line;
}

static bool
line_reads_file(struct span line)
{
	line = after_cd(line);
	struct span word = next_word(&line);

	while (is_assignment(word))
		word = next_word(&line);
	return words_read_file(word, next_word(&line));
}

/* A command as a list of words, perhaps itself a shell: ["bash", "-lc", "cat x"]. */
static bool
list_reads_file(const struct json_doc *d, uint32_t list, struct arena *a)
{
	struct span word[3] = { SPAN_NONE, SPAN_NONE, SPAN_NONE };
	size_t n = 0;

	for (JSON_EACH(d, list, i)) {
		if (n == COUNT(word) || json_type(d, i) != JSON_STRING ||
		    json_string(d, i, a, &word[n]) != OK)
			break;
		n++;
	}
	if (n == 3 && span_starts(word[1], SPAN("-")) && span_ends(word[1], SPAN("c")) &&
	    is_one_of(without_folder(word[0]), shells, COUNT(shells)))
		return line_reads_file(word[2]);
	return words_read_file(word[0], word[1]);
}

/* ---- arguments ---- */

/* The call's arguments as an object: as they stand, or out of a string of JSON. */
static bool
arguments(const struct json_doc *d, uint32_t node, struct arena *a, struct json_doc *out,
	  uint32_t *object)
{
	static const struct json_limits limits = { .depth = 64, .nodes = 100000 };
	struct span text;

	if (node == JSON_NONE)
		return false;
	*out = *d;
	*object = node;
	if (json_type(d, node) == JSON_STRING) {
		if (json_string(d, node, a, &text) != OK || json_scan(text, &limits, a, out) != OK)
			return false;
		*object = 0;
	}
	return json_type(out, *object) == JSON_OBJECT;
}

static bool
shell_reads_file(const struct json_doc *d, uint32_t object, struct arena *a)
{
	struct span line;

	for (size_t i = 0; i < COUNT(line_members); i++) {
		const uint32_t v = json_get(d, object, span_str(line_members[i]));

		if (v == JSON_NONE)
			continue;
		if (json_type(d, v) == JSON_ARRAY)
			return list_reads_file(d, v, a);
		return json_type(d, v) == JSON_STRING && json_string(d, v, a, &line) == OK &&
		       line_reads_file(line);
	}
	return false;
}

bool
tools_reads_file(const struct json_doc *d, const struct wire_block *b, struct arena *a)
{
	struct json_doc args;
	uint32_t object = 0;

	if (!b->tool_name.p)
		return false;
	if (is_reader(b->tool_name))
		return true;
	const struct span bare = bare_name(b->tool_name);
	const bool editor = is_one_of(bare, editors, COUNT(editors));
	const bool shell = is_one_of(bare, shells, COUNT(shells));
	if ((!editor && !shell) || !arguments(d, b->tool_input, a, &args, &object))
		return false;
	if (shell)
		return shell_reads_file(&args, object, a);
	return json_is(&args, json_get(&args, object, SPAN("command")), SPAN("view"));
}

/* ---- the exclude list ---- */

bool
tools_excluded(const char *list, struct span name)
{
	struct span rest = span_str(list);

	while (name.p && rest.n) {
		const size_t comma = span_find(rest, ',');
		const struct span glob = span_trim(span_head(rest, comma));

		if (glob.n && glob_match(glob, name))
			return true;
		rest = span_from(rest, comma + 1);
	}
	return false;
}

bool
tools_is_retrieve(struct span name)
{
	return span_eq(name, SPAN(RETRIEVE_TOOL)) || span_ends(name, SPAN("__" RETRIEVE_TOOL));
}
