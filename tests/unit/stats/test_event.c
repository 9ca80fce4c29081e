#include "unit.h"

#include <string.h>

#include "stats/event.h"

static uint64_t
random_bits(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	/* Small and large numbers alike. */
	return *x >> (*x % 64);
}

static void
fill(struct usage_event *e, struct names *names, uint64_t *x)
{
	static const char *const words[] = { "", "anthropic", "gpt-5", "größer", "a b c" };

	memset(e, 0, sizeof *e);
#define EVENT_NAME(member) e->member = names_number(names, span_str(words[random_bits(x) % 5]));
#define EVENT_NUMBER(type, member) e->member = (type)random_bits(x);
#define EVENT_TALLY(member)                                                                        \
	for (uint64_t i = random_bits(x) % (EVENT_TALLY_SORTS + 1); i > 0; i--)                    \
		event_tally_add(&e->member, (unsigned)(random_bits(x) % 256), (uint32_t)random_bits(x));
#include "stats/event.def"
#undef EVENT_NAME
#undef EVENT_NUMBER
#undef EVENT_TALLY
	if (*x & 1)
		e->cost = -e->cost;
}

static void
assert_same(const struct usage_event *a, const struct names *an, const struct usage_event *b,
	    const struct names *bn)
{
#define EVENT_NAME(member) assert_true(span_eq(names_text(an, a->member), names_text(bn, b->member)));
#define EVENT_NUMBER(type, member) assert_true(a->member == b->member);
#define EVENT_TALLY(member) assert_memory_equal(&a->member, &b->member, sizeof a->member);
#include "stats/event.def"
#undef EVENT_NAME
#undef EVENT_NUMBER
#undef EVENT_TALLY
}

static void
what_is_packed_comes_back(void **state)
{
	(void)state;
	uint64_t x = 88172645463325252u;
	struct names *out_names = names_make(), *in_names = names_make();
	struct usage_event events[50], *back;
	uint32_t n;
	struct event_packer p;

	/* Numbers of names differ on the other side. */
	names_number(in_names, SPAN("somebody else"));
	event_packer_init(&p, out_names, 1 << 20);
	for (int round = 1; round < 50; round++) {
		event_packer_clear(&p);
		for (int i = 0; i < round; i++) {
			fill(&events[i], out_names, &x);
			assert_int_equal(event_pack(&p, &events[i]), OK);
		}
		assert_int_equal(events_unpack(buf_span(&p.out), in_names, &back, &n), OK);
		assert_int_equal(n, round);
		for (int i = 0; i < round; i++)
			assert_same(&events[i], out_names, &back[i], in_names);
		free(back);
	}
	event_packer_free(&p);
	names_free(&out_names);
	names_free(&in_names);
}

static void
damage_is_found_or_harmless(void **state)
{
	(void)state;
	uint64_t x = 4101842887655102017u;
	struct names *names = names_make();
	struct usage_event event, *back;
	struct event_packer p;
	uint32_t n;
	size_t whole = 0;

	event_packer_init(&p, names, 1 << 20);
	for (int i = 0; i < 5; i++) {
		fill(&event, names, &x);
		assert_int_equal(event_pack(&p, &event), OK);
		if (i == 3)
			whole = p.out.n;
	}
	const struct span packed = buf_span(&p.out);
	for (size_t cut = whole + 1; cut < packed.n; cut++)
		assert_int_equal(events_unpack(span_head(packed, cut), names, &back, &n), ERR_SYNTAX);
	assert_int_equal(events_unpack(SPAN(""), names, &back, &n), ERR_SYNTAX);
	for (size_t i = 0; i < packed.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			p.out.p[i] ^= (char)(1 << bit);
			if (events_unpack(packed, names, &back, &n) == OK)
				free(back);
			p.out.p[i] ^= (char)(1 << bit);
		}
	assert_int_equal(events_unpack(packed, names, &back, &n), OK);
	assert_int_equal(n, 5);
	free(back);
	event_packer_free(&p);
	names_free(&names);
}

static void
an_event_without_room_leaves_nothing(void **state)
{
	(void)state;
	struct names *names = names_make();
	struct usage_event e = { .model = names_number(names, SPAN("a rather long name")) }, *back;
	struct event_packer p;
	uint32_t n;

	event_packer_init(&p, names, 120);
	assert_int_equal(event_pack(&p, &e), OK);
	e.project = names_number(names, SPAN("another name that is long, much too long for the room"));
	assert_int_equal(event_pack(&p, &e), ERR_LIMIT);
	/* The name must not count as spelled now. */
	e.model = 0;
	e.project = names_number(names, SPAN("short"));
	assert_int_equal(event_pack(&p, &e), OK);
	assert_int_equal(events_unpack(buf_span(&p.out), names, &back, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(back[1].project, e.project);
	free(back);
	event_packer_free(&p);
	names_free(&names);
}

static void
sums_say_what_an_event_was(void **state)
{
	(void)state;
	const struct usage_event e = {
		.status = 200, .outcome = EVENT_OK, .flags = EVENT_CHANGED | EVENT_FIRST_BYTE,
		.tokens_before = 1000, .tokens_after = 300, .tokens_added = 50,
		.uncached = 10, .cache_read = 200, .cache_write_5m = 3000, .cache_write_1h = 40000,
		.output = 7, .cost = 99, .saved_cost = -5, .total_us = 11, .first_byte_us = 5,
	};
	struct usage_sums s, twice;

	event_sums(&e, &s);
	assert_int_equal(s.v[USAGE_requests], 1);
	assert_int_equal(s.v[USAGE_failed] + s.v[USAGE_rejected] + s.v[USAGE_cached], 0);
	assert_int_equal(s.v[USAGE_compressed], 1);
	assert_int_equal(s.v[USAGE_prompt_tokens], 43210);
	assert_int_equal(s.v[USAGE_saved_tokens], 650);
	assert_int_equal(s.v[USAGE_cache_hits], 1);
	assert_int_equal(s.v[USAGE_first_bytes], 1);
	assert_int_equal(s.v[USAGE_saved_cost], -5);
	twice = s;
	usage_sums_add(&twice, &s);
	for (int i = 0; i < USAGE_SUMS; i++)
		assert_int_equal(twice.v[i], 2 * s.v[i]);
}

static void
outcomes_are_counted_apart(void **state)
{
	(void)state;
	static const struct { enum event_outcome outcome; uint32_t status; enum usage_sum sum; } rows[] = {
		{ EVENT_OK, 429, USAGE_rejected }, { EVENT_CACHED, 200, USAGE_cached },
		{ EVENT_LIMITED, 429, USAGE_limited }, { EVENT_FAILED, 502, USAGE_failed },
		{ EVENT_TRUNCATED, 200, USAGE_truncated },
	};
	static const enum usage_sum all[] = { USAGE_rejected, USAGE_cached, USAGE_limited,
					      USAGE_failed, USAGE_truncated };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct usage_event e = { .outcome = rows[i].outcome, .status = rows[i].status };
		struct usage_sums s;

		event_sums(&e, &s);
		for (size_t k = 0; k < sizeof all / sizeof *all; k++)
			assert_int_equal(s.v[all[k]], all[k] == rows[i].sum);
	}
}

static void
sums_stop_at_the_largest_number(void **state)
{
	(void)state;
	struct usage_sums a = { .v = { [USAGE_cost] = INT64_MAX - 1, [USAGE_saved_cost] = INT64_MIN + 1 } };
	const struct usage_sums b = { .v = { [USAGE_cost] = 2, [USAGE_saved_cost] = -2 } };

	usage_sums_add(&a, &b);
	assert_true(a.v[USAGE_cost] == INT64_MAX);
	assert_true(a.v[USAGE_saved_cost] == INT64_MIN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_comes_back),
		cmocka_unit_test(damage_is_found_or_harmless),
		cmocka_unit_test(an_event_without_room_leaves_nothing),
		cmocka_unit_test(sums_say_what_an_event_was),
		cmocka_unit_test(outcomes_are_counted_apart),
		cmocka_unit_test(sums_stop_at_the_largest_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
