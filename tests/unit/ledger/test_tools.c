#include "unit.h"

#include <stdio.h>

#include "ledger/tools.h"

/* Does a call of `name` with these arguments read a file? */
static bool
reads(const char *name, const char *arguments)
{
	static const struct json_limits limits = { .depth = 100, .nodes = 1000 };
	struct arena a;
	struct json_doc d;

	arena_init(&a, 1 << 20);
	assert_int_equal(json_scan(span_str(arguments), &limits, &a, &d), OK);
	const struct wire_block b = { .tool_name = span_str(name), .tool_input = 0 };
	const bool yes = tools_reads_file(&d, &b, &a);
	arena_free(&a);
	return yes;
}

static void
readers_are_known_by_name(void **state)
{
	(void)state;
	static const char *const yes[] = {
		"read", "Read", "READ", "view", "View", "read_file", "Read_File", "readfile",
		"ReadFile", "open_file", "cat_file", "NotebookRead", "mcp__files__read_file",
		"mcp__my__files__ReadFile",
	};
	static const char *const no[] = {
		"", "reader", "read_files", "preview", "write", "edit", "grep", "glob", "ls",
		"mcp__mail__read", "mcp__db__view", "thread", "bash", "str_replace_editor",
	};

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(reads(yes[i], "{}"));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(reads(no[i], "{}"));
	const struct wire_block nameless = { .tool_name = SPAN_NONE, .tool_input = JSON_NONE };
	const struct json_doc d = { .text = SPAN("1") };
	assert_false(tools_reads_file(&d, &nameless, NULL));
	const struct wire_block bare = { .tool_name = SPAN("Read"), .tool_input = JSON_NONE };
	assert_true(tools_reads_file(&d, &bare, NULL));
}

static void
editors_read_when_they_view(void **state)
{
	(void)state;
	assert_true(reads("str_replace_editor", "{\"command\":\"view\",\"path\":\"/a\"}"));
	assert_true(reads("str_replace_based_edit_tool", "{\"path\":\"/a\",\"command\":\"vi\\u0065w\"}"));
	assert_true(reads("str_replace_editor", "\"{\\\"command\\\":\\\"view\\\"}\""));
	assert_false(reads("str_replace_editor", "{\"command\":\"create\"}"));
	assert_false(reads("str_replace_editor", "{\"command\":[\"view\"]}"));
	assert_false(reads("str_replace_editor", "{}"));
	assert_false(reads("str_replace_editor", "\"not json\""));
	assert_false(reads("list", "{\"command\":\"view\"}"));
}

static bool
line(const char *command)
{
	char json[300];

	snprintf(json, sizeof json, "{\"command\":\"%s\"}", command);
	return reads("Bash", json);
}

static void
shells_read_by_their_first_word(void **state)
{
	(void)state;
	static const char *const yes[] = {
		"cat a.json", "  cat a.json", "cat\\ta", "head -5 a", "tail -n 3 a", "nl a", "bat a",
		"less a", "more a", "sed -n 1,5p a", "sed  -n '1p' a", "/bin/cat a", "A=1 B_2=x cat a",
		"cd /repo && cat a", "cd '/my repo'; head a", "cat a | jq .", "cat", "CAT a",
	};
	static const char *const no[] = {
		"", " ", "ls", "concat a", "catalog", "sed s/a/b/ a", "sed -i -n a", "sed", "jq . a",
		"curl -s x | cat", "git show HEAD:a", "echo cat", "cd /x && jq . a", "cd cat", "dog a",
		"find . | head", "=1 cat", "A-B=1 cat a",
	};

	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(line(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
		assert_false(line(no[i]));
}

static void
shells_are_given_their_line_in_many_ways(void **state)
{
	(void)state;
	assert_true(reads("shell", "{\"cmd\":\"cat a\"}"));
	assert_true(reads("execute_command", "{\"script\":\"head a\",\"cwd\":\"/\"}"));
	assert_true(reads("shell", "{\"command\":[\"cat\",\"a\"]}"));
	assert_true(reads("shell", "{\"command\":[\"sed\",\"-n\",\"1p\",\"a\"]}"));
	assert_true(reads("shell", "{\"command\":[\"bash\",\"-lc\",\"cat a\"]}"));
	assert_true(reads("shell", "{\"command\":[\"/bin/sh\",\"-c\",\"cd b && tail a\"]}"));
	assert_true(reads("local_shell", "\"{\\\"command\\\":[\\\"bash\\\",\\\"-c\\\",\\\"cat a\\\"]}\""));
	assert_true(reads("mcp__box__bash", "{\"command\":\"cat a\"}"));
	assert_false(reads("shell", "{\"command\":[\"bash\",\"-lc\",\"ls\"]}"));
	assert_false(reads("shell", "{\"command\":[\"python\",\"-c\",\"cat\"]}"));
	assert_false(reads("shell", "{\"command\":[]}"));
	assert_false(reads("shell", "{\"command\":[1,\"cat\"]}"));
	assert_false(reads("shell", "{\"command\":7}"));
	assert_false(reads("shell", "{\"argument\":\"cat a\"}"));
	assert_false(reads("shell", "[\"cat\"]"));
	assert_false(reads("shell", "\"cat a\""));
	assert_false(reads("run_query", "{\"command\":\"cat a\"}"));
}

static void
the_exclude_list_takes_globs(void **state)
{
	(void)state;
	assert_true(tools_excluded("list", SPAN("list")));
	assert_true(tools_excluded("LIST", SPAN("List")));
	assert_true(tools_excluded("a, list ,b", SPAN("list")));
	assert_true(tools_excluded("mcp__*", SPAN("mcp__db__query")));
	assert_true(tools_excluded("*query", SPAN("mcp__db__query")));
	assert_true(tools_excluded("*d*b*q*", SPAN("mcp__db__query")));
	assert_true(tools_excluded("l?st", SPAN("list")));
	assert_true(tools_excluded("*", SPAN("")));
	assert_true(tools_excluded("a*a*b", SPAN("aaaaab")));
	assert_false(tools_excluded("list", SPAN("lists")));
	assert_false(tools_excluded("list", SPAN("alist")));
	assert_false(tools_excluded("l?st", SPAN("lst")));
	assert_false(tools_excluded("a*a*b", SPAN("aaaaac")));
	assert_false(tools_excluded("", SPAN("list")));
	assert_false(tools_excluded(" , ,", SPAN("")));
	assert_false(tools_excluded(NULL, SPAN("list")));
	assert_false(tools_excluded("*", SPAN_NONE));
}

static void
the_retrieve_tool_is_known_by_name(void **state)
{
	(void)state;
	assert_true(tools_is_retrieve(SPAN("headroom_retrieve")));
	assert_true(tools_is_retrieve(SPAN("mcp__headroom__headroom_retrieve")));
	assert_false(tools_is_retrieve(SPAN("my_headroom_retrieve")));
	assert_false(tools_is_retrieve(SPAN("headroom_retrieve2")));
	assert_false(tools_is_retrieve(SPAN("Headroom_Retrieve")));
	assert_false(tools_is_retrieve(SPAN_NONE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readers_are_known_by_name),
		cmocka_unit_test(editors_read_when_they_view),
		cmocka_unit_test(shells_read_by_their_first_word),
		cmocka_unit_test(shells_are_given_their_line_in_many_ways),
		cmocka_unit_test(the_exclude_list_takes_globs),
		cmocka_unit_test(the_retrieve_tool_is_known_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
