/* Which strings of relaxed JSON stand without quotes. Relaxed JSON is JSON in
 * which a member name or a string within a container may stand bare where it
 * reads as nothing else: {name:Ann Lee,tags:[a,b],id:"7"}. Writer and reader
 * share these rules. */
#ifndef HR_COMPRESS_RELAXED_H
#define HR_COMPRESS_RELAXED_H

#include <stdint.h>

#include "base/err.h"
#include "compress/cell.h"

/* May a string with this text, which has no escapes, stand bare? A member name
 * may read as a number or word, but holds no colon. */
bool relaxed_is_bare(struct span text, bool key);

/* Member names that count on by one and have the same value stand as one:
 * {12..154:y}. */
#define RELAXED_RANGE ".."
#define RELAXED_RANGE_NAMES 3u	/* fewer stand each for itself */

/* The number that a name is, spelled without leading zeros. False: none, or over
 * nine digits. */
bool relaxed_number(struct span name, uint32_t *out);

/* The numbers at the ends of such a name. */
bool relaxed_range(struct span bare, uint32_t *first, uint32_t *last);

/* Appends as JSON what stands bare in a container: a number, true, false, null,
 * or a string. ERR_SYNTAX when nothing may stand so. */
enum err relaxed_add(struct span bare, struct buf *out) MUST_CHECK;

/* Appends a bare member name as JSON. ERR_SYNTAX as above. */
enum err relaxed_add_key(struct span bare, struct buf *out) MUST_CHECK;

#endif
