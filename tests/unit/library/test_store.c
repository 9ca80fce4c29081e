/* A store through the public header: what was sent is sent again, from any thread. */
#include "public.h"

#include <pthread.h>
#include <unistd.h>

static char folder[64];
static hr_store *store;

static void
open_store(void)
{
	char why[200] = "";

	if (hr_store_open(folder, &store, why, sizeof why) != HR_OK)
		fail_msg("%s", why);
}

static int
setup(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/hr-library-XXXXXX");
	assert_non_null(mkdtemp(folder));
	open_store();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	static const char *const files[] = { "headroom.db", "headroom.db-wal", "headroom.db-shm" };
	char path[128];

	hr_store_close(store);
	store = NULL;
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, files[i]);
		unlink(path);
	}
	return rmdir(folder);
}

/* A body with one result, to be freed. */
static char *
body_with(int rows)
{
	char *const content = public_rows(rows, "\\\"", "\\n");
	char *text;
	const int n = asprintf(&text,
		"{\"messages\":[{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"%s\"}]}", content);

	assert_true(n > 0);
	free(content);
	return text;
}

/* How many texts of the body were replaced; `sent` gets the body, to be freed, if not NULL. */
static size_t
send(const hr_options *o, const char *body, char **sent)
{
	hr_result *r = NULL;

	assert_int_equal(hr_compress_body(o, store, body, strlen(body), &r), HR_OK);
	const size_t n = hr_result_replaced(r);
	if (sent)
		*sent = strdup(hr_result_text(r, NULL));
	hr_result_free(r);
	return n;
}

static void
a_decision_outlives_options_and_the_store(void **state)
{
	(void)state;
	hr_options *const high = hr_options_new();
	char *const body = body_with(50), *const other = body_with(51);
	char *first, *second;

	assert_int_equal(hr_options_floor(high, 100000), HR_OK);
	assert_int_equal(send(NULL, body, &first), 1);
	assert_int_equal(send(high, other, NULL), 0);
	hr_store_close(store);
	open_store();
	assert_int_equal(send(high, body, &second), 1);
	assert_string_equal(first, second);
	assert_int_equal(send(NULL, other, NULL), 0);
	free(first);
	free(second);
	free(body);
	free(other);
	hr_options_free(high);
}

static void
tenants_share_nothing(void **state)
{
	(void)state;
	hr_options *const o = hr_options_new();
	char *const body = body_with(50);

	assert_int_equal(hr_options_floor(o, 100000), HR_OK);
	assert_int_equal(send(o, body, NULL), 0);
	assert_int_equal(hr_options_floor(o, 0), HR_OK);
	assert_int_equal(send(o, body, NULL), 0);
	assert_int_equal(hr_options_tenant(o, "another"), HR_OK);
	assert_int_equal(send(o, body, NULL), 1);
	free(body);
	hr_options_free(o);
}

static void
a_store_that_can_not_be_opened_says_why(void **state)
{
	(void)state;
	hr_store *s = NULL;
	char why[200] = "", path[100];

	snprintf(path, sizeof path, "%s/headroom.db/sub", folder);
	assert_int_equal(hr_store_open(path, &s, why, sizeof why), HR_STORE_FAILED);
	assert_null(s);
	assert_non_null(strstr(why, path));
	assert_int_equal(hr_store_open(path, &s, NULL, 0), HR_STORE_FAILED);
	assert_int_equal(hr_store_open(path, &s, why, 5), HR_STORE_FAILED);
	assert_int_equal(strlen(why), 4);
	hr_store_close(NULL);
}

enum { THREADS = 4, BODIES = 8 };

static void *
send_many(void *arg)
{
	char **const sent = arg;

	for (int i = 0; i < BODIES; i++) {
		char *const body = body_with(30 + i);

		send(NULL, body, &sent[i]);
		free(body);
	}
	return NULL;
}

static void
threads_share_one_store(void **state)
{
	(void)state;
	static char *sent[THREADS][BODIES];
	pthread_t threads[THREADS];

	for (int t = 0; t < THREADS; t++)
		assert_int_equal(pthread_create(&threads[t], NULL, send_many, sent[t]), 0);
	for (int t = 0; t < THREADS; t++)
		pthread_join(threads[t], NULL);
	for (int i = 0; i < BODIES; i++)
		for (int t = 0; t < THREADS; t++) {
			assert_string_equal(sent[t][i], sent[0][i]);
			if (t)
				free(sent[t][i]);
		}
	for (int i = 0; i < BODIES; i++)
		free(sent[0][i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_decision_outlives_options_and_the_store, setup, teardown),
		cmocka_unit_test_setup_teardown(tenants_share_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_store_that_can_not_be_opened_says_why, setup, teardown),
		cmocka_unit_test_setup_teardown(threads_share_one_store, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
