#include "text/glob.h"

#include <stdint.h>

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* The usual way with one star to come back to: linear but for stars, and names and
 * patterns are short. */
bool
glob_match(struct span pattern, struct span s)
{
	size_t p = 0;
	size_t i = 0;
	size_t star = SIZE_MAX;	/* after the last star … */
	size_t mark = 0;	/* … and where it stopped eating */

	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = ++p;
			mark = i;
		} else if (p < pattern.n &&
			   (pattern.p[p] == '?' || lower(pattern.p[p]) == lower(s.p[i]))) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}
