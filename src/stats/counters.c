#include "stats/counters.h"

#include <string.h>

static const struct counter_row rows[] = {
#define COUNTER(member_, help_)                                                                    \
	{ .name = #member_, .help = help_, .offset = offsetof(struct counters, member_) },
#include "stats/counters.def"
#undef COUNTER
};

const struct counter_row *
counter_rows(size_t *n)
{
	*n = sizeof rows / sizeof *rows;
	return rows;
}

uint64_t
counter_value(const struct counters *c, const struct counter_row *row)
{
	uint64_t v;

	memcpy(&v, (const char *)c + row->offset, sizeof v);
	return v;
}

void
counters_add(struct counters *to, const struct counters *from)
{
#define COUNTER(member, help) to->member += from->member;
#include "stats/counters.def"
#undef COUNTER
}
