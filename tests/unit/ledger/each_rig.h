/* A rig of each test's own: for cmocka_unit_test_setup_teardown. */
#ifndef HR_TESTS_EACH_RIG_H
#define HR_TESTS_EACH_RIG_H

#include "rig.h"

static struct rig rig;

static inline int
setup(void **state)
{
	(void)state;
	rig_open(&rig);
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	rig_close(&rig);
	return 0;
}

#endif
