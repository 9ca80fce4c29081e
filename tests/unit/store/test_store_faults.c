/* What happens to the store when something else goes wrong. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "scratch.h"

static char folder[128];
static char file[160];
static struct arena arena;
static char why[STORE_WHY];

static int
setup(void **state)
{
	(void)state;
	scratch_make(folder);
	snprintf(file, sizeof file, "%s/headroom.db", folder);
	arena_init(&arena, (size_t)256 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	scratch_remove(folder);
	return 0;
}

static int
status_of(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
raw_sql(const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
write_file(const char *path, const void *bytes, size_t n, off_t at)
{
	const int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), (ssize_t)n);
	close(fd);
}

/* ---- processes ---- */

enum { PROCESSES = 4, SHARED_FORMS = 150 };

/* Writes the same keys as its siblings with texts of its own, and says through `out`
 * which texts came out. */
static int
one_process(int number, int out)
{
	struct store *s = NULL;
	struct arena a;
	char by[16];

	arena_init(&a, (size_t)64 << 20);
	snprintf(by, sizeof by, "process %d", number);
	if (scratch_open(folder, &s, why) != OK)
		return 1;
	for (uint64_t i = 0; i < SHARED_FORMS; i++) {
		struct store_form f = scratch_form(i * 3, by, &a);

		if (scratch_record(s, &f, 1, &a) != OK)
			return 2;
		if (write(out, f.text.p + 8, 1) != 1)	/* the number of the winner */
			return 3;
	}
	store_close(&s);
	arena_free(&a);
	return 0;
}

static void
processes_agree_from_the_first_moment(void **state)
{
	(void)state;
	int pipes[PROCESSES][2];
	pid_t children[PROCESSES];
	char won[PROCESSES][SHARED_FORMS + 1];

	for (int i = 0; i < PROCESSES; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		children[i] = fork();
		if (children[i] == 0)
			_exit(one_process(i, pipes[i][1]));
		close(pipes[i][1]);
	}
	for (int i = 0; i < PROCESSES; i++) {
		size_t n = 0;

		for (ssize_t k; (k = read(pipes[i][0], won[i] + n, sizeof won[i] - n)) > 0;)
			n += (size_t)k;
		close(pipes[i][0]);
		assert_int_equal(status_of(children[i]), 0);
		assert_int_equal(n, SHARED_FORMS);
		assert_memory_equal(won[i], won[0], SHARED_FORMS);
	}
}

/* Records one form after the other and reports each once it is done. */
_Noreturn static void
record_for_ever(uint64_t from, int out)
{
	struct store *s = NULL;
	struct arena a;

	arena_init(&a, (size_t)1 << 30);
	if (scratch_open(folder, &s, why) != OK)
		_exit(1);
	for (uint64_t i = from;; i++) {
		struct store_form f = scratch_form(i, "kept", &a);

		if (scratch_record(s, &f, 1, &a) != OK)
			_exit(2);
		if (write(out, &i, sizeof i) != sizeof i)
			_exit(3);
	}
}

static uint64_t
kill_a_writer(uint64_t from, useconds_t after)
{
	int ends[2];
	uint64_t i = 0;
	uint64_t reported = from;

	assert_int_equal(pipe(ends), 0);
	const pid_t child = fork();
	if (child == 0)
		record_for_ever(from, ends[1]);
	close(ends[1]);
	assert_int_equal(read(ends[0], &i, sizeof i), sizeof i);
	usleep(after);
	kill(child, SIGKILL);
	assert_true(WIFSIGNALED(status_of(child)));
	do
		reported = i + 1;
	while (read(ends[0], &i, sizeof i) == sizeof i);
	close(ends[0]);
	return reported;
}

static void
what_was_done_survives_a_kill(void **state)
{
	(void)state;
	uint64_t n = 0;

	for (unsigned round = 0; round < 25; round++) {
		struct store *s = NULL;
		struct store_reader *r = NULL;
		const uint64_t from = n;

		n = kill_a_writer(n, round * 731 % 9000);
		assert_true(n > from);
		assert_int_equal(scratch_open(folder, &s, why), OK);
		assert_int_equal(store_reader_open(s, &r), OK);
		for (uint64_t i = 0; i < n; i++) {
			const struct store_form want = scratch_form(i, "kept", &arena);
			struct store_form got;
			bool found = false;

			assert_int_equal(store_forms_get(r, &want.key, 1, &arena, &got, &found), OK);
			assert_true(found);
			assert_true(scratch_same(&want, &got));
		}
		store_reader_close(&r);
		store_close(&s);
		arena_free(&arena);
	}
}

static void
a_writer_waits_for_another_process_but_not_for_ever(void **state)
{
	(void)state;
	const struct store_options o = {
		.folder = folder, .forms_idle_days = 7, .busy_ms = 50, .queue_limit = 9,
	};
	struct store *s = NULL;
	sqlite3 *other = NULL;
	struct store_form f = scratch_form(3, "", &arena);

	assert_int_equal(store_open(&o, &s, why), OK);
	assert_int_equal(sqlite3_open(file, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	const uint64_t before = clock_ns();
	assert_int_equal(scratch_record(s, &f, 1, &arena), ERR_BUSY);
	assert_true(clock_ns() - before >= 40 * 1000000u);
	/* That is no failure of the file's. */
	assert_true(store_healthy(s));
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(scratch_record(s, &f, 1, &arena), OK);
	sqlite3_close(other);
	store_close(&s);
}

/* ---- files that can not be used ---- */

static void
refused(enum err e, const char *says, const char *and)
{
	struct store *s = NULL;

	assert_int_equal(scratch_open(folder, &s, why), e);
	assert_null(s);
	assert_non_null(strstr(why, says));
	assert_non_null(strstr(why, and));
	assert_non_null(strstr(why, folder));
}

static void
make_good_file(uint64_t forms)
{
	struct store *s = NULL;

	assert_int_equal(scratch_open(folder, &s, why), OK);
	for (uint64_t i = 0; i < forms; i++) {
		struct store_form f = scratch_form(i, "good", &arena);

		assert_int_equal(scratch_record(s, &f, 1, &arena), OK);
	}
	store_close(&s);
}

static void
a_newer_schema_is_refused(void **state)
{
	(void)state;
	make_good_file(1);
	raw_sql("PRAGMA user_version=99");
	refused(ERR_UNSUPPORTED, "newer headroom", "HEADROOM_WORKSPACE_DIR");
	/* … and left as it is. */
	raw_sql("PRAGMA user_version=3");
	make_good_file(2);
}

static void
a_foreign_database_is_refused(void **state)
{
	(void)state;
	raw_sql("CREATE TABLE theirs(x)");
	refused(ERR_UNSUPPORTED, "another program", "HEADROOM_WORKSPACE_DIR");
	raw_sql("INSERT INTO theirs VALUES(1)");
}

static void
what_is_no_database_is_refused(void **state)
{
	(void)state;
	char noise[8192];

	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (char)(i * 7 + i / 256);
	write_file(file, noise, sizeof noise, 0);
	refused(ERR_IO, "not a database", "Move it away");
}

static void
a_symbolic_link_is_refused(void **state)
{
	(void)state;
	assert_int_equal(symlink("/dev/null", file), 0);
	refused(ERR_IO, "symbolic link", "Replace");
}

static void
a_folder_that_can_not_be_written_is_refused(void **state)
{
	(void)state;
	int ends[2];
	char said[STORE_WHY] = "";

	make_good_file(1);
	assert_int_equal(pipe(ends), 0);
	const pid_t child = fork();
	if (child == 0) {
		/* Root may write everywhere; nobody may not. */
		if (geteuid() == 0 && (chown(folder, 65534, 65534) != 0 ||
				       chown(file, 65534, 65534) != 0 || setuid(65534) != 0))
			_exit(9);
		chmod(folder, 0500);
		struct store *s = NULL;
		const enum err e = scratch_open(folder, &s, why);
		const ssize_t n = write(ends[1], why, sizeof why);
		chmod(folder, 0700);
		_exit(n == sizeof why ? (int)e : 8);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], said, sizeof said), (ssize_t)sizeof said);
	close(ends[0]);
	const int status = status_of(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), ERR_IO);
	assert_non_null(strstr(said, "writable"));
	assert_non_null(strstr(said, folder));
}

static void
a_folder_that_can_not_be_made_is_refused(void **state)
{
	(void)state;
	struct store *s = NULL;
	char under[200];

	write_file(file, "x", 1, 0);
	snprintf(under, sizeof under, "%s/headroom.db/state", folder);
	const struct store_options o = { .folder = under, .forms_idle_days = 7 };
	assert_int_equal(store_open(&o, &s, why), ERR_IO);
	assert_non_null(strstr(why, "Cannot make the folder"));
}

/* ---- files that break while we use them ---- */

/* Reads all forms of a file in which one page after the other is overwritten; what is
 * found must be right. */
static void
damage_never_gives_a_wrong_form(void **state)
{
	(void)state;
	enum { FORMS = 400 };
	unsigned char noise[4096];
	struct stat st;
	int lost = 0;

	make_good_file(FORMS);
	assert_int_equal(stat(file, &st), 0);
	unsigned char *const good = malloc((size_t)st.st_size);
	int fd = open(file, O_RDONLY);
	assert_int_equal(pread(fd, good, (size_t)st.st_size, 0), st.st_size);
	close(fd);
	for (size_t i = 0; i < sizeof noise; i++)
		noise[i] = (unsigned char)(i * 131 + 17);
	for (off_t at = 4096; at + 4096 <= st.st_size; at += 4096) {
		struct store *s = NULL;
		struct store_reader *r = NULL;
		/* Now and then a whole page, else a few bytes in the middle of one. */
		const bool whole = at / 4096 % 3 == 0;

		write_file(file, noise, whole ? 4096 : 5, whole ? at : at + 2048);
		if (scratch_open(folder, &s, why) == OK) {
			assert_int_equal(store_reader_open(s, &r), OK);
			for (uint64_t i = 0; i < FORMS; i++) {
				const struct store_form want = scratch_form(i, "good", &arena);
				struct store_form got;
				bool found = false;
				const enum err e =
					store_forms_get(r, &want.key, 1, &arena, &got, &found);

				assert_true(e == OK || !found);
				if (found)
					assert_true(scratch_same(&want, &got));
				else
					lost++;
				if (e == ERR_IO && !store_healthy(s)) {
					struct store_form f = want;

					assert_int_equal(scratch_record(s, &f, 1, &arena), ERR_IO);
				}
			}
			store_reader_close(&r);
			store_close(&s);
		}
		write_file(file, good, (size_t)st.st_size, 0);
		arena_free(&arena);
	}
	assert_true(lost > 0);
	free(good);
}

/* A disk that is full for a while: RLIMIT_FSIZE in a child of its own. */
static int
write_on_a_full_disk(void)
{
	struct store *s = NULL;
	struct store_reader *r = NULL;
	struct rlimit limit;
	struct stat st;
	char wal[200];
	bool found = false;
	struct store_form got;
	struct store_form first = scratch_form(3, "first", &arena);
	enum err e = OK;

	snprintf(wal, sizeof wal, "%s-wal", file);
	signal(SIGXFSZ, SIG_IGN);
	if (scratch_open(folder, &s, why) != OK || store_reader_open(s, &r) != OK ||
	    scratch_record(s, &first, 1, &arena) != OK || stat(wal, &st) != 0)
		return 1;
	getrlimit(RLIMIT_FSIZE, &limit);
	const rlim_t unlimited = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)st.st_size + 20000;
	setrlimit(RLIMIT_FSIZE, &limit);
	uint64_t i = 6;
	for (; i < 600 && e == OK; i += 3) {
		struct store_form f = scratch_form(i, "then", &arena);

		e = scratch_record(s, &f, 1, &arena);
	}
	if (e != ERR_IO || store_healthy(s))
		return 2;
	/* What could not be recorded is not there; what was before can be read. */
	const struct store_key last = scratch_key(i - 3);
	if (store_forms_get(r, &last, 1, &arena, &got, &found) != OK || found)
		return 3;
	if (store_forms_get(r, &first.key, 1, &arena, &got, &found) != OK || !found ||
	    !scratch_same(&first, &got))
		return 4;
	/* Room again: it goes on by itself. */
	limit.rlim_cur = unlimited;
	setrlimit(RLIMIT_FSIZE, &limit);
	struct store_form f = scratch_form(i - 3, "at last", &arena);
	if (scratch_record(s, &f, 1, &arena) != OK || !store_healthy(s))
		return 5;
	store_reader_close(&r);
	store_close(&s);
	return 0;
}

static void
a_full_disk_fails_the_write_and_nothing_else(void **state)
{
	(void)state;
	const pid_t child = fork();

	if (child == 0)
		_exit(write_on_a_full_disk());
	const int status = status_of(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int
open_on_a_full_disk(void)
{
	struct store *s = NULL;
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &limit);
	return scratch_open(folder, &s, why) == ERR_IO && strstr(why, "space") ? 0 : 1;
}

static void
a_disk_full_at_the_start_is_said(void **state)
{
	(void)state;
	const pid_t child = fork();

	if (child == 0)
		_exit(open_on_a_full_disk());
	const int status = status_of(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(processes_agree_from_the_first_moment),
		T(what_was_done_survives_a_kill),
		T(a_writer_waits_for_another_process_but_not_for_ever),
		T(a_newer_schema_is_refused),
		T(a_foreign_database_is_refused),
		T(what_is_no_database_is_refused),
		T(a_symbolic_link_is_refused),
		T(a_folder_that_can_not_be_written_is_refused),
		T(a_folder_that_can_not_be_made_is_refused),
		T(damage_never_gives_a_wrong_form),
		T(a_full_disk_fails_the_write_and_nothing_else),
		T(a_disk_full_at_the_start_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
