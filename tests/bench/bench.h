/* What the programs that time one layer share. */
#ifndef HR_TESTS_BENCH_H
#define HR_TESTS_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/span.h"

#define BENCH_MOST_BYTES ((size_t)64 << 20)

/* CPU time of this thread, which other load on the machine disturbs least. */
static inline double
bench_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Reports on each file, of which the first BENCH_MOST_BYTES are read. The exit
 * status: 1 when one could not be read. */
static inline int
bench_files(int count, char **paths, void (*report)(const char *path, struct span text))
{
	char *const text = malloc(BENCH_MOST_BYTES);
	int status = 0;

	for (int i = 0; i < count; i++) {
		FILE *const f = text ? fopen(paths[i], "rb") : NULL;

		if (f) {
			report(paths[i], span_of(text, fread(text, 1, BENCH_MOST_BYTES, f)));
			fclose(f);
		} else {
			perror(paths[i]);
			status = 1;
		}
	}
	free(text);
	return status;
}

#endif
