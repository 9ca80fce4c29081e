/* Paths to values of a JSON text, a subset of RFC 9535:
 *   ["$"] { "." name | "[" index "]" | "[" quoted "]" | "[" from ":" to "]" | ".*" | "[*]" }
 * Indices count from 0, negative ones from the end. */
#ifndef HR_STORE_JSON_PATH_H
#define HR_STORE_JSON_PATH_H

#include <stdbool.h>

#include "base/fuel.h"
#include "json/scan.h"

#define JSON_PATH_BYTES 1024	/* longer paths are refused */
#define JSON_PATH_WHY 256	/* bytes of a sentence, NUL included */

struct json_path;

/* ERR_SYNTAX with the reason in `why`; ERR_NOMEM. Freed with json_path_free. */
enum err json_path_parse(struct span text, struct json_path **out,
			 char why[JSON_PATH_WHY]) MUST_CHECK;
void json_path_free(struct json_path **p);

/* May it lead to more than one value? */
bool json_path_is_plural(const struct json_path *p);

/* The nodes it leads to, in the order of the text; the list is in `a`. Of a path that is
 * not plural ERR_NOT_FOUND when the text has no such value: `why` says where it ends and what
 * there is instead. ERR_FUEL, ERR_NOMEM. */
enum err json_path_find(const struct json_path *p, const struct json_doc *d, struct arena *a,
			struct fuel *fuel, uint32_t **nodes, uint32_t *count,
			char why[JSON_PATH_WHY]) MUST_CHECK;

#endif
