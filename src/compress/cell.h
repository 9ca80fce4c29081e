/* How a value is spelled in a table. Encoder and decoder share these rules:
 *
 *   bare text        a string, unless it reads as a number, true, false, null
 *   "text"           a string; "" within is one quote (RFC 4180)
 *   \"json string"   a string that text cannot spell (lone surrogates, controls)
 *   [...] {...}      JSON
 *
 * In a column of text, bare cells other than null are strings. */
#ifndef HR_COMPRESS_CELL_H
#define HR_COMPRESS_CELL_H

#include "base/buf.h"

enum separator {
	SEPARATOR_SPACE,
	SEPARATOR_COMMA,
	SEPARATOR_BAR,
	SEPARATORS,	/* how many */
};

/* What a string must not be spelled bare for. */
enum cell_flag {
	CELL_HAS_SPACE = 1 << SEPARATOR_SPACE,
	CELL_HAS_COMMA = 1 << SEPARATOR_COMMA,
	CELL_HAS_BAR = 1 << SEPARATOR_BAR,
	CELL_QUOTED = 8,	/* never bare */
	CELL_TYPED = 16,	/* reads as a number, true or false */
	CELL_DASH = 32,		/* is "-", the mark for no member between spaces */
	CELL_RAW = 64,		/* text can not spell it: a JSON string */
	CELL_NAME = 128,	/* begins like the name of a defined value */
};

/* Begins a line that stands for rows left out; no bare cell begins with it, in forms
 * of engine version CELL_GAP_SINCE and later. */
#define CELL_GAP "\xe2\x80\xa6"
#define CELL_GAP_SINCE 2

char separator_char(enum separator s);
/* "space", "comma", "bar". */
const char *separator_name(enum separator s);
/* What stands for a member that a row lacks: "-" between spaces, else nothing. */
struct span separator_missing(enum separator s);

/* The flags of a string with this text. */
unsigned cell_flags(struct span text);

/* Does it read as a number? Wider than JSON's grammar ("+1", "007" too), so
 * that a reader cannot mistake a string for one. */
bool cell_is_numeric(struct span text);

/* Exactly JSON's number grammar. */
bool cell_is_json_number(struct span text);

/* Must a string with these flags stand in quotes? `text_column`: one whose bare
 * cells are strings. Not asked for CELL_RAW. */
bool cell_needs_quotes(unsigned flags, enum separator s, bool text_column);

/* Appends `text` in quotes. */
void cell_quote(struct buf *out, struct span text);

#endif
