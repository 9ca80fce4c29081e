#include "base/names.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define LONGEST 64

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int
lower(const char *s, size_t i)
{
	return tolower((unsigned char)s[i]);
}

size_t
name_distance(const char *a, const char *b)
{
	const size_t na = least(strlen(a), LONGEST);
	const size_t nb = least(strlen(b), LONGEST);
	size_t row[3][LONGEST + 1];	/* the last three rows of the matrix, in turn */

	for (size_t j = 0; j <= nb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *const now = row[i % 3];
		const size_t *const above = row[(i + 2) % 3];
		const size_t *const above2 = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			const bool same = lower(a, i - 1) == lower(b, j - 1);

			now[j] = least(above[j - 1] + !same, least(above[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a, i - 1) == lower(b, j - 2) &&
			    lower(a, i - 2) == lower(b, j - 1))
				now[j] = least(now[j], above2[j - 2] + 1);
		}
	}
	return row[na % 3][nb];
}

const char *
name_nearest(const char *wanted, const char *const *names, size_t n)
{
	const size_t third = strlen(wanted) / 3;
	size_t best = third < 2 ? 3 : third + 1;
	const char *hit = NULL;

	for (size_t i = 0; i < n; i++) {
		const size_t d = name_distance(wanted, names[i]);

		if (d < best) {
			best = d;
			hit = names[i];
		}
	}
	return hit;
}
