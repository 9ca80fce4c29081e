/* Guessing what a person meant to type. */
#ifndef HR_BASE_NAMES_H
#define HR_BASE_NAMES_H

#include <stddef.h>

/* Edit distance with adjacent swaps (Damerau 1964, restricted form) between two
 * short names, without regard to ASCII case; at most 64 characters are
 * compared. */
size_t name_distance(const char *a, const char *b);

/* The closest of `n` names within a third of the length of `wanted` (at least
 * 2 edits), or NULL. */
const char *name_nearest(const char *wanted, const char *const *names, size_t n);

#endif
