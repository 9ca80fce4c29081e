/* What every unit test includes: cmocka and a few assertions on spans. */
#ifndef HR_TESTS_UNIT_H
#define HR_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/span.h"

#define assert_span_eq(span_, literal)                                         \
	do {                                                                   \
		const struct span got_ = (span_);                              \
		const struct span want_ = span_str(literal);                   \
		if (!span_eq(got_, want_))                                     \
			fail_msg("got \"%.*s\", want \"%.*s\"", SPAN_ARG(got_), SPAN_ARG(want_)); \
	} while (0)

#endif
