/* Regular expressions of users over text of tools: PCRE2, bounded. */
#ifndef HR_TEXT_REGEX_H
#define HR_TEXT_REGEX_H

#include <stdbool.h>

#include "base/err.h"
#include "base/fuel.h"
#include "base/span.h"

#define REGEX_PATTERN_BYTES 1024	/* longer patterns are refused */
#define REGEX_WHY 192			/* bytes of a sentence, NUL included */

struct regex;		/* a compiled pattern; any number of threads may use it */
struct regex_matcher;	/* what a search needs; one thread at a time */

/* Compiles `pattern`, Perl's syntax (pcre2pattern(3)) over UTF-8. ERR_SYNTAX: `why` has a
 * sentence that names the fault and its place; ERR_LIMIT: longer than
 * REGEX_PATTERN_BYTES, `why` says so; ERR_NOMEM. */
enum err regex_compile(struct span pattern, bool ignore_case, struct regex **out,
		       char why[REGEX_WHY]) MUST_CHECK;
void regex_free(struct regex **re);

/* NULL when there is no memory. */
struct regex_matcher *regex_matcher_make(void);
void regex_matcher_free(struct regex_matcher **m);

/* The leftmost match in `text`, which may hold broken UTF-8: no match goes across it.
 * OK, with the place of the match in *found (NULL: not wanted); ERR_NOT_FOUND; ERR_FUEL
 * when there are fewer steps left than bytes, or the pattern backtracks more than a
 * fixed number of times a byte; ERR_NOMEM. The same on every machine: the pattern is
 * interpreted, as compiled code counts its steps differently. */
enum err regex_search(const struct regex *re, struct regex_matcher *m, struct span text,
		      struct fuel *fuel, struct span *found) MUST_CHECK;

#endif
