/* How JSON is spelled where a string holds it: what it takes to write it again to the byte. */
#ifndef HR_COMPRESS_LAYOUT_H
#define HR_COMPRESS_LAYOUT_H

#include "base/buf.h"
#include "compress/source.h"

enum layout_space {
	LAYOUT_COMPACT,		/* no white space */
	LAYOUT_SPACED,		/* a space after each comma and colon */
	LAYOUT_INDENTED,	/* a line for each element and member, a space after colons */
};

struct layout {
	enum layout_space space;
	unsigned indent;	/* of LAYOUT_INDENTED: spaces a level, 1 to 8; 0: a tab */
	bool lines;		/* JSON Lines; never indented */
	bool ascii;		/* \u00e9, \u007f */
	bool slashes;		/* \/ */
	bool html;		/* \u003c for <, and > & U+2028 U+2029 likewise */
	bool newline;		/* one at the end */
};

/* The layout that the text of a source has if it has any of these; layout_write
 * then tells. Linear, and stops at the first that decides. */
struct layout layout_guess(struct span text, bool lines);

/* Appends the value `node` in this layout; of JSON Lines it is an array. Strings are spelled as the layout
 * says, except those with a lone surrogate, which stay as they are: what is written
 * depends on the values alone. ERR_NOMEM, ERR_LIMIT (of `out`). */
enum err layout_write(const struct json_doc *d, uint32_t node, const struct layout *l,
		      struct arena *a, struct buf *out) MUST_CHECK;

/* Appends a word for it that begins "json": by it the reader of a form knows what to write. */
void layout_name(const struct layout *l, struct buf *out);

/* False for what is no such word, to the byte. */
bool layout_parse(struct span word, struct layout *out);

#endif
