/* JSON string contents ↔ UTF-8 text. */
#ifndef HR_JSON_TEXT_H
#define HR_JSON_TEXT_H

#include "base/arena.h"
#include "base/buf.h"
#include "json/scan.h"

/* The text of a string node: the span inside the document when nothing is
 * escaped, else a copy in `a`. ERR_UNSUPPORTED when it holds a lone surrogate
 * (\ud800), which UTF-8 cannot spell; ERR_NOMEM. */
enum err json_string(const struct json_doc *d, uint32_t node, struct arena *a,
		     struct span *out) MUST_CHECK;

/* The same for bare inner bytes of a valid string (no quotes). */
enum err json_unescape(struct span inner, struct arena *a, struct span *out) MUST_CHECK;

/* Appends `utf8` as string contents without quotes, escaped as JSON.stringify
 * does: \" \\ \b \f \n \r \t, \u00xx for other controls; all else as it is. */
void json_escape(struct buf *b, struct span utf8);

#endif
