#include "unit.h"

#include "net/timers.h"

static struct timers wheel;
static unsigned fired;
static uint64_t fired_at;

static void
note_fire(struct timer *t)
{
	(void)t;
	fired++;
	fired_at = wheel.now;
}

static struct timer
new_timer(void)
{
	return (struct timer){ .fire = note_fire };
}

static int
set_up(void **state)
{
	(void)state;
	timers_init(&wheel, 5000);
	fired = 0;
	return 0;
}

/* Moves on in steps of `step` until `until`. */
static void
run_until(uint64_t until, uint64_t step)
{
	while (wheel.now < until)
		timers_run(&wheel, wheel.now + step < until ? wheel.now + step : until);
}

static void
fires_once_and_never_early(void **state)
{
	(void)state;
	for (uint64_t ms = 1; ms < 40000; ms += ms / 3 + 1) {
		struct timer t = new_timer();
		const uint64_t due = wheel.now + ms;

		fired = 0;
		timer_arm(&wheel, &t, ms);
		run_until(due - 1, 7);
		assert_int_equal(fired, 0);
		run_until(due + 2 * TIMERS_TICK_MS, 1);
		assert_int_equal(fired, 1);
		assert_true(fired_at >= due && fired_at <= due + TIMERS_TICK_MS);
		assert_false(timer_armed(&t));
		timer_forget(&t);
	}
}

/* Re-arming by every byte of a stream must neither fire nor look at the wheel. */
static void
a_deadline_that_moves_on_never_fires(void **state)
{
	(void)state;
	struct timer t = new_timer();

	timer_arm(&wheel, &t, 300);
	for (int i = 0; i < 20000; i++) {
		timers_run(&wheel, wheel.now + 10);
		assert_false(timer_arm(&wheel, &t, 300));
	}
	assert_int_equal(fired, 0);
	run_until(wheel.now + 400, 10);
	assert_int_equal(fired, 1);
}

static void
an_earlier_deadline_is_kept(void **state)
{
	(void)state;
	struct timer t = new_timer();
	const uint64_t from = wheel.now;

	timer_arm(&wheel, &t, 600000);
	assert_true(timer_arm(&wheel, &t, 100));
	run_until(from + 200, 5);
	assert_int_equal(fired, 1);
	assert_true(fired_at >= from + 100);
}

static void
a_stopped_one_stays_silent_and_can_be_armed_again(void **state)
{
	(void)state;
	struct timer t = new_timer();

	timer_arm(&wheel, &t, 100);
	timer_stop(&t);
	run_until(wheel.now + 1000, 10);
	assert_int_equal(fired, 0);
	timer_arm(&wheel, &t, 100);
	run_until(wheel.now + 1000, 10);
	assert_int_equal(fired, 1);
}

static void
far_deadlines_survive_many_turns_of_the_wheel(void **state)
{
	(void)state;
	struct timer t = new_timer();
	const uint64_t due = wheel.now + 3600000;

	timer_arm(&wheel, &t, 3600000);
	run_until(due - 1, 1000);
	assert_int_equal(fired, 0);
	run_until(due + 64, 1);
	assert_int_equal(fired, 1);
}

/* A suspended machine: hours pass in one step. */
static void
a_long_sleep_fires_everything_due(void **state)
{
	(void)state;
	struct timer t[600];

	for (int i = 0; i < 600; i++) {
		t[i] = new_timer();
		timer_arm(&wheel, &t[i], 50u * (unsigned)(i + 1));
	}
	timers_run(&wheel, wheel.now + 7200000);
	assert_int_equal(fired, 600);
}

static struct timer *victim;

static void
forget_victim(struct timer *t)
{
	note_fire(t);
	timer_forget(victim);
}

/* Closing a connection may take another one of the same slot with it. */
static void
a_fired_timer_may_forget_its_neighbour(void **state)
{
	(void)state;
	struct timer a = { .fire = forget_victim };
	struct timer b = new_timer();

	victim = &b;
	timer_arm(&wheel, &a, 100);
	timer_arm(&wheel, &b, 100);
	run_until(wheel.now + 500, 1);
	assert_int_equal(fired, 1);
}

static void
says_how_long_to_wait(void **state)
{
	(void)state;
	struct timer t = new_timer();

	assert_int_equal(timers_wait(&wheel), UINT64_MAX);
	assert_true(timer_arm(&wheel, &t, 1000));
	const uint64_t wait = timers_wait(&wheel);
	assert_true(wait >= 1000 && wait <= 1000 + TIMERS_TICK_MS);
	/* Beyond the wheel's reach it is looked at before its time, not after. */
	timer_forget(&t);
	timers_init(&wheel, 0);
	timer_arm(&wheel, &t, 3600000);
	assert_true(timers_wait(&wheel) <= TIMERS_SLOTS * TIMERS_TICK_MS);
	timer_forget(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(fires_once_and_never_early, set_up),
		cmocka_unit_test_setup(a_deadline_that_moves_on_never_fires, set_up),
		cmocka_unit_test_setup(an_earlier_deadline_is_kept, set_up),
		cmocka_unit_test_setup(a_stopped_one_stays_silent_and_can_be_armed_again, set_up),
		cmocka_unit_test_setup(far_deadlines_survive_many_turns_of_the_wheel, set_up),
		cmocka_unit_test_setup(a_long_sleep_fires_everything_due, set_up),
		cmocka_unit_test_setup(a_fired_timer_may_forget_its_neighbour, set_up),
		cmocka_unit_test_setup(says_how_long_to_wait, set_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
