/* Values that are said once, above, and named elsewhere. */
#include "unit.h"

#include <stdio.h>

#include "compress/define.h"
#include "compress/form.h"
#include "compress/ladder.h"

#define USER "{\"login\":\"octocat\",\"id\":583231,\"url\":\"https://api.example.com/users/octocat\",\"bio\":\"Lives in a tank, likes long walks along the sea\"}"
#define OTHER "{\"login\":\"hubot\",\"id\":480938,\"url\":\"https://api.example.com/robots/hubot\",\"bio\":\"Answers every question but one at any hour\"}"
#define PLACE "{\"city\":\"Zürich\",\"country\":\"Switzerland\",\"zone\":\"Europe/Zurich\"}"

/* As they are written. */
#define USER_FORM "{login:octocat,id:583231,url:https://api.example.com/users/octocat,bio:\"Lives in a tank, likes long walks along the sea\"}"
#define PLACE_FORM "{city:Zürich,country:Switzerland,zone:Europe/Zurich}"

/* What follows the first line of the form with names. */
static void
check_named(const char *json, const char *want)
{
	struct fuel fuel = { 1 << 24 };
	struct definitions defs;
	struct plan plain, named;
	struct source s;
	struct arena a;
	struct buf form;

	arena_init(&a, 1 << 24);
	buf_init(&form, 1 << 20);
	assert_int_equal(source_read(span_str(json), &a, &fuel, &s), OK);
	assert_int_equal(plan_tables(&s, NULL, &a, &fuel, &plain), OK);
	assert_int_equal(define_choose(&plain, &a, &fuel, &defs), OK);
	assert_int_equal(plan_tables(&s, &defs, &a, &fuel, &named), OK);
	if (defs.count == 0) {
		assert_null(want);
	} else {
		assert_non_null(want);
		assert_int_equal(form_write(&named, &a, &fuel, &form), OK);
		const struct span text = buf_span(&form);
		assert_span_eq(span_from(text, span_find(text, '\n') + 1), want);
		assert_int_equal(ladder_prove(&s, text, &a, &fuel), OK);
	}
	buf_free(&form);
	arena_free(&a);
}

static void
equal_objects_are_defined_once(void **state)
{
	(void)state;
	check_named("{\"sender\":" USER ",\"owner\": " USER ",\"note\":\"*octocat\"}",
		    "*octocat=" USER_FORM "\n"
		    "{sender:*octocat,owner:*octocat,note:\"*octocat\"}");
	/* Those that differ are not. */
	check_named("{\"sender\":" USER ",\"owner\":" OTHER "}", NULL);
	/* Nor are short ones. */
	check_named("{\"a\":{\"x\":1},\"b\":{\"x\":1},\"c\":{\"x\":1}}", NULL);
}

static void
definitions_name_earlier_ones(void **state)
{
	(void)state;
	const char *const repo = "{\"name\":\"hello\",\"owner\":" USER ",\"description\":\"The first of all\"}";
	char json[1024];

	snprintf(json, sizeof json, "[%s,%s,[%s],\"octocat\"]", repo, USER, repo);
	check_named(json, "*octocat=" USER_FORM "\n"
			  "*hello={name:hello,owner:*octocat,description:The first of all}\n"
			  "[*hello,*octocat,[*hello],octocat]");
}

/* What is repeated within something larger alone has no name of its own. */
static void
only_the_largest_is_defined(void **state)
{
	(void)state;
	check_named("{\"a\":{\"id\":\"first\",\"place\":" PLACE "},\"b\":{\"id\":\"first\",\"place\":" PLACE "}}",
		    "*first={id:first,place:" PLACE_FORM "}\n{a:*first,b:*first}");
}

static void
names_differ(void **state)
{
	(void)state;
	const char *const other = "{\"login\":\"octocat\",\"plan\":\"the largest that there is\",\"seats\":1000}";
	char json[1024];

	snprintf(json, sizeof json, "[[" USER "," USER "],[%s,%s],[" PLACE "," PLACE "],\"A\"]", other, other);
	check_named(json, "*octocat=" USER_FORM "\n"
			  "*octocat-2={login:octocat,plan:the largest that there is,seats:1000}\n"
			  "*A=" PLACE_FORM "\n"
			  "[[*octocat,*octocat],[*octocat-2,*octocat-2],[*A,*A],A]");
}

/* In rows a value stands in one cell; text that looks like a name is quoted. */
static void
cells_hold_names(void **state)
{
	(void)state;
	check_named("[{\"text\":\"*octocat\",\"at\":" PLACE ",\"user\":" USER "},"
		    "{\"text\":\"*\",\"at\":null,\"user\":" USER "},"
		    "{\"text\":\"a*\",\"at\":" PLACE ",\"user\":" USER "},"
		    "{\"text\":\"b\",\"at\":null,\"user\":" USER "},"
		    "{\"text\":\"c\",\"at\":null,\"user\":[" USER "]}]",
		    "*octocat=" USER_FORM "\n"
		    "table 1: 5 rows, space-separated\n"
		    "text at?=" PLACE_FORM " user\n"
		    "\"*octocat\" * *octocat\n"
		    "\"*\" null *octocat\n"
		    "a* * *octocat\n"
		    "b null *octocat\n"
		    "c null [*octocat]");
}

/* Long texts have names in JSON and in cells, member names do not. */
static void
long_texts_are_defined_once(void **state)
{
	(void)state;
#define TEXT "The request could not be served since its upstream did not answer in time"
	check_named("{\"error\":\"" TEXT "\",\"" TEXT "\":[\"" TEXT "\",1],\"rows\":["
		    "{\"n\":1,\"first\":\"" TEXT "\",\"second\":\"x\"},{\"n\":2,\"first\":\"yes\",\"second\":\"" TEXT "\"},"
		    "{\"n\":3,\"first\":\"no\",\"second\":\"z\"},{\"n\":4,\"first\":\"*request\",\"second\":\"w\"}]}",
		    "*request=\"" TEXT "\"\n"
		    "{error:*request," TEXT ":[*request,1],rows:[table 1]}\n"
		    "table 1: 4 rows, space-separated\n"
		    "n first second\n"
		    "1 *request x\n"
		    "2 yes *request\n"
		    "3 no z\n"
		    "4 \"*request\" w");
}

/* Several alike are rows, named after a member or by what they begin with. */
static void
alike_objects_make_a_table(void **state)
{
	(void)state;
	static const char *const logins[] = { "ann", "bob", "eve" };
	char user[3][400], json[8000];

	for (unsigned i = 0; i < 3; i++)
		snprintf(user[i], sizeof user[i],
			 "{\"login\":\"%s\",\"id\":%u,\"url\":\"https://api.example.com/users/%s\","
			 "\"repos_url\":\"https://api.example.com/users/%s/repos\",\"admin\":false}",
			 logins[i], 1234567 + i, logins[i], logins[i]);
	snprintf(json, sizeof json, "{\"a\":%s,\"b\":[%s,%s],\"c\":{\"x\":%s,\"y\":%s},\"d\":[%s,[%s]]}",
		 user[0], user[1], user[0], user[2], user[0], user[1], user[2]);
	check_named(json, "*login: 3 rows, space-separated\n"
			  "login id (url:=https://api.example.com/users/{login}) "
			  "(repos_url:=https://api.example.com/users/{login}/repos) (admin=false)\n"
			  "ann 1234567\n"
			  "bob 1234568\n"
			  "eve 1234569\n"
			  "{a:*ann,b:[*bob,*ann],c:{x:*eve,y:*ann},d:[*bob,[*eve]]}");
	/* Two have the same login. */
	memcpy(strstr(user[2], "eve"), "bob", 3);
	snprintf(json, sizeof json, "{\"a\":%s,\"b\":[%s,%s],\"c\":{\"x\":%s,\"y\":%s},\"d\":[%s,[%s]]}",
		 user[0], user[1], user[0], user[2], user[0], user[1], user[2]);
	check_named(json, "*: 3 rows, space-separated\n"
			  "login id url=https://api.example.com/users/{} repos_url=https://api.example.com/users/{}/repos (admin=false)\n"
			  "*ann ann 1234567 ann ann\n"
			  "*bob bob 1234568 bob bob\n"
			  "*bob-2 bob 1234569 eve eve\n"
			  "{a:*ann,b:[*bob,*ann],c:{x:*bob-2,y:*ann},d:[*bob,[*bob-2]]}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_objects_are_defined_once),
		cmocka_unit_test(definitions_name_earlier_ones),
		cmocka_unit_test(only_the_largest_is_defined),
		cmocka_unit_test(names_differ),
		cmocka_unit_test(cells_hold_names),
		cmocka_unit_test(long_texts_are_defined_once),
		cmocka_unit_test(alike_objects_make_a_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
