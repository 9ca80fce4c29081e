#include "unit.h"

#include <stdatomic.h>
#include <unistd.h>

#include "net/workers.h"

#define JOBS 5000

static struct loop loop;
static struct workers *workers;
static atomic_uint worked, entered, left;
static unsigned finished;
static atomic_bool gate;

struct counted {
	struct job job;
	unsigned runs, ends;
};

static void *
enter(void *arg)
{
	atomic_fetch_add(&entered, 1);
	return arg;
}

static void
leave(void *state)
{
	assert_ptr_equal(state, &loop);
	atomic_fetch_add(&left, 1);
}

static void
work(struct job *j, void *state)
{
	assert_ptr_equal(state, &loop);
	CONTAINER(j, struct counted, job)->runs++;
	atomic_fetch_add(&worked, 1);
	while (atomic_load(&gate))
		usleep(100);
}

static void
done(struct job *j)
{
	CONTAINER(j, struct counted, job)->ends++;
	finished++;
}

static void
start(uint32_t threads, uint32_t queue)
{
	const struct workers_options o = { .threads = threads, .queue_limit = queue, .enter = enter,
					   .leave = leave, .arg = &loop };

	worked = entered = left = 0;
	finished = 0;
	gate = false;
	assert_int_equal(loop_open(&loop), OK);
	assert_int_equal(workers_start(&o, &workers), OK);
}

static void
stop(void)
{
	workers_stop(&workers);
	assert_null(workers);
	loop_settle(&loop);
	loop_close(&loop);
}

static void
every_job_runs_and_ends_once(void **state)
{
	(void)state;
	struct counted *const jobs = calloc(JOBS, sizeof *jobs);

	start(3, JOBS);
	for (int i = 0; i < JOBS; i++) {
		jobs[i].job = (struct job){ .loop = &loop, .work = work, .done = done };
		assert_int_equal(workers_submit(workers, &jobs[i].job), OK);
	}
	stop();
	assert_int_equal(finished, JOBS);
	assert_int_equal(entered, 3);
	assert_int_equal(left, 3);
	for (int i = 0; i < JOBS; i++) {
		assert_int_equal(jobs[i].runs, 1);
		assert_int_equal(jobs[i].ends, 1);
	}
	free(jobs);
}

static void
a_full_queue_refuses_and_can_be_forced(void **state)
{
	(void)state;
	struct counted jobs[5] = { 0 };

	start(1, 2);
	gate = true;
	for (int i = 0; i < 5; i++)
		jobs[i].job = (struct job){ .loop = &loop, .work = work, .done = done };
	assert_int_equal(workers_submit(workers, &jobs[0].job), OK);
	while (atomic_load(&worked) == 0)
		usleep(100);
	/* One is being worked on; two may wait. */
	assert_int_equal(workers_submit(workers, &jobs[1].job), OK);
	assert_int_equal(workers_submit(workers, &jobs[2].job), OK);
	assert_int_equal(workers_submit(workers, &jobs[3].job), ERR_BUSY);
	workers_force(workers, &jobs[4].job);
	gate = false;
	stop();
	assert_int_equal(finished, 4);
	assert_int_equal(jobs[3].runs, 0);
	assert_int_equal(jobs[4].ends, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_runs_and_ends_once),
		cmocka_unit_test(a_full_queue_refuses_and_can_be_forced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
