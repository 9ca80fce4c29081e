#include "unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/loop.h"

#define SENDERS 4
#define NOTES 20000

struct numbered {
	struct note note;
	unsigned sender, number;
};

static struct loop loop;
static unsigned next_of[SENDERS];
static unsigned arrived, out_of_order;
/* Something that keeps the loop running while it waits. */
static uv_timer_t waiting;

static void
on_late(uv_timer_t *t)
{
	(void)t;
	loop_stop(&loop);
}

static void
on_note(struct note *n)
{
	const struct numbered *const x = (const struct numbered *)n;

	out_of_order += x->number != next_of[x->sender]++;
	if (++arrived == SENDERS * NOTES)
		loop_stop(&loop);
	free(n);
}

static void
post(unsigned sender, unsigned number)
{
	struct numbered *const x = calloc(1, sizeof *x);

	*x = (struct numbered){ .sender = sender, .number = number };
	loop_post(&loop, &x->note, on_note);
}

static void *
send_many(void *arg)
{
	const unsigned sender = (unsigned)(uintptr_t)arg;

	for (unsigned i = 0; i < NOTES; i++) {
		post(sender, i);
		/* Lets the loop fall asleep now and then. */
		if (i % 5000 == 0)
			usleep(2000);
	}
	return NULL;
}

static int
open_loop(void **state)
{
	(void)state;
	arrived = out_of_order = 0;
	memset(next_of, 0, sizeof next_of);
	assert_int_equal(loop_open(&loop), OK);
	uv_timer_init(&loop.uv, &waiting);
	uv_timer_start(&waiting, on_late, 20000, 0);
	return 0;
}

static int
close_loop(void **state)
{
	(void)state;
	loop_close(&loop);
	return 0;
}

static void
notes_of_many_threads_all_arrive_in_order(void **state)
{
	pthread_t threads[SENDERS];

	(void)state;
	for (uintptr_t i = 0; i < SENDERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_many, (void *)i), 0);
	loop_run(&loop);
	for (unsigned i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(arrived, SENDERS * NOTES);
	assert_int_equal(out_of_order, 0);
}

static void
what_was_posted_before_the_end_runs_when_settled(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		post(0, i);
	loop_settle(&loop);
	assert_int_equal(arrived, 3);
	assert_int_equal(out_of_order, 0);
}

static void
on_note_that_posts(struct note *n)
{
	free(n);
	post(1, 0);
	post(1, 1);
	loop_stop(&loop);
}

static void
a_note_may_post_more(void **state)
{
	struct note *const n = calloc(1, sizeof *n);

	(void)state;
	loop_post(&loop, n, on_note_that_posts);
	loop_run(&loop);
	assert_int_equal(arrived, 0);
	loop_settle(&loop);
	assert_int_equal(arrived, 2);
	assert_int_equal(out_of_order, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(notes_of_many_threads_all_arrive_in_order, open_loop,
						close_loop),
		cmocka_unit_test_setup_teardown(what_was_posted_before_the_end_runs_when_settled,
						open_loop, close_loop),
		cmocka_unit_test_setup_teardown(a_note_may_post_more, open_loop, close_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
