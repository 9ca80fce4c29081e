/* Texts that occur again and again in a column, but for what varies in them, said
 * once with a keyword; cells give the keyword and what varies. */
#ifndef HR_COMPRESS_WORDING_H
#define HR_COMPRESS_WORDING_H

#include "compress/table.h"

#define WORDINGS 16u		/* of a column */
#define WORDING_MARK ':'	/* between the keyword and what varies */
#define WORDING_COLUMN ":short"	/* behind the name of a column that has them */

struct wording {
	struct span keyword;	/* a word of it that no other wording has */
	struct span text;	/* with "{}" for each part that varies */
};

/* Finds columns of strings in which half of the cells or more are wordings and
 * save enough. Their cells' text becomes what the table shows; the others stay
 * as they are. Wordings that speak of trouble and are rare stay spelled out.
 * Comes after derive_choose, and before affix_choose, which leaves them alone.
 * ERR_NOMEM, ERR_FUEL. */
enum err wording_choose(const struct json_doc *d, struct table *t, struct arena *a,
			struct fuel *fuel) MUST_CHECK;

#endif
