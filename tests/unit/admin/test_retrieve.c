#include "unit.h"

#include "admin/retrieve.h"
#include "json/walk.h"
#include "kept.h"

#define LOCAL SPAN("local")
#define NEVER SPAN("0123456789abcdef01234567")
enum { DAY = 86400 };

static struct kept kept;
static struct refusal why;
static struct retrieval got;
static struct buf part;
static int64_t now;

static int64_t
clock_now(void)
{
	return now;
}

static int
setup(void **state)
{
	(void)state;
	now = 1000 * DAY;
	kept_open(&kept, clock_now);
	buf_init(&part, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_free(&part);
	kept_close(&kept);
	return 0;
}

static int
fetch(struct span hash, const char *grep)
{
	struct retrieve_ask ask = { .hash = hash };

	ask.part.value[SLICE_GREP] = span_str(grep);
	buf_clear(&part);
	return retrieve(&ask, LOCAL, kept.reader, &kept.arena, &part, &got, &why);
}

static void
originals_and_parts_come_back(void **state)
{
	(void)state;
	const struct span hash = kept_add(&kept, LOCAL, SPAN("one\ntwo\n"));

	assert_int_equal(fetch(hash, NULL), 200);
	assert_true(got.whole);
	assert_span_eq(got.text, "one\ntwo\n");
	assert_int_equal(got.found.retrievals, 1);
	assert_int_equal(fetch(hash, "tw"), 200);
	assert_false(got.whole);
	assert_span_eq(got.text, "1-one\n2:two\n");
	assert_int_equal(fetch(hash, "none"), 200);
	assert_span_eq(got.text, "");
	assert_int_equal(fetch(hash, "("), 400);
	assert_string_equal(why.type, "invalid_request");
}

static void
what_is_gone_is_said_for_good(void **state)
{
	(void)state;
	char text[100000];
	uint64_t x = 1;

	const struct span hash = kept_add(&kept, LOCAL, SPAN("old"));
	assert_int_equal(fetch(NEVER, NULL), 404);
	assert_string_equal(why.type, "never_stored");
	assert_non_null(strstr(why.text, "final"));
	/* of another tenant */
	assert_int_equal(fetch(kept_add(&kept, SPAN("other"), SPAN("text")), NULL), 404);
	assert_string_equal(why.type, "never_stored");
	now += 8 * DAY;
	store_tidy(kept.store);
	assert_int_equal(fetch(hash, NULL), 404);
	assert_string_equal(why.type, "expired");
	assert_non_null(strstr(why.text, "run the command"));
	const struct span first = kept_add(&kept, LOCAL, SPAN("soon evicted"));
	for (int i = 0; i < 20; i++) {
		for (size_t k = 0; k < sizeof text; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			text[k] = (char)x;
		}
		now++;
		kept_add(&kept, LOCAL, span_of(text, sizeof text));
	}
	store_tidy(kept.store);
	assert_int_equal(fetch(first, NULL), 404);
	assert_string_equal(why.type, "evicted");
}

static void
a_bad_part_is_told_before_the_hash_is_looked_up(void **state)
{
	(void)state;
	const struct retrieve_ask ask = { .hash = NEVER, .part.value[SLICE_LINES] = SPAN("x") };

	assert_int_equal(retrieve(&ask, LOCAL, kept.reader, &kept.arena, &part, &got, &why), 400);
	assert_int_equal(retrieve(&ask, LOCAL, NULL, &kept.arena, &part, &got, &why), 400);
	const struct retrieve_ask good = { .hash = NEVER, .part.value[SLICE_LINES] = SPAN("1") };
	assert_int_equal(retrieve(&good, LOCAL, NULL, &kept.arena, &part, &got, &why), 503);
	assert_string_equal(why.type, "store_unavailable");
}

static void
little_memory_is_503(void **state)
{
	(void)state;
	static char text[100000];
	struct arena little;

	memset(text, 'a', sizeof text);
	const struct span hash = kept_add(&kept, LOCAL, span_of(text, sizeof text));
	const struct retrieve_ask ask = { .hash = hash };
	arena_init(&little, 1000);
	assert_int_equal(retrieve(&ask, LOCAL, kept.reader, &little, &part, &got, &why), 503);
	assert_string_equal(why.type, "overloaded");
	arena_free(&little);
	/* the answer does not fit */
	const struct retrieve_ask lines = { .hash = hash, .part.value[SLICE_LINES] = SPAN("1") };
	buf_free(&part);
	buf_init(&part, 1000);
	assert_int_equal(retrieve(&lines, LOCAL, kept.reader, &kept.arena, &part, &got, &why), 503);
}

static void
retrievals_are_remembered(void **state)
{
	(void)state;
	const struct span hash = kept_add(&kept, LOCAL, SPAN("[1,2,3]"));
	struct retrieve_ask ask = { .hash = hash };
	struct store_stats stats;

	assert_int_equal(fetch(hash, NULL), 200);
	ask.part.value[SLICE_ROWS] = SPAN("where @>1");
	ask.part.value[SLICE_HEAD] = SPAN("1");
	assert_int_equal(retrieve(&ask, LOCAL, kept.reader, &kept.arena, &part, &got, &why), 200);
	assert_int_equal(fetch(NEVER, NULL), 404);
	assert_int_equal(store_originals_stats(kept.reader, &stats), OK);
	assert_int_equal(stats.recent_count, 2);
	assert_string_equal(stats.recent[0].query, "rows=where @>1 head=1");
	assert_int_equal(stats.recent[0].items, 1);
	assert_int_equal(stats.recent[0].items_total, 3);
	assert_string_equal(stats.recent[1].query, "");
	assert_int_equal(stats.recent[1].items, 40);
	assert_string_equal(stats.recent[1].tool, "list");
	/* A long query is cut. */
	char path[600] = "$";
	for (size_t i = 1; i + 4 < 200; i += 3)
		memcpy(path + i, "[*]", 4);
	const struct retrieve_ask deep = { .hash = hash, .part.value[SLICE_PATH] = span_str(path) };
	const int status = retrieve(&deep, LOCAL, kept.reader, &kept.arena, &part, &got, &why);
	assert_true(status == 200 || status == 400);
}

/* ---- what is asked for ---- */

static const struct json_limits limits = { 64, 1000 };

static int
read_members(const char *json, struct retrieve_ask *ask)
{
	struct json_doc d;

	assert_int_equal(json_scan(span_str(json), &limits, &kept.arena, &d), OK);
	return retrieve_ask_members(&d, 0, &kept.arena, ask, &why);
}

static void
members_and_urls_ask_alike(void **state)
{
	(void)state;
	struct retrieve_ask a, b;

	assert_int_equal(read_members("{\"hash\":\"0123456789abcdef01234567\",\"head\":5,\"grep\":\"a\\u0062 c\","
				      "\"x\":1,\"tail\":null}", &a), 0);
	assert_int_equal(retrieve_ask_url(NEVER, SPAN("head=5&grep=ab+c&x=1"), &kept.arena, &b, &why), 0);
	assert_true(span_eq(a.hash, b.hash));
	for (int i = 0; i < SLICE_OPTIONS; i++)
		assert_true(span_eq(a.part.value[i], b.part.value[i]) && !a.part.value[i].p == !b.part.value[i].p);
	assert_int_equal(a.ignored_count, 1);
	assert_span_eq(b.ignored[0], "x");
	/* The last of equal members counts. */
	assert_int_equal(read_members("{\"head\":1,\"head\":2,\"hash\":5,\"hash\":\"0123456789ABCDEF01234567\"}", &a), 400);
	assert_int_equal(read_members("{\"head\":1,\"head\":2,\"hash\":\"0123456789ABCDEF01234567\"}", &a), 0);
	assert_span_eq(a.part.value[SLICE_HEAD], "2");
}

static void
many_names_without_effect_are_cut(void **state)
{
	(void)state;
	struct retrieve_ask ask;
	char query[200] = "";

	for (int i = 0; i < 40; i++)
		memcpy(query + 4 * i, "q=1&", 5);
	assert_int_equal(retrieve_ask_url(NEVER, span_str(query), &kept.arena, &ask, &why), 0);
	assert_int_equal(ask.ignored_count, RETRIEVE_IGNORED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(originals_and_parts_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_gone_is_said_for_good, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bad_part_is_told_before_the_hash_is_looked_up, setup, teardown),
		cmocka_unit_test_setup_teardown(little_memory_is_503, setup, teardown),
		cmocka_unit_test_setup_teardown(retrievals_are_remembered, setup, teardown),
		cmocka_unit_test_setup_teardown(members_and_urls_ask_alike, setup, teardown),
		cmocka_unit_test_setup_teardown(many_names_without_effect_are_cut, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
