/* Finding one's way on a tape. */
#ifndef HR_JSON_WALK_H
#define HR_JSON_WALK_H

#include "json/scan.h"

/* for (JSON_EACH(d, array, i)): i is each element of an array in turn. */
#define JSON_EACH(d, array, i)                                                 \
	uint32_t i = (array) + 1; i < (d)->nodes[array].next; i = (d)->nodes[i].next

/* for (JSON_MEMBERS(d, object, k)): k is each key; its value is node k + 1. */
#define JSON_MEMBERS(d, object, k)                                             \
	uint32_t k = (object) + 1; k < (d)->nodes[object].next; k = (d)->nodes[k + 1].next

/* The value of member `key` of an object (keys compared after unescaping).
 * JSON_NONE when `object` is JSON_NONE, not an object, or lacks it; the last
 * one when it stands there several times. */
uint32_t json_get(const struct json_doc *d, uint32_t object, struct span key);

/* Like json_get; sets *twice (never clears it) when the key stands there more
 * than once: readers then disagree about its value and we leave it alone. */
uint32_t json_get_once(const struct json_doc *d, uint32_t object, struct span key, bool *twice);

/* Is it a string node whose value is exactly `s`? */
bool json_is(const struct json_doc *d, uint32_t node, struct span s);

#endif
