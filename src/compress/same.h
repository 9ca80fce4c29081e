/* The proof of P4 for JSON: two tapes that hold the same values. */
#ifndef HR_COMPRESS_SAME_H
#define HR_COMPRESS_SAME_H

#include "base/fuel.h"
#include "json/scan.h"

/* OK when both hold the same values in the same order: types, keys and their
 * order, numbers as they are spelled, the contents of strings. How a string
 * spells an escape may differ, unless it holds a lone surrogate: then only the
 * same bytes are the same. ERR_CONFLICT when something differs; ERR_FUEL,
 * ERR_NOMEM. */
enum err json_same(const struct json_doc *x, const struct json_doc *y, struct arena *a,
		   struct fuel *fuel) MUST_CHECK;

/* The same, but for each node of `x` that `gaps` marks, `y` has a null. */
enum err json_same_but(const struct json_doc *x, const struct json_doc *y, const uint8_t *gaps,
		       struct arena *a, struct fuel *fuel) MUST_CHECK;

#endif
