/* Columns whose strings are made of another column's value in the same row. */
#ifndef HR_COMPRESS_DERIVE_H
#define HR_COMPRESS_DERIVE_H

#include "compress/table.h"

/* How a template says that only the part behind the last of a mark is meant:
 * this, then the mark. */
#define DERIVE_AFTER " after "
#define DERIVE_MARKS "/_-.:@#"
/* A column that is so in most rows: before its template, and in those cells. */
#define DERIVE_USUALLY "?:="
#define DERIVE_SO "*"

/* Finds columns that are "before{source}after" in every row, and those that are
 * "before{source}between{}", or "{}between{source}after", where the cell keeps
 * what stands for {}; and those that are "before{source}after" in most rows, which
 * have cells for the others. The source varies, is there in every row and stays spelled
 * out; a cell must save AFFIX_MIN_TOKENS. Comes before affix_choose. The text of
 * a derived column's cells becomes what they keep. ERR_NOMEM, ERR_FUEL. */
enum err derive_choose(const struct json_doc *d, struct table *t, struct arena *a,
		       struct fuel *fuel) MUST_CHECK;

#endif
