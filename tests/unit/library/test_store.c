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

static void
assert_is_kept(const hr_options *o, const char *hash, const char *text)
{
	char upper[25];
	hr_result *r = NULL;

	for (int i = 0; i < 25; i++)
		upper[i] = hash[i] >= 'a' ? (char)(hash[i] - 32) : hash[i];
	assert_int_equal(hr_retrieve(o, store, upper, &r), HR_OK);
	assert_string_equal(hr_result_text(r, NULL), text);
	hr_result_free(r);
}

static void
what_is_left_out_of_a_text_can_be_had(void **state)
{
	(void)state;
	hr_options *const o = hr_options_new(), *const other = hr_options_new();
	char *const rows = public_rows(400, "\"", "\n");
	char hash[25];
	hr_result *r = NULL, *none = NULL;

	assert_int_equal(hr_options_profile(o, HR_PROFILE_BALANCED), HR_OK);
	assert_int_equal(hr_options_tenant(other, "another"), HR_OK);
	assert_int_equal(hr_compress_text(o, store, rows, strlen(rows), &r), HR_OK);
	assert_int_equal(hr_result_hash_count(r), 1);
	strcpy(hash, hr_result_hash(r, 0));
	assert_non_null(strstr(hr_result_text(r, NULL), hash));
	hr_result_free(r);
	assert_is_kept(NULL, hash, rows);
	hr_store_close(store);
	open_store();
	assert_is_kept(o, hash, rows);

	assert_int_equal(hr_retrieve(other, store, hash, &none), HR_NOT_FOUND);
	hash[0] = hash[0] == '0' ? '1' : '0';
	assert_int_equal(hr_retrieve(NULL, store, hash, &none), HR_NOT_FOUND);
	assert_int_equal(hr_retrieve(NULL, store, "", &none), HR_NOT_FOUND);
	assert_int_equal(hr_retrieve(NULL, store, "not a hash at all, and long", &none), HR_NOT_FOUND);
	assert_null(none);
	hr_options_free(o);
	hr_options_free(other);
	free(rows);
}

static void
what_is_left_out_of_a_body_can_be_had(void **state)
{
	(void)state;
	hr_options *const o = hr_options_new();
	char *const rows = public_rows(400, "\"", "\n"), *const body = body_with(400);
	hr_result *r = NULL, *again = NULL;

	assert_int_equal(hr_options_profile(o, HR_PROFILE_BALANCED), HR_OK);
	assert_int_equal(hr_compress_body(o, store, body, strlen(body), &r), HR_OK);
	assert_int_equal(hr_result_hash_count(r), 1);
	assert_is_kept(o, hr_result_hash(r, 0), rows);
	/* On the next turn it is named again, though it was not compressed again. */
	assert_int_equal(hr_compress_body(NULL, store, body, strlen(body), &again), HR_OK);
	assert_string_equal(hr_result_text(again, NULL), hr_result_text(r, NULL));
	assert_int_equal(hr_result_hash_count(again), 1);
	assert_string_equal(hr_result_hash(again, 0), hr_result_hash(r, 0));
	hr_result_free(again);
	hr_result_free(r);
	/* Without a store nobody could fetch it. */
	assert_int_equal(hr_compress_body(o, NULL, body, strlen(body), &r), HR_OK);
	assert_int_equal(hr_result_replaced(r), 1);
	assert_int_equal(hr_result_hash_count(r), 0);
	hr_result_free(r);
	hr_options_free(o);
	free(body);
	free(rows);
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
		cmocka_unit_test_setup_teardown(what_is_left_out_of_a_text_can_be_had, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_out_of_a_body_can_be_had, setup, teardown),
		cmocka_unit_test_setup_teardown(a_store_that_can_not_be_opened_says_why, setup, teardown),
		cmocka_unit_test_setup_teardown(threads_share_one_store, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
