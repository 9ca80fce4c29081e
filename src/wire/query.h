/* The query of a URL as name and value pairs. */
#ifndef HR_WIRE_QUERY_H
#define HR_WIRE_QUERY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

/* Takes the next pair off the front of "name=value&name=value…" and decodes it: "+" is a
 * space, "%41" a byte (application/x-www-form-urlencoded). Without "=" the value is empty;
 * empty pairs are passed over. Spans are the query's own or in `a`. ERR_NOT_FOUND at the end;
 * ERR_SYNTAX: a "%" that two hex digits do not follow; ERR_NOMEM. */
enum err query_next(struct span *query, struct arena *a, struct span *name,
		    struct span *value) MUST_CHECK;

#endif
