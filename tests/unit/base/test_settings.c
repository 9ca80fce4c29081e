#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "base/names.h"
#include "base/settings.h"

static struct settings s;
static struct settings_error why;

static int
fresh(void **state)
{
	(void)state;
	settings_init(&s);
	memset(&why, 0, sizeof why);
	return 0;
}

static int
done(void **state)
{
	(void)state;
	settings_free(&s);
	return 0;
}

static void
assert_printed(enum setting_id id, const char *want)
{
	struct buf b;

	buf_init(&b, 1000);
	settings_print(&s, id, &b);
	assert_span_eq(buf_span(&b), want);
	buf_free(&b);
}

static void
every_default_prints_as_written(void **state)
{
	(void)state;
	for (int i = 0; i < SETTINGS; i++)
		assert_printed((enum setting_id)i, setting_row((enum setting_id)i)->fallback);
}

static void
stronger_sources_win(void **state)
{
	(void)state;
	assert_int_equal(settings_set(&s, "port", "1", SETTING_FROM_ENVIRONMENT, &why), OK);
	assert_int_equal(settings_set(&s, "port", "2", SETTING_FROM_FILE, &why), OK);
	assert_int_equal(s.port, 1);
	assert_int_equal(settings_set(&s, "port", "3", SETTING_FROM_FLAG, &why), OK);
	assert_int_equal(s.port, 3);
	assert_int_equal(s.source[SETTING_ID_port], SETTING_FROM_FLAG);
}

static void
bad_values_say_what_is_allowed(void **state)
{
	(void)state;
	assert_int_equal(settings_set(&s, "port", "70000", SETTING_FROM_FLAG, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "port is a number from 0 to 65535, not \"70000\".");
	static const char *const bad[] = { "", "-1", "8x", " 1", "99999999999999999999", "1.5" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(settings_set(&s, "port", bad[i], SETTING_FROM_FLAG, &why),
				 ERR_SYNTAX);
	assert_int_equal(s.port, 8787);
	assert_int_equal(settings_set(&s, "profile", "losless", SETTING_FROM_FLAG, &why), ERR_SYNTAX);
	assert_non_null(strstr(why.text, "off|lossless"));
}

static void
unknown_names_get_the_nearest(void **state)
{
	(void)state;
	assert_int_equal(settings_set(&s, "prot", "1", SETTING_FROM_FLAG, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "did you mean \"port\""));
	assert_int_equal(settings_set(&s, "zzzzzzzzz", "1", SETTING_FROM_FLAG, &why), ERR_NOT_FOUND);
	assert_null(strstr(why.text, "did you mean"));
}

static void
flags_take_both_spellings_and_stop_at_words(void **state)
{
	(void)state;
	const char *argv[] = { "--port=81", "--host", "::1", "--no-optimize", "word", "--port", "1" };
	int at = 0;

	assert_int_equal(settings_read_flags(&s, 7, argv, &at, &why), OK);
	assert_int_equal(at, 4);
	assert_int_equal(s.port, 81);
	assert_string_equal(s.host, "::1");
	assert_int_equal(s.profile, 0);
	const char *lacking[] = { "--port" };
	at = 0;
	assert_int_equal(settings_read_flags(&s, 1, lacking, &at, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "--port needs a value.");
}

static int unknown_seen;

static void
count_unknown(const char *name)
{
	assert_string_equal(name, "HEADROOM_SOMETHING_ELSE_ENTIRELY");
	unknown_seen++;
}

static void
environment_is_read_strictly(void **state)
{
	(void)state;
	const char *env[] = { "HEADROOM_PORT=99", "PATH=/bin", "HEADROOM_HOST=",
			"HEADROOM_SOMETHING_ELSE_ENTIRELY=1", NULL };

	unknown_seen = 0;
	assert_int_equal(settings_read_environment(&s, env, count_unknown, &why), OK);
	assert_int_equal(unknown_seen, 1);
	assert_int_equal(s.port, 99);
	assert_string_equal(s.host, "127.0.0.1");
	const char *typo[] = { "HEADROOM_PROFLIE=off", NULL };
	assert_int_equal(settings_read_environment(&s, typo, NULL, &why), ERR_NOT_FOUND);
	assert_non_null(strstr(why.text, "HEADROOM_PROFILE"));
	const char *bad[] = { "HEADROOM_PORT=x", NULL };
	assert_int_equal(settings_read_environment(&s, bad, NULL, &why), ERR_SYNTAX);
	assert_non_null(strstr(why.text, "HEADROOM_PORT: port is a number"));
	const char *file[] = { "HEADROOM_CONFIG=/x", NULL };	/* the command line's to read */
	unknown_seen = 0;
	assert_int_equal(settings_read_environment(&s, file, count_unknown, &why), OK);
	assert_int_equal(unknown_seen, 0);
	const char *only[] = { "HEADROOM_LOSSLESS_ONLY=1", NULL };
	assert_int_equal(settings_set(&s, "profile", "off", SETTING_FROM_FILE, &why), OK);
	assert_int_equal(settings_read_environment(&s, only, NULL, &why), OK);
	assert_printed(SETTING_ID_profile, "lossless");
}

static void
with_file(const char *text, enum err want, const char *in_why)
{
	char path[] = "/tmp/hr-settings-XXXXXX";
	const int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	const enum err e = settings_read_file(&s, path, true, &why);
	unlink(path);
	assert_int_equal(e, want);
	if (in_why && !strstr(why.text, in_why))
		fail_msg("\"%s\" lacks \"%s\"", why.text, in_why);
}

static void
files_name_the_line(void **state)
{
	(void)state;
	with_file("[server]\nport = 12\n", OK, NULL);
	assert_int_equal(s.port, 12);
	with_file("; note\n[server]\nprot = 12\n", ERR_NOT_FOUND, "line 3: There is no setting \"prot\"; did you mean \"port\"?");
	with_file("[logging]\nport = 12\n", ERR_SYNTAX, "line 2: \"port\" belongs in section [server]");
	with_file("[server]\nport\n", ERR_SYNTAX, "line 2: this is neither");
	assert_int_equal(settings_read_file(&s, "/nonexistent/headroom.ini", false, &why), OK);
	assert_int_equal(settings_read_file(&s, "/nonexistent/headroom.ini", true, &why), ERR_IO);
}

static void
what_is_dumped_can_be_read_back(void **state)
{
	(void)state;
	struct buf b;
	size_t n;

	assert_int_equal(settings_set(&s, "port", "4711", SETTING_FROM_FLAG, &why), OK);
	assert_int_equal(settings_set(&s, "exclude-tools", "a*,b", SETTING_FROM_FLAG, &why), OK);
	buf_init(&b, 100000);
	settings_dump(&s, &b);
	char *const text = buf_take(&b, &n);
	settings_free(&s);
	settings_init(&s);
	with_file(text, OK, NULL);
	free(text);
	assert_int_equal(s.port, 4711);
	assert_string_equal(s.exclude_tools, "a*,b");
}

static void
names_are_near_by_edits(void **state)
{
	(void)state;
	assert_int_equal(name_distance("", "abc"), 3);
	assert_int_equal(name_distance("prot", "port"), 1);
	assert_int_equal(name_distance("kitten", "sitting"), 3);
	assert_int_equal(name_distance("PORT", "port"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_default_prints_as_written, fresh, done),
		cmocka_unit_test_setup_teardown(stronger_sources_win, fresh, done),
		cmocka_unit_test_setup_teardown(bad_values_say_what_is_allowed, fresh, done),
		cmocka_unit_test_setup_teardown(unknown_names_get_the_nearest, fresh, done),
		cmocka_unit_test_setup_teardown(flags_take_both_spellings_and_stop_at_words, fresh, done),
		cmocka_unit_test_setup_teardown(environment_is_read_strictly, fresh, done),
		cmocka_unit_test_setup_teardown(files_name_the_line, fresh, done),
		cmocka_unit_test_setup_teardown(what_is_dumped_can_be_read_back, fresh, done),
		cmocka_unit_test(names_are_near_by_edits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
