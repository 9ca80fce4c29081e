/* The forms as they are read by a model: exact texts. */
#include <stdio.h>

#include "unit.h"

#include "compress/form.h"
#include "compress/ladder.h"

/* Writes the form with tables, whether or not it pays, proves it, and compares
 * what follows the first line; the first line must hold each of `words`. */
static void
check_form(const char *json, const char *const *words, const char *want)
{
	struct fuel fuel = { 1 << 24 };
	struct source s;
	struct plan plan;
	struct arena a;
	struct buf form;

	arena_init(&a, 1 << 24);
	buf_init(&form, 1 << 20);
	assert_int_equal(source_read(span_str(json), &a, &fuel, &s), OK);
	assert_int_equal(plan_tables(&s, NULL, &a, &fuel, &plan), OK);
	assert_int_equal(form_write(&plan, &a, &fuel, &form), OK);
	const struct span text = buf_span(&form);
	const size_t line = span_find(text, '\n');
	assert_true(line < text.n);
	for (; *words; words++)
		if (!memmem(text.p, line, *words, strlen(*words)))
			fail_msg("\"%s\" is not in \"%.*s\"", *words, (int)line, text.p);
	assert_span_eq(span_from(text, line + 1), want);
	assert_int_equal(ladder_prove(&s, text, &a, &fuel), OK);
	buf_free(&form);
	arena_free(&a);
}

#define CHECK_FORM(json, want, ...)                                            \
	check_form(json, (const char *const[]){ __VA_ARGS__, NULL }, want)

static void
a_root_array_is_one_table(void **state)
{
	(void)state;
	CHECK_FORM("[{\"id\": 1, \"name\": \"Ann\", \"active\": true},\n"
		   " {\"id\": 2, \"name\": \"Bob\", \"active\": false},\n"
		   " {\"id\": 3, \"name\": \"null\", \"active\": null},\n"
		   " {\"id\": 4, \"name\": \"4\", \"active\": true}]",
		   "table 1: 4 rows, space-separated\n"
		   "id name active\n"
		   "1 Ann true\n"
		   "2 Bob false\n"
		   "3 \"null\" null\n"
		   "4 \"4\" true",
		   "[JSON as tables v2: ", "quotes hold strings");
}

static void
an_array_within_is_referred_to(void **state)
{
	(void)state;
	CHECK_FORM("{\"total\": 3, \"items\": [{\"path\": \"a/b\", \"line\": 10}, {\"path\": \"c d\", "
		   "\"line\": 20}, {\"path\": \"e,f\", \"line\": 30}, {\"path\": \"g h\", \"line\": 40}, {\"path\": \"i\", \"line\": 50}], "
		   "\"next\": null}",
		   "{total:3,items:[table 1],next:null}\n"
		   "table 1: 5 rows, bar-separated\n"
		   "path|line\n"
		   "a/b|10\n"
		   "c d|20\n"
		   "e,f|30\n"
		   "g h|40\n"
		   "i|50",
		   "[table 1] = its rows as a list");
}

static void
constants_and_common_ends_are_said_once(void **state)
{
	(void)state;
	CHECK_FORM("[{\"at\":\"2024-01-05T00:00:00Z\",\"kind\":\"push\",\"user\":{\"login\":\"ann\",\"site\":\"x\"}},"
		   "{\"at\":\"2024-01-17T00:00:00Z\",\"kind\":\"push\",\"user\":{\"login\":\"bob\",\"site\":\"x\"}},"
		   "{\"at\":\"2024-01-29T00:00:00Z\",\"kind\":\"push\",\"user\":{\"login\":\"cy\",\"site\":\"x\"}}]",
		   "table 1: 3 rows, space-separated\n"
		   "at=2024-01-{}T00:00:00Z (kind=push) user.login (user.site=x)\n"
		   "05 ann\n"
		   "17 bob\n"
		   "29 cy",
		   "a.b = member b of a", "(\u2026): no cells", "(a=x): x in every row",
		   "a=x{}y: {} = cell of a");
}

/* Ids, names and hashes share a beginning by chance: it stays. */
static void
short_common_ends_stay(void **state)
{
	(void)state;
	CHECK_FORM("[{\"user_id\":\"user_1001\",\"host\":\"pod-1\"},{\"user_id\":\"user_1002\",\"host\":\"pod-2\"},"
		   "{\"user_id\":\"user_1003\",\"host\":\"pod-3\"},{\"user_id\":\"user_1004\",\"host\":\"pod-4\"},"
		   "{\"user_id\":\"user_1005\",\"host\":\"pod-5\"}]",
		   "table 1: 5 rows, space-separated\n"
		   "user_id host\n"
		   "user_1001 pod-1\n"
		   "user_1002 pod-2\n"
		   "user_1003 pod-3\n"
		   "user_1004 pod-4\n"
		   "user_1005 pod-5",
		   "each row is an object");
}

static void
missing_null_and_empty_are_three_things(void **state)
{
	(void)state;
	CHECK_FORM("[{\"name\":\"a\",\"email\":null,\"note\":\"\"},{\"name\":\"b\",\"note\":\"-\"},"
		   "{\"name\":\"c\",\"email\":\"c@x\"},{\"name\":\"d\",\"email\":\"\",\"note\":null},"
		   "{},{\"email\":\"e@x\",\"note\":\"n\"}]",
		   "table 1: 6 rows, space-separated\n"
		   "name email note\n"
		   "a null \"\"\n"
		   "b - \"-\"\n"
		   "c c@x -\n"
		   "d \"\" null\n"
		   "={}\n"
		   "- e@x n",
		   "- = no such member");
}

static void
empty_cells_mark_missing_members_between_commas(void **state)
{
	(void)state;
	CHECK_FORM("[{\"title\":\"one two\",\"body\":\"x y z\"},{\"title\":\"three four\"},"
		   "{\"title\":\"five six\",\"body\":\"\"},{\"title\":\"seven eight\",\"body\":\"-\"},"
		   "{\"title\":\"nine ten\",\"body\":\"null\"}]",
		   "table 1: 5 rows, comma-separated\n"
		   "title,body\n"
		   "one two,x y z\n"
		   "three four,\n"
		   "five six,\"\"\n"
		   "seven eight,-\n"
		   "nine ten,\"null\"",
		   "empty = no such member");
}

static void
texts_that_look_like_numbers_make_a_text_column(void **state)
{
	(void)state;
	CHECK_FORM("[{\"code\":\"004\",\"count\":1},{\"code\":\"12\",\"count\":2},{\"code\":null,\"count\":3},"
		   "{\"code\":\"true\",\"count\":4},{\"code\":\"null\",\"count\":5}]",
		   "table 1: 5 rows, comma-separated\n"
		   "code:text,count\n"
		   "004,1\n"
		   "12,2\n"
		   "null,3\n"
		   "true,4\n"
		   "\"null\",5",
		   ":text = strings");
}

static void
names_that_would_mislead_are_quoted(void **state)
{
	(void)state;
	CHECK_FORM("[{\"a.b\":1,\"\":2,\"x y\":3,\"k=v\":4,\"q\\\"r\":5,\"n[0]\":6,\"ok?\":0,\"(c)\":0},"
		   "{\"a.b\":2,\"\":3,\"x y\":4,\"k=v\":5,\"q\\\"r\":6,\"n[0]\":7,\"ok?\":1,\"(c)\":1},"
		   "{\"a.b\":3,\"\":4,\"x y\":5,\"k=v\":6,\"q\\\"r\":7,\"n[0]\":8,\"ok?\":2,\"(c)\":2}]",
		   "table 1: 3 rows, space-separated\n"
		   "\"a.b\" \"\" \"x y\" \"k=v\" \"q\"\"r\" \"n[0]\" \"ok?\" \"(c)\"\n"
		   "1 2 3 4 5 6 0 0\n"
		   "2 3 4 5 6 7 1 1\n"
		   "3 4 5 6 7 8 2 2",
		   "each row is an object");
}

static void
quoting_follows_rfc_4180(void **state)
{
	(void)state;
	CHECK_FORM("[{\"name\":\"x\",\"text\":\"\\\"hi\\\", she said\"},{\"name\":\"y\",\"text\":\"two\\nlines\"},"
		   "{\"name\":\"z\",\"text\":\"5\\\" disk\"},{\"name\":\"w\",\"text\":\"\\u0007\"},"
		   "{\"name\":\"v\",\"text\":\"\\ud800\"}]",
		   "table 1: 5 rows, space-separated\n"
		   "name text\n"
		   "x \"\"\"hi\"\", she said\"\n"
		   "y \"two\nlines\"\n"
		   "z \"5\"\" disk\"\n"
		   "w \\\"\\u0007\"\n"
		   "v \\\"\\ud800\"",
		   "quotes hold strings (\"\" = one quote)", "\\\"x\" = string in JSON spelling");
}

static void
short_lists_of_objects_become_columns(void **state)
{
	(void)state;
	CHECK_FORM("[{\"path\":\"a.c\",\"matches\":[{\"line\":3,\"text\":\"int\"}],\"tags\":[]},"
		   "{\"path\":\"b.c\",\"matches\":[{\"line\":14,\"text\":\"char\"}],\"tags\":[\"x\",\"y z\"]},"
		   "{\"path\":\"c.c\",\"matches\":[{\"line\":159,\"text\":\"long\"}],\"tags\":[1]}]",
		   "table 1: 3 rows, space-separated\n"
		   "path matches[0].line matches[0].text tags\n"
		   "a.c 3 int []\n"
		   "b.c 14 char [x,y z]\n"
		   "c.c 159 long [1]",
		   "a[0] = first item of a");
}

static void
what_fits_no_columns_stays_json(void **state)
{
	(void)state;
	/* Another order, a key twice, no object; and within a row, a cell. */
	CHECK_FORM("[{\"first\":1,\"second\":{\"x\":1,\"y\":2}},{\"second\":{\"x\":1,\"y\":2},\"first\":1},"
		   "{\"first\":2,\"second\":{\"x\":3,\"y\":4}},{\"first\":3,\"first\":4},null,"
		   "{\"first\":5,\"second\":{\"y\":6,\"x\":5}},{\"first\":7,\"second\":{\"x\":8,\"x\":8}},"
		   "{\"first\":9,\"second\":{\"x\":1,\"y\":2}}]",
		   "table 1: 8 rows, comma-separated\n"
		   "first,second,second.x,second.y\n"
		   "1,,1,2\n"
		   "={second:{x:1,y:2},first:1}\n"
		   "2,,3,4\n"
		   "={first:3,first:4}\n"
		   "=null\n"
		   "5,{y:6,x:5},,\n"
		   "7,{x:8,x:8},,\n"
		   "9,,1,2",
		   "a row after = is one whole value");
}

static void
a_long_value_of_some_rows_is_said_once(void **state)
{
	(void)state;
	CHECK_FORM("[{\"id\":10,\"owner\":{\"login\":\"ann\",\"mail\":\"a@x.org\"},\"note\":\"see the manual, page 7\"},"
		   "{\"id\":11,\"owner\":null,\"note\":\"*\"},"
		   "{\"id\":12,\"owner\":{\"login\":\"ann\",\"mail\":\"a@x.org\"},\"note\":null},"
		   "{\"id\":13,\"note\":\"see the manual, page 7\"},"
		   "{\"id\":14,\"owner\":{\"login\":\"ann\",\"mail\":\"a@x.org\"},\"note\":\"see the manual, page 7\"}]",
		   "table 1: 5 rows, space-separated\n"
		   "id owner?={login:ann,mail:a@x.org} note?=\"see the manual, page 7\"\n"
		   "10 * *\n"
		   "11 null \"*\"\n"
		   "12 * null\n"
		   "13 - *\n"
		   "14 * *",
		   "a?=x: * in a cell = x");
}

static void
lines_are_a_table_without_an_outline(void **state)
{
	(void)state;
	CHECK_FORM("{\"level\":30,\"msg\":\"start up\",\"pid\":7}\n"
		   "{\"level\":30,\"req\":{\"method\":\"GET\",\"url\":\"/a\"},\"msg\":\"request\",\"pid\":7}\n"
		   "\n"
		   "{\"level\":50,\"req\":{\"method\":\"PUT\",\"url\":\"/b\"},\"msg\":\"request\",\"pid\":7}\n"
		   "{\"level\":30,\"msg\":\"end\",\"pid\":7}\n",
		   "table 1: 4 rows, space-separated\n"
		   "level req.method req.url msg (pid=7)\n"
		   "30 - - \"start up\"\n"
		   "30 GET /a request\n"
		   "50 PUT /b request\n"
		   "30 - - end",
		   "[JSON Lines as tables v2: ");
}

static void
lists_in_cells_are_tables_too(void **state)
{
	(void)state;
	CHECK_FORM("[{\"name\":\"src\",\"children\":[{\"name\":\"a.c\",\"size\":1},{\"name\":\"b.c\",\"size\":2},"
		   "{\"name\":\"c.c\",\"size\":3},{\"name\":\"d.c\",\"size\":4},{\"name\":\"e.c\",\"size\":5}]},"
		   "{\"name\":\"lib\",\"children\":[]},"
		   "{\"name\":\"doc\",\"children\":[{\"name\":\"f\",\"size\":6}]},"
		   "{\"name\":\"bin\",\"children\":[]},{\"name\":\"etc\",\"children\":[]},"
		   "{\"name\":\"opt\",\"children\":[]},{\"name\":\"var\",\"children\":[]}]",
		   "table 1: 7 rows, space-separated\n"
		   "name children\n"
		   "src [table 2]\n"
		   "lib []\n"
		   "doc [{name:f,size:6}]\n"
		   "bin []\n"
		   "etc []\n"
		   "opt []\n"
		   "var []\n"
		   "table 2: 5 rows, space-separated\n"
		   "name size\n"
		   "a.c 1\n"
		   "b.c 2\n"
		   "c.c 3\n"
		   "d.c 4\n"
		   "e.c 5",
		   "[table 1] = its rows as a list");
}

static void
a_column_made_of_another_has_no_cell(void **state)
{
	(void)state;
	CHECK_FORM("[{\"repo\":{\"name\":\"org/core\",\"about\":\"The core project of this year\"},\"url\":\"https://example.com/org/core/x{/id}\"},"
		   "{\"repo\":{\"name\":\"org/site\",\"about\":\"The site project of this year\"},\"url\":\"https://example.com/org/site/x{/id}\"},"
		   "{\"repo\":{\"name\":\"two/docs\",\"about\":\"The docs project of this year\"},\"url\":\"https://example.com/two/docs/x{/id}\"}]",
		   "table 1: 3 rows, space-separated\n"
		   "repo.name (repo.about:=\"The {repo.name after /} project of this year\") "
		   "(url:=https://example.com/{repo.name}/x{/id})\n"
		   "org/core\n"
		   "org/site\n"
		   "two/docs",
		   "b:=x{a}{}: {a} = the row's a", "(\u2026): no cells",
		   "{a after x} = a's part after its last x");
}

static void
a_column_may_take_what_follows_any_mark(void **state)
{
	(void)state;
	CHECK_FORM("[{\"user_id\":\"user_10007\",\"email\":\"user10007@example.com\"},"
		   "{\"user_id\":\"user_20418\",\"email\":\"user20418@example.com\"},"
		   "{\"user_id\":\"user_2952\",\"email\":\"user2952@example.com\"},"
		   "{\"user_id\":\"user_30420\",\"email\":\"user30420@example.com\"},"
		   "{\"user_id\":\"user_30529\",\"email\":\"user30529@example.com\"}]",
		   "table 1: 5 rows, space-separated\n"
		   "user_id (email:=\"user{user_id after _}@example.com\")\n"
		   "user_10007\n"
		   "user_20418\n"
		   "user_2952\n"
		   "user_30420\n"
		   "user_30529",
		   "{a after x} = a's part after its last x");
}

/* What is otherwise in few rows is spelled out, what reads like the mark quoted. */
static void
a_column_may_follow_from_another_in_most_rows(void **state)
{
	(void)state;
	CHECK_FORM("[{\"name\":\"ant\",\"url\":\"https://example.com/job/ant/\"},"
		   "{\"name\":\"bee keeper\",\"url\":\"https://example.com/job/bee%20keeper/\"},"
		   "{\"name\":\"cat\",\"url\":\"https://example.com/job/cat/\"},"
		   "{\"name\":\"dog\",\"url\":\"https://example.com/job/dog/\"},"
		   "{\"name\":\"eel\",\"url\":\"https://example.com/job/eel/\"},"
		   "{\"name\":\"fox\",\"url\":\"*\"},"
		   "{\"name\":\"gnu\",\"url\":\"https://example.com/job/gnu/\"},"
		   "{\"name\":\"hen\",\"url\":\"https://example.com/job/hen/\"}]",
		   "table 1: 8 rows, space-separated\n"
		   "name url?:=https://example.com/job/{name}/\n"
		   "ant *\n"
		   "\"bee keeper\" https://example.com/job/bee%20keeper/\n"
		   "cat *\n"
		   "dog *\n"
		   "eel *\n"
		   "fox \"*\"\n"
		   "gnu *\n"
		   "hen *",
		   "b?:=x{a}: * in a cell = x{a}", "{a} = the row's a");
}

/* The source may stand behind; a part of its own stays in the cell. */
static void
a_cell_keeps_what_is_not_anothers(void **state)
{
	(void)state;
	CHECK_FORM("[{\"full_name\":\"client sends what it has\",\"title\":\"sends what it has\",\"duration\":1},"
		   "{\"full_name\":\"server takes all that comes\",\"title\":\"takes all that comes\",\"duration\":2},"
		   "{\"full_name\":\"reader stops at once then\",\"title\":\"stops at once then\",\"duration\":3}]",
		   "table 1: 3 rows, comma-separated\n"
		   "full_name:=\"{} {title}\",title,duration\n"
		   "client,sends what it has,1\n"
		   "server,takes all that comes,2\n"
		   "reader,stops at once then,3",
		   "{} = cell of b");
}

/* One row that is otherwise, or what saves too little: spelled out. */
static void
chance_makes_no_derived_column(void **state)
{
	(void)state;
	CHECK_FORM("[{\"short_name\":\"ann\",\"full_path\":\"/some/where/in/here/ann\",\"source_file\":\"ann.c\"},"
		   "{\"short_name\":\"bob\",\"full_path\":\"/some/where/in/here/bob\",\"source_file\":\"bob.c\"},"
		   "{\"short_name\":\"cyd\",\"full_path\":\"/some/where/in/here/cye\",\"source_file\":\"cyd.c\"}]",
		   "table 1: 3 rows, space-separated\n"
		   "short_name full_path=/some/where/in/here/{} source_file\n"
		   "ann ann ann.c\n"
		   "bob bob bob.c\n"
		   "cyd cye cyd.c",
		   "each row is an object");
}

/* Only where no row lacks a member, so that an empty cell has one meaning. */
static void
empty_cells_are_null_where_the_title_says_so(void **state)
{
	(void)state;
	CHECK_FORM("[{\"title\":\"a b\",\"gross\":null,\"rating\":null,\"genre\":null},"
		   "{\"title\":\"c, d\",\"gross\":1,\"rating\":null,\"genre\":\"\"},"
		   "{\"title\":\"e f\",\"gross\":null,\"rating\":2.5,\"genre\":null},"
		   "{\"title\":null,\"gross\":null,\"rating\":null,\"genre\":\"null\"}]",
		   "table 1: 4 rows, bar-separated, empty = null\n"
		   "title|gross|rating|genre\n"
		   "a b|||\n"
		   "c, d|1||\"\"\n"
		   "e f||2.5|\n"
		   "|||\"null\"",
		   "each row is an object");
}

static void
an_object_of_objects_is_a_table_by_key(void **state)
{
	(void)state;
	CHECK_FORM("{\"lockfileVersion\":3,\"packages\":{"
		   "\"\":{\"version\":\"1.0.0\",\"integrity\":\"abc\"},"
		   "\"node_modules/a\":{\"version\":\"2.1.0\",\"integrity\":\"def\",\"dev\":true},"
		   "\"12\":{\"version\":\"3.0.0\",\"integrity\":\"ghi\"},"
		   "\"odd\":{\"integrity\":\"jkl\",\"version\":\"4.0.0\"},"
		   "\"plain\":\"5\","
		   "\"b\":{\"version\":\"6.0.0\",\"integrity\":\"mno\"},"
		   "\"c\":{}}}",
		   "{lockfileVersion:3,packages:[table 1]}\n"
		   "table 1: 7 members, space-separated\n"
		   "key version integrity dev\n"
		   "\"\" 1.0.0 abc -\n"
		   "node_modules/a 2.1.0 def true\n"
		   "12 3.0.0 ghi -\n"
		   "=\"odd\":{integrity:jkl,version:4.0.0}\n"
		   "=\"plain\":\"5\"\n"
		   "b 6.0.0 mno -\n"
		   "=\"c\":{}",
		   "members = one object, its member names in column key");
}

/* Each kind has its own columns; what is like nothing else stands as JSON. */
static void
rows_of_several_kinds_have_columns_each(void **state)
{
	(void)state;
	CHECK_FORM("{\"time\":1,\"req\":{\"method\":\"GET\",\"url\":\"/a\"},\"msg\":\"incoming\"}\n"
		   "{\"msg\":\"read\",\"time\":2,\"sku\":\"s-1\",\"qty\":33}\n"
		   "{\"msg\":\"completed\",\"res\":{\"status\":200},\"ms\":2.5,\"time\":3}\n"
		   "{\"time\":4,\"req\":{\"method\":\"PUT\",\"url\":\"/b\"},\"msg\":\"incoming\"}\n"
		   "{\"msg\":\"read\",\"time\":5,\"sku\":\"s-2\",\"qty\":34}\n"
		   "{\"msg\":\"completed\",\"res\":{\"status\":201},\"ms\":3.5,\"time\":6}\n"
		   "{\"odd\":7}\n"
		   "{\"time\":8,\"req\":{\"method\":\"GET\",\"url\":\"/c\"},\"msg\":\"incoming\"}\n"
		   "{\"msg\":\"read\",\"time\":9,\"sku\":\"s-3\",\"qty\":35}\n"
		   "{\"msg\":\"completed\",\"res\":{\"status\":202},\"ms\":4.5,\"time\":10}",
		   "table 1: 10 rows of 3 kinds, space-separated\n"
		   "A: time req.method req.url (msg=incoming)\n"
		   "B: (msg=read) time sku qty\n"
		   "C: (msg=completed) res.status ms time\n"
		   "A 1 GET /a\n"
		   "B 2 s-1 33\n"
		   "C 200 2.5 3\n"
		   "A 4 PUT /b\n"
		   "B 5 s-2 34\n"
		   "C 201 3.5 6\n"
		   "={odd:7}\n"
		   "A 8 GET /c\n"
		   "B 9 s-3 35\n"
		   "C 202 4.5 10",
		   "[JSON Lines as tables v2: ", "of N kinds: a row begins with its kind's letter");
}

/* Lists of one column share their columns, where that is shorter. */
static void
lists_that_are_alike_name_their_columns_once(void **state)
{
	(void)state;
	CHECK_FORM("[{\"file\":\"a.js\",\"messages\":[{\"ruleId\":\"semi\",\"severity\":2,\"line\":7},"
		   "{\"ruleId\":\"no-var\",\"severity\":1,\"line\":9},{\"ruleId\":\"semi\",\"severity\":2,\"line\":11}]},"
		   "{\"file\":\"b.js\",\"messages\":[]},"
		   "{\"file\":\"c.js\",\"messages\":[{\"ruleId\":\"indent\",\"severity\":2,\"line\":70},"
		   "{\"ruleId\":\"no-var\",\"severity\":1,\"line\":90},{\"ruleId\":\"curly\",\"severity\":1,\"line\":110}]},"
		   "{\"file\":\"d.js\",\"messages\":[{\"ruleId\":\"semi\",\"severity\":2,\"line\":1},{\"odd\":1},"
		   "{\"ruleId\":\"no-var\",\"severity\":1,\"line\":2},{\"ruleId\":\"eqeqeq\",\"severity\":2,\"line\":3}]},"
		   "{\"file\":\"e.js\",\"messages\":null}]",
		   "table 1: 5 rows, space-separated\n"
		   "file messages\n"
		   "a.js [table 2]\n"
		   "b.js []\n"
		   "c.js [table 3]\n"
		   "d.js [table 4]\n"
		   "e.js null\n"
		   "table 2: 3 rows, space-separated\n"
		   "ruleId severity line\n"
		   "semi 2 7\n"
		   "no-var 1 9\n"
		   "semi 2 11\n"
		   "table 3: 3 rows like table 2\n"
		   "indent 2 70\n"
		   "no-var 1 90\n"
		   "curly 1 110\n"
		   "table 4: 4 rows like table 2\n"
		   "semi 2 1\n"
		   "={odd:1}\n"
		   "no-var 1 2\n"
		   "eqeqeq 2 3",
		   "like table 2: its columns and separator");
}

/* Two orders of the same members are two kinds; one that fits between is none. */
static void
contradicting_orders_are_kinds(void **state)
{
	(void)state;
	CHECK_FORM("{\"a1\":{\"type\":\"x\",\"color\":1,\"scope\":2},\"a2\":{\"scope\":3,\"color\":4,\"type\":\"y\"},"
		   "\"a3\":{\"type\":\"z\",\"scope\":5},\"a4\":{\"type\":\"u\",\"color\":6,\"scope\":7},"
		   "\"a5\":{\"scope\":8,\"color\":9,\"type\":\"v\"},\"a6\":{\"scope\":10,\"color\":11,\"type\":\"w\"},"
		   "\"a7\":{\"type\":\"t\",\"color\":12,\"scope\":13},\"a8\":{\"type\":\"s\",\"color\":12,\"scope\":13}}",
		   "table 1: 8 members of 2 kinds, comma-separated\n"
		   "A: key,type,color,scope\n"
		   "B: key,scope,color,type\n"
		   "A,a1,x,1,2\n"
		   "B,a2,3,4,y\n"
		   "A,a3,z,,5\n"
		   "A,a4,u,6,7\n"
		   "B,a5,8,9,v\n"
		   "B,a6,10,11,w\n"
		   "A,a7,t,12,13\n"
		   "A,a8,s,12,13",
		   "of N kinds");
}

/* Quotes stay where a string would read as something else. */
static void
relaxed_json_drops_quotes_that_say_nothing(void **state)
{
	(void)state;
	CHECK_FORM("{\"name\": \"Ann Lee\", \"7\": [\"7\", 7, \"07\", \"null\", null, \"-\", \"\", \"a,b\", \"it's: x\", \"x \"],"
		   " \"a:b\": {\"true\": \"true\", \"\": {}}, \"l\": [\"table 1\", \"*A\", \"$x\", \"a$\", \"(x)\", \"[x\"],"
		   " \"e\": [\"\\u00e9\", \"\u00e9\", \"a\\nb\", \"|\"]}",
		   "{name:Ann Lee,7:[\"7\",7,\"07\",\"null\",null,\"-\",\"\",\"a,b\",it's: x,\"x \"],"
		   "\"a:b\":{true:\"true\",\"\":{}},l:[\"table 1\",\"*A\",\"$x\",a$,\"(x)\",\"[x\"],"
		   "e:[\"\\u00e9\",\u00e9,\"a\\nb\",\"|\"]}",
		   "[JSON with fewer quotes v2: only what would mislead has quotes]");
	CHECK_FORM("{\"a\":\"b\"}\n\"text\"\n[\"c\"]", "{a:b}\n\"text\"\n[c]", "[JSON Lines with fewer quotes v2: ");
}

/* Names that count on and have one value are one range; others are not. */
static void
names_that_count_on_with_one_value_are_a_range(void **state)
{
	(void)state;
	CHECK_FORM("{\"chrome\":{\"4\":\"n\",\"5\":\"n\",\"6\":\"n\",\"7\":\"y x\",\"8\":\"y x\",\"9\":\"y x\",\"10\":\"y x\","
		   "\"12\":\"y x\",\"13\":\"y\",\"14\":\"y\",\"015\":\"y\",\"16\":true,\"17\":true,\"18\":true},"
		   "\"lists\":{\"1\":[0],\"2\":[0],\"3\":[0]},\"names\":{\"4..6\":1,\"a..\":2,\"999999999\":3,\"1000000000\":3,"
		   "\"1000000001\":3,\"3\":0,\"2\":0,\"1\":0}}",
		   "{chrome:{4..6:n,7..10:y x,12:y x,13:y,14:y,015:y,16..18:true},"
		   "lists:{1:[0],2:[0],3:[0]},names:{\"4..6\":1,\"a..\":2,999999999:3,1000000000:3,"
		   "1000000001:3,3:0,2:0,1:0}}",
		   "{7..9:x} = {7:x,8:x,9:x}");
}

/* The column of keys is written alike whatever the members are called. */
static void
a_member_named_key_is_told_apart(void **state)
{
	(void)state;
	CHECK_FORM("{\"alpha\":{\"key\":1,\"name\":\"x y\"},\"beta\":{\"key\":2,\"name\":\"z\"},"
		   "\"gamma\":{\"key\":3,\"name\":\"w\"},\"delta\":{\"key\":4,\"name\":\"v\"}}",
		   "table 1: 4 members, comma-separated\n"
		   "key,\"key\",name\n"
		   "alpha,1,x y\n"
		   "beta,2,z\n"
		   "gamma,3,w\n"
		   "delta,4,v",
		   "column key");
}

/* What is like no other, reads like a keyword or has an awkward part stays as it is. */
static void
texts_that_occur_again_are_said_once(void **state)
{
	(void)state;
	CHECK_FORM("[{\"n\":0,\"message\":\"Authenticated the user: user_2537\"},"
		   "{\"n\":1,\"message\":\"Request processed successfully within limits\"},"
		   "{\"n\":2,\"message\":\"Cache hit for key: session_1034 of 8 entries\"},"
		   "{\"n\":3,\"message\":\"Request processed successfully within limits\"},"
		   "{\"n\":4,\"message\":\"Cache hit for key: session_5856 of 7 entries\"},"
		   "{\"n\":5,\"message\":\"Authenticated the user: user_1352\"},"
		   "{\"n\":6,\"message\":\"Cache\"},"
		   "{\"n\":7,\"message\":\"Authenticated the user: user_4410\"},"
		   "{\"n\":8,\"message\":\"Cache hit for key: session_77 of 3 entries\"},"
		   "{\"n\":9,\"message\":\"Request:1\"},"
		   "{\"n\":10,\"message\":\"Request processed successfully within limits\"},"
		   "{\"n\":11,\"message\":\"Authenticated the user: user_871\"},"
		   "{\"n\":12,\"message\":\"Request processed successfully within limits\"},"
		   "{\"n\":13,\"message\":\"Authenticated the user: a:b\"},"
		   "{\"n\":14,\"message\":\"Cache hit for key: session_1200 of 6 entries\"},"
		   "{\"n\":15,\"message\":\"Authenticated the user: user_9\"},"
		   "{\"n\":16,\"message\":\"Request processed successfully within limits\"},"
		   "{\"n\":17,\"message\":\"Cache hit for key: session_43 of 4 entries\"},"
		   "{\"n\":18,\"message\":\"Disk failure on the second volume\"},"
		   "{\"n\":19,\"message\":\"Authenticated the user: user_655\"},"
		   "{\"n\":20,\"message\":\"Request processed successfully within limits\"},"
		   "{\"n\":21,\"message\":\"Cache hit for key: session_902 of 9 entries\"}]",
		   "table 1: 22 rows, space-separated\n"
		   "n message:short\n"
		   "message:short Cache=\"Cache hit for key: session_{} of {} entries\" Request=\"Request processed successfully within limits\" Authenticated=\"Authenticated the user: {}\"\n"
		   "0 Authenticated:user_2537\n"
		   "1 Request\n"
		   "2 Cache:1034:8\n"
		   "3 Request\n"
		   "4 Cache:5856:7\n"
		   "5 Authenticated:user_1352\n"
		   "6 \"Cache\"\n"
		   "7 Authenticated:user_4410\n"
		   "8 Cache:77:3\n"
		   "9 \"Request:1\"\n"
		   "10 Request\n"
		   "11 Authenticated:user_871\n"
		   "12 Request\n"
		   "13 \"Authenticated the user: a:b\"\n"
		   "14 Cache:1200:6\n"
		   "15 Authenticated:user_9\n"
		   "16 Request\n"
		   "17 Cache:43:4\n"
		   "18 \"Disk failure on the second volume\"\n"
		   "19 Authenticated:user_655\n"
		   "20 Request\n"
		   "21 Cache:902:9",
		   "a:short: the line a:short spells out words");
}

static size_t
count_of(struct span text, const char *what)
{
	const char *hit;
	size_t n = 0;

	while ((hit = memmem(text.p, text.n, what, strlen(what)))) {
		text = span_from(text, (size_t)(hit - text.p) + strlen(what));
		n++;
	}
	return n;
}

/* Rare trouble is spelled out wherever it is; what a keyword hides all of, again
 * and again. */
static void
what_is_hidden_is_not_far(void **state)
{
	(void)state;
	static const char remark[] = "Health check passed without any remarks";
	static const char trouble[] = "Connection refused by the upstream server";
	struct fuel fuel = { 1 << 24 };
	struct source s;
	struct plan plan;
	struct arena a;
	struct buf json, form;

	arena_init(&a, 1 << 24);
	buf_init(&json, 1 << 20);
	buf_init(&form, 1 << 20);
	for (unsigned r = 0; r < 120; r++) {
		buf_addf(&json, "%s{\"n\":%u,\"wide\":\"%0120u\",\"message\":\"", r ? "," : "[", r, r * 7919);
		if (r % 30 == 7)
			buf_add_str(&json, trouble);
		else if (r % 2)
			buf_add_str(&json, remark);
		else
			buf_addf(&json, "Cache hit for the key of session %u", r * 31);
		buf_add_str(&json, "\"}");
	}
	buf_add_str(&json, "]");
	assert_int_equal(source_read(buf_span(&json), &a, &fuel, &s), OK);
	assert_int_equal(plan_tables(&s, NULL, &a, &fuel, &plan), OK);
	assert_int_equal(form_write(&plan, &a, &fuel, &form), OK);
	assert_int_equal(count_of(buf_span(&form), trouble), 4);
	assert_int_equal(count_of(buf_span(&form), "Cache hit for the key"), 1);
	/* Once for all, and in some 15 KB of rows. */
	assert_in_range(count_of(buf_span(&form), remark), 3, 5);
	assert_int_equal(ladder_prove(&s, buf_span(&form), &a, &fuel), OK);
	buf_free(&json);
	buf_free(&form);
	arena_free(&a);
}

/* Spelled in every tenth row; the other columns keep their cells. */
static void
moments_in_equal_steps_have_no_cells(void **state)
{
	(void)state;
	char json[4096] = "[", want[2048];
	size_t n = 1, w;

	w = (size_t)snprintf(want, sizeof want, "table 1: 25 rows, space-separated\n"
			     "(at:+90s=2024-02-28T{}Z) n (end:-250)");
	for (unsigned r = 0; r < 25; r++) {
		const unsigned s = 1800 + r * 90, hour = 22 + s / 3600, minute = s / 60 % 60;
		const unsigned end = 1705312999 - 250 * r;

		n += (size_t)snprintf(json + n, sizeof json - n,
				      "%s{\"at\":\"2024-02-28T%u:%02u:%02uZ\",\"n\":%u,\"end\":%u}",
				      r ? "," : "", hour, minute, s % 60, r * r, end);
		if (r % 10 == 0)
			w += (size_t)snprintf(want + w, sizeof want - w, "\n@ %u:%02u:%02u %u", hour,
					      minute, s % 60, end);
		w += (size_t)snprintf(want + w, sizeof want - w, "\n%u", r * r);
	}
	snprintf(json + n, sizeof json - n, "]");
	CHECK_FORM(json, want, "(a:+5s): a line @ has the next row's a");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_root_array_is_one_table),
		cmocka_unit_test(an_array_within_is_referred_to),
		cmocka_unit_test(constants_and_common_ends_are_said_once),
		cmocka_unit_test(short_common_ends_stay),
		cmocka_unit_test(missing_null_and_empty_are_three_things),
		cmocka_unit_test(empty_cells_mark_missing_members_between_commas),
		cmocka_unit_test(texts_that_look_like_numbers_make_a_text_column),
		cmocka_unit_test(names_that_would_mislead_are_quoted),
		cmocka_unit_test(quoting_follows_rfc_4180),
		cmocka_unit_test(short_lists_of_objects_become_columns),
		cmocka_unit_test(what_fits_no_columns_stays_json),
		cmocka_unit_test(a_long_value_of_some_rows_is_said_once),
		cmocka_unit_test(lines_are_a_table_without_an_outline),
		cmocka_unit_test(lists_in_cells_are_tables_too),
		cmocka_unit_test(a_column_made_of_another_has_no_cell),
		cmocka_unit_test(a_column_may_take_what_follows_any_mark),
		cmocka_unit_test(a_column_may_follow_from_another_in_most_rows),
		cmocka_unit_test(a_cell_keeps_what_is_not_anothers),
		cmocka_unit_test(chance_makes_no_derived_column),
		cmocka_unit_test(empty_cells_are_null_where_the_title_says_so),
		cmocka_unit_test(an_object_of_objects_is_a_table_by_key),
		cmocka_unit_test(rows_of_several_kinds_have_columns_each),
		cmocka_unit_test(contradicting_orders_are_kinds),
		cmocka_unit_test(lists_that_are_alike_name_their_columns_once),
		cmocka_unit_test(relaxed_json_drops_quotes_that_say_nothing),
		cmocka_unit_test(a_member_named_key_is_told_apart),
		cmocka_unit_test(names_that_count_on_with_one_value_are_a_range),
		cmocka_unit_test(texts_that_occur_again_are_said_once),
		cmocka_unit_test(what_is_hidden_is_not_far),
		cmocka_unit_test(moments_in_equal_steps_have_no_cells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
