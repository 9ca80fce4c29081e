/* Tool calls by id, so that a result finds its call in constant time. */
#ifndef HR_WIRE_CALLS_H
#define HR_WIRE_CALLS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

struct call {
	struct span id;		/* SPAN_NONE: a free slot */
	struct span name;	/* unescaped; SPAN_NONE when absent */
	uint32_t input;		/* node of the arguments, or JSON_NONE */
};

/* Zero is an empty table; its slots live in the arena given to calls_put. */
struct calls {
	struct call *slots;
	uint32_t capacity;	/* a power of two, or 0 */
	uint32_t count;
};

/* Adds a call, or puts it in the place of an earlier one of the same id: of calls
 * that share an id the newest is the one that a result answers. `c->id` is not
 * SPAN_NONE; its bytes are not copied. ERR_NOMEM. */
enum err calls_put(struct calls *t, const struct call *c, struct arena *a) MUST_CHECK;

/* The call with that id, valid until the next calls_put, or NULL. */
const struct call *calls_find(const struct calls *t, struct span id);

#endif
