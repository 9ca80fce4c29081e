/* JSON text → a flat tape of spans, validated (RFC 8259). Nothing is copied,
 * converted or normalised: a node says where its bytes are. */
#ifndef HR_JSON_SCAN_H
#define HR_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/fuel.h"
#include "base/span.h"

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* One value or object key. A container is followed by its contents in text
 * order: elements of an array; key, value, key, value … of an object. */
struct json_node {
	uint32_t off;	/* first byte of the value in the text */
	uint32_t len;	/* bytes of the value, quotes and brackets included */
	uint32_t next;	/* index of the first node after this value's subtree */
	uint32_t count : 27;	/* elements of an array, members of an object */
	uint32_t type : 3;	/* enum json_type */
	uint32_t escaped : 1;	/* a string that contains a backslash */
	uint32_t ascii : 1;	/* a string of bytes below 0x80 only */
};

/* Node 0 is the root value. */
struct json_doc {
	struct span text;
	struct json_node *nodes;	/* in the arena given to json_scan */
	uint32_t count;
};

#define JSON_NONE UINT32_MAX

struct json_limits {
	uint32_t depth;		/* containers open at once, at most 1024 */
	uint32_t nodes;		/* nodes on the tape */
};

/* Reads exactly one value with optional white space around it.
 * ERR_SYNTAX: not JSON, or not UTF-8 (overlong and surrogate encodings
 * included); ERR_LIMIT: deeper or larger than `lim`, or text over 2^32-1 bytes;
 * ERR_NOMEM. `text` must outlive the tape. */
enum err json_scan(struct span text, const struct json_limits *lim, struct arena *a,
		   struct json_doc *out) MUST_CHECK;

/* Like json_scan for a value that begins at text.p and may be followed by
 * anything; `*used` is the offset just after the value. For JSON Lines and JSON
 * between prose. */
enum err json_scan_prefix(struct span text, const struct json_limits *lim, struct arena *a,
			  struct json_doc *out, size_t *used) MUST_CHECK;

/* The value's bytes as they stand in the text. */
static inline struct span
json_raw(const struct json_doc *d, uint32_t node)
{
	return (struct span){ d->text.p + d->nodes[node].off, d->nodes[node].len };
}

/* A string node's bytes between the quotes, still escaped. */
static inline struct span
json_inner(const struct json_doc *d, uint32_t node)
{
	return (struct span){ d->text.p + d->nodes[node].off + 1, d->nodes[node].len - 2 };
}

static inline enum json_type
json_type(const struct json_doc *d, uint32_t node)
{
	return (enum json_type)d->nodes[node].type;
}

#endif
