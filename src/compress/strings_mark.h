/* The names by which open strings are told; see strings.h. */
#ifndef HR_COMPRESS_STRINGS_MARK_H
#define HR_COMPRESS_STRINGS_MARK_H

#include "compress/layout.h"

#define STRINGS_HEAD "[JSON in strings v"
#define STRINGS_WHOLE ", whole ~"

/* Strings within opened strings within …: how often, the outermost included. */
#define STRINGS_DEEP 3

struct mark {
	uint32_t key;		/* its node; the value is the next one */
	struct span name;	/* what stands before the "~" */
	struct layout layout;
};

/* For each node whether it is a key; in the arena, NULL when there is no memory. */
uint8_t *marks_keys(const struct json_doc *d, struct arena *a) MUST_CHECK;

/* Finds the keys that are marks, in the order of the tape. ERR_SYNTAX: one has two marks, so it
 * is none of ours; ERR_NOMEM, ERR_FUEL. */
enum err marks_find(const struct json_doc *d, struct arena *a, struct fuel *fuel,
		    struct mark **marks, size_t *n) MUST_CHECK;

#endif
