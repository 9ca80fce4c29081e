/* Markers and what they stand for. */
#include "unit.h"

#include <sqlite3.h>

#include "each_rig.h"

static struct chat chat;
static struct chat_spelling plain;

/* Requests whose markers somebody can redeem. */
static const struct ledger_policy redeemable = {
	.profile = PROFILE_BALANCED, .shrink = true, .redeemable = true, .floor_tokens = 20,
	.tenant = { "local", 5 },
};

static int
begin(void **state)
{
	chat.count = 0;
	return setup(state);
}

/* A log of which most may be left out. */
static struct span
padded_events(unsigned seed, unsigned rows, int padding)
{
	struct buf b;

	buf_init(&b, 64 << 20);
	buf_add_char(&b, '[');
	for (unsigned i = 0; i < rows; i++)
		buf_addf(&b,
			 "%s{\"at\":%u,\"level\":\"INFO\",\"message\":\"request served by \\\"worker\\\" %u\","
			 "\"ms\":%u,\"host\":\"host-%u\",\"pad\":\"%*s\"}",
			 i ? "," : "", seed * 100000 + i * 3, i % 7, 20 + i * 7 % 40, i * 37 % rows,
			 padding, ".");
	buf_add_char(&b, ']');
	const struct span s = arena_copy(&rig.arena, buf_span(&b));
	buf_free(&b);
	return s;
}

static struct span
events(unsigned seed, unsigned rows)
{
	return padded_events(seed, rows, 1);
}

static void
turn(const char *call, struct span output)
{
	chat_call(chat_assistant(&chat, SPAN_NONE), span_str(call), SPAN("logs"), output);
}

static struct sent
send(const struct ledger_policy *p)
{
	return rig_send(&rig, WIRE_ANTHROPIC_MESSAGES, &chat, &plain, p);
}

static struct sent
send_refused(const struct ledger_policy *p)
{
	struct buf b;

	buf_init(&b, 1 << 28);
	chat_body(&b, WIRE_ANTHROPIC_MESSAGES, &chat, &plain);
	const struct span body = arena_copy(&rig.arena, buf_span(&b));
	buf_free(&b);
	return rig_send_body(&rig, WIRE_ANTHROPIC_MESSAGES, body, p, ERR_IO);
}

static struct span
text_of(const struct sent *s, uint32_t block)
{
	return rig_text(&rig, WIRE_ANTHROPIC_MESSAGES, s, block);
}

static bool
holds(struct span text, struct span part)
{
	return memmem(text.p, text.n, part.p, part.n) != NULL;
}

static struct store_found
fetch(struct span hash)
{
	struct store_found f;

	assert_int_equal(store_original_get(rig.reader, SPAN("local"), hash, &rig.arena, &f), OK);
	return f;
}

/* The block's text names `hash`, and what that stands for is `original`. */
static void
assert_redeems(struct span text, struct span hash, struct span original)
{
	const struct store_found f = fetch(hash);

	assert_int_equal(hash.n, STORE_HASH_DIGITS);
	assert_true(holds(text, hash));
	assert_int_equal(f.miss, STORE_NO_MISS);
	assert_true(span_eq(f.original.text, original));
}

static void
raw_sql(const char *sql)
{
	char path[200];
	sqlite3 *db = NULL;

	snprintf(path, sizeof path, "%s/headroom.db", rig.folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* One result with a marker; its form. */
static struct span
begun(struct span *hash)
{
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", events(1, 200));
	const struct sent s = send(&redeemable);

	assert_int_equal(s.counts.compressed, 1);
	assert_int_equal(s.counts.elided, 1);
	assert_int_equal(s.hash_count, 1);
	*hash = s.hashes[0];
	return text_of(&s, 0);
}

static void
a_marker_leaves_with_its_original(void **state)
{
	(void)state;
	struct span hash;
	const struct span form = begun(&hash);

	assert_redeems(form, hash, events(1, 200));
	const struct store_found f = fetch(hash);
	assert_span_eq(f.original.tool, "logs");
	assert_true(f.original.tokens > 2000 && f.original.tokens_after < f.original.tokens / 2);
	assert_int_equal(f.original.items, 200);
	assert_true(f.original.items_after > 0 && f.original.items_after < 150);
	assert_int_equal(f.retrievals, 2);
}

static void
a_marker_is_sent_again_whatever_the_profile_is_now(void **state)
{
	(void)state;
	struct span hash;
	const struct span form = begun(&hash);
	struct ledger_policy p = redeemable;

	rig_stop(&rig);
	rig_start(&rig);
	for (p.profile = PROFILE_OFF; p.profile <= PROFILE_AGGRESSIVE; p.profile++) {
		const struct sent s = send(&p);

		assert_false(s.recorded);
		assert_true(span_eq(text_of(&s, 0), form));
		assert_int_equal(s.counts.elided, 1);
		assert_int_equal(s.hash_count, 1);
		assert_true(span_eq(s.hashes[0], hash));
	}
}

static void
who_can_not_redeem_gets_no_marker(void **state)
{
	(void)state;
	struct span hash;
	struct ledger_policy p = redeemable;

	begun(&hash);
	p.redeemable = false;
	const struct sent s = send(&p);
	assert_int_equal(s.hash_count, 0);
	assert_int_equal(s.counts.elided, 0);
	assert_false(holds(text_of(&s, 0), hash));
	/* … nor with a block of his own. */
	turn("toolu_2", events(2, 200));
	const struct sent t = send(&p);
	assert_int_equal(t.counts.compressed, 1);
	assert_int_equal(t.hash_count, 0);
	assert_false(holds(text_of(&t, 1), SPAN("hash=")));
}

static void
without_a_row_of_its_kind_the_other_serves(void **state)
{
	(void)state;
	struct ledger_policy lossless = redeemable;
	struct ledger_policy unable = redeemable;

	unable.redeemable = false;
	lossless.profile = PROFILE_LOSSLESS;
	chat_user(&chat, SPAN("go"));
	/* The tools come later. */
	turn("toolu_1", events(1, 200));
	const struct sent before = send(&unable);
	const struct sent after = send(&redeemable);
	assert_true(span_eq(before.body, after.body));
	assert_int_equal(after.counts.replayed, 1);
	assert_int_equal(after.hash_count, 0);
	/* They go again; what was sent without markers meanwhile stays. */
	turn("toolu_2", events(2, 200));
	const struct sent with = send(&lossless);
	const struct sent without = send(&unable);
	assert_int_equal(with.counts.compressed, 1);
	assert_int_equal(without.counts.replayed, 2);
	assert_true(span_eq(with.body, without.body));
}

static void
callers_who_name_the_profile_get_what_they_name(void **state)
{
	(void)state;
	struct ledger_policy p = redeemable;
	struct span forms[PROFILE_AGGRESSIVE + 1];

	p.by_profile = true;
	p.adopt_compress = true;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", events(1, 200));
	for (int again = 0; again < 2; again++)
		for (p.profile = PROFILE_LOSSLESS; p.profile <= PROFILE_AGGRESSIVE; p.profile++) {
			const struct sent s = send(&p);
			const struct span form = text_of(&s, 0);

			assert_int_equal(s.recorded, !again);
			assert_int_equal(s.hash_count, p.profile > PROFILE_LOSSLESS);
			if (again)
				assert_true(span_eq(form, forms[p.profile]));
			forms[p.profile] = form;
		}
	assert_true(forms[PROFILE_BALANCED].n < forms[PROFILE_LOSSLESS].n);
}

static void
nothing_is_left_out_that_is_not_kept(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", events(1, 200));
	const struct sent s = send_refused(&redeemable);
	assert_true(span_eq(text_of(&s, 0), events(1, 200)));
	assert_int_equal(s.hash_count, 0);
	assert_int_equal(s.counts.elided, 0);
	assert_int_equal(s.counts.skipped[LEDGER_SKIP_STORE], 1);
	assert_true(s.counts.record_failed);
	/* The store works again, and the client tries again. */
	const struct sent t = send(&redeemable);
	assert_int_equal(t.hash_count, 1);
	assert_redeems(text_of(&t, 0), t.hashes[0], events(1, 200));
}

static void
an_original_that_has_gone_is_stored_again_first(void **state)
{
	(void)state;
	struct span hash;
	const struct span form = begun(&hash);

	raw_sql("DELETE FROM originals");
	assert_int_equal(fetch(hash).miss, STORE_NEVER);
	const struct sent s = send(&redeemable);
	assert_true(s.recorded);
	assert_true(span_eq(text_of(&s, 0), form));
	assert_int_equal(s.counts.replayed, 1);
	assert_redeems(form, hash, events(1, 200));
	assert_false(send(&redeemable).recorded);
}

static void
a_marker_whose_original_can_not_be_stored_again_does_not_leave(void **state)
{
	(void)state;
	struct span hash;
	const struct span form = begun(&hash);

	raw_sql("DELETE FROM originals");
	const struct sent s = send_refused(&redeemable);
	assert_true(span_eq(text_of(&s, 0), events(1, 200)));
	assert_int_equal(s.hash_count, 0);
	assert_int_equal(s.counts.skipped[LEDGER_SKIP_STORE], 1);
	/* That was for once. */
	const struct sent t = send(&redeemable);
	assert_true(span_eq(text_of(&t, 0), form));
	assert_redeems(form, hash, events(1, 200));
}

static void
a_bypass_shows_and_stores_nothing(void **state)
{
	(void)state;
	struct span hash;
	struct ledger_policy p = redeemable;

	p.bypass = true;
	begun(&hash);
	raw_sql("DELETE FROM originals");
	const struct sent s = send(&p);
	assert_true(span_eq(text_of(&s, 0), events(1, 200)));
	assert_int_equal(s.hash_count, 0);
	assert_int_equal(fetch(hash).miss, STORE_NEVER);
}

static void
equal_texts_are_one_original(void **state)
{
	(void)state;
	chat_user(&chat, SPAN("go"));
	turn("toolu_1", events(1, 200));
	turn("toolu_2", events(2, 200));
	turn("toolu_3", events(1, 200));
	struct ledger_policy p = redeemable;
	struct store_stats st;

	p.adopt_compress = true;
	const struct sent s = send(&p);
	assert_int_equal(s.counts.elided, 3);
	assert_int_equal(s.hash_count, 2);
	assert_redeems(text_of(&s, 0), s.hashes[0], events(1, 200));
	assert_redeems(text_of(&s, 1), s.hashes[1], events(2, 200));
	assert_redeems(text_of(&s, 2), s.hashes[0], events(1, 200));
	assert_int_equal(store_originals_stats(rig.reader, &st), OK);
	assert_int_equal(st.entries, 2);
}

static void
tenants_have_originals_of_their_own(void **state)
{
	(void)state;
	struct ledger_policy p = redeemable;
	struct span hash;

	begun(&hash);
	p.tenant = SPAN("somebody else");
	const struct sent s = send(&p);
	assert_int_equal(s.counts.compressed, 1);
	assert_int_equal(s.hash_count, 1);
	assert_false(span_eq(s.hashes[0], hash));
	assert_int_equal(fetch(s.hashes[0]).miss, STORE_NEVER);
}

static void
what_is_too_large_to_be_kept_is_not_elided(void **state)
{
	(void)state;
	const struct store_options o = {
		.folder = rig.folder, .forms_idle_days = 7, .busy_ms = 1000, .queue_limit = 9,
		.originals_bytes = 1 << 20,
	};
	char why[STORE_WHY];
	struct span hash;

	const struct span form = begun(&hash);
	const struct span large = padded_events(2, 200, 1000);
	rig_stop(&rig);
	assert_int_equal(store_open(&o, &rig.store, why), OK);
	assert_int_equal(store_reader_open(rig.store, &rig.reader), OK);
	assert_true(large.n > store_original_limit(rig.reader));
	turn("toolu_2", large);
	const struct sent s = send(&redeemable);
	assert_true(span_eq(text_of(&s, 0), form));
	assert_int_equal(s.counts.compressed, 1);
	assert_int_equal(s.counts.elided, 1);
	assert_false(holds(text_of(&s, 1), SPAN("hash=")));
	assert_true(text_of(&s, 1).n < large.n);
}

/* One that was kept under another limit, and has gone since. */
static void
what_has_become_too_large_is_not_promised(void **state)
{
	(void)state;
	const struct store_options o = {
		.folder = rig.folder, .forms_idle_days = 7, .busy_ms = 1000, .queue_limit = 9,
		.originals_bytes = 1 << 20,
	};
	char why[STORE_WHY];

	chat_user(&chat, SPAN("go"));
	turn("toolu_1", padded_events(1, 200, 1000));
	assert_int_equal(send(&redeemable).hash_count, 1);
	raw_sql("DELETE FROM originals");
	rig_stop(&rig);
	assert_int_equal(store_open(&o, &rig.store, why), OK);
	assert_int_equal(store_reader_open(rig.store, &rig.reader), OK);
	const struct sent s = send(&redeemable);
	assert_true(span_eq(text_of(&s, 0), padded_events(1, 200, 1000)));
	assert_int_equal(s.hash_count, 0);
}

/* ---- hints ---- */

static void
rows_that_the_user_asks_for_stay(void **state)
{
	(void)state;
	const struct span wanted = SPAN("host-385");

	for (int asked = 0; asked < 2; asked++) {
		chat.count = 0;
		chat_user(&chat, asked ? SPAN("what happened on host-385?") : SPAN("what happened?"));
		turn(asked ? "toolu_1" : "toolu_2", events(1, 400));
		const struct sent s = send(&redeemable);
		assert_int_equal(s.counts.elided, 1);
		assert_int_equal(holds(text_of(&s, 0), wanted), asked);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, teardown)
	const struct CMUnitTest tests[] = {
		T(a_marker_leaves_with_its_original),
		T(a_marker_is_sent_again_whatever_the_profile_is_now),
		T(who_can_not_redeem_gets_no_marker),
		T(without_a_row_of_its_kind_the_other_serves),
		T(callers_who_name_the_profile_get_what_they_name),
		T(nothing_is_left_out_that_is_not_kept),
		T(an_original_that_has_gone_is_stored_again_first),
		T(a_marker_whose_original_can_not_be_stored_again_does_not_leave),
		T(a_bypass_shows_and_stores_nothing),
		T(equal_texts_are_one_original),
		T(tenants_have_originals_of_their_own),
		T(what_is_too_large_to_be_kept_is_not_elided),
		T(what_has_become_too_large_is_not_promised),
		T(rows_that_the_user_asks_for_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
