/* What the tests of the C library share: they see nothing but the public header. */
#ifndef HR_TESTS_PUBLIC_H
#define HR_TESTS_PUBLIC_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <headroom/headroom.h>

/* A pretty-printed array of rows that shrinks well, to be freed; `quote` and `newline` as they are
 * spelled where it is to stand. */
static inline char *
public_rows(int count, const char *quote, const char *newline)
{
	char *text;
	size_t size;
	FILE *const f = open_memstream(&text, &size);

	assert_non_null(f);
	fprintf(f, "[");
	for (int i = 0; i < count; i++)
		fprintf(f, "%s%s  {%sid%s: %d, %sstate%s: %sready%s, %swork%s: %smove %d boxes to dock %d%s}",
			i ? "," : "", newline, quote, quote, i, quote, quote, quote, quote, quote, quote,
			quote, i * 7919 % 1000, i % 13, quote);
	fprintf(f, "%s]", newline);
	fclose(f);
	return text;
}

#endif
