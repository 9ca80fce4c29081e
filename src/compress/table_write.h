/* A table as text: title, columns, rows. */
#ifndef HR_COMPRESS_TABLE_WRITE_H
#define HR_COMPRESS_TABLE_WRITE_H

#include "compress/minify.h"
#include "compress/table.h"
#include "tokens/tokens.h"

/* What the title of a table adds whose empty cells are null. */
#define TABLE_WRITE_NULLS ", empty = null"
/* What its rows are called: objects of an array, or an object's members. */
#define TABLE_WRITE_ROWS " rows"
#define TABLE_WRITE_MEMBERS " members"
/* … of several kinds, each with its letter and a line of columns. */
#define TABLE_WRITE_OF " of "
#define TABLE_WRITE_KINDS " kinds"
#define TABLE_WRITE_KIND ": "
/* … with the columns of an earlier table. */
#define TABLE_WRITE_LIKE " like table "

/* What a text uses and its first line must explain. */
enum form_feature {
	FORM_NESTED = 1,	/* a.b */
	FORM_ITEMS = 2,		/* a[0] */
	FORM_CONSTANT = 4,
	FORM_AFFIX = 8,
	FORM_TEXT = 16,
	FORM_QUOTES = 32,
	FORM_RAW = 64,
	FORM_DASH = 128,
	FORM_BLANK = 256,
	FORM_JSON_ROW = 512,
	FORM_REFERENCE = 1024,
	FORM_MARKED = 2048,
	FORM_DERIVED = 4096,	/* b:=x{a} */
	FORM_PART = 8192,	/* {a after /} */
	FORM_GAP = 16384,
	FORM_KEYED = 32768,	/* N members */
	FORM_BARE = 65536,	/* {a:b} */
	FORM_WORDING = 131072,	/* name:short */
	FORM_NAME = 1 << 18,	/* *x=… */
	FORM_KINDS = 1 << 19,	/* of N kinds */
	FORM_USUALLY = 2097152,	/* b?:=x{a} */
	FORM_SEQUENCE = 1 << 20,	/* (name:+60s) */
	FORM_NAMED_BY = 1 << 21,	/* *id: N rows */
	FORM_NAMED_ROWS = 1 << 22,	/* rows that begin with *x */
	FORM_LIKE = 1 << 23,	/* like table N */
	FORM_LIST_GAP = 1 << 24,	/* items left out of [] */
	FORM_RANGE = 1 << 25,	/* {7..9:x} */
};

/* enum relaxed_feature as these. */
static inline unsigned
form_relaxed(unsigned used)
{
	return (used & RELAXED_BARE ? FORM_BARE : 0u) | (used & RELAXED_RANGES ? FORM_RANGE : 0u);
}

struct table_writer {
	const struct json_doc *d;
	struct table_refs *refs;
	struct buf *out;
	unsigned features;	/* enum form_feature, added to */
	struct tokens_memo *memo;	/* or NULL */
	bool sample;		/* leave out what no separator changes: JSON */
};

/* Sets t->separator: the one in which a sample of rows has the fewest tokens.
 * `scratch` is emptied and used; its failure is returned, or ERR_FUEL. */
enum err table_choose_separator(const struct table_writer *w, struct table *t, struct buf *scratch,
				struct fuel *fuel) MUST_CHECK;

/* Appends "\ntable N: R rows, …", the columns of `head`, which is `t` or its pool,
 * and the rows, each line with a "\n" before it. `like`: the table with these
 * columns, which are not written again; 0: none. */
void table_write(struct table_writer *w, const struct table *t, const struct table *head,
		 uint32_t number, uint32_t like);

/* Appends the table of a group of definitions: those that were named. */
void table_write_group(struct table_writer *w, const struct table *t,
		       const struct definition_group *g);

#endif
