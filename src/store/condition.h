/* Conditions on rows, a row being a JSON value: level=ERROR and (ms>250 or not path~"^/health").
 *
 *   or    = and { "or" and }
 *   and   = term { "and" term }
 *   term  = { "not" } ( "(" or ")" | column [ op value ] )
 *   op    = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~"
 *   column, value = bare word or "quoted" or 'quoted'
 */
#ifndef HR_STORE_CONDITION_H
#define HR_STORE_CONDITION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/fuel.h"
#include "json/scan.h"
#include "text/regex.h"

#define CONDITION_BYTES 2048	/* longer conditions are refused */
#define CONDITION_TERMS 32	/* and more terms */
#define CONDITION_WHY 288	/* bytes of a sentence, NUL included */

struct condition;

/* ERR_SYNTAX with the reason in `why`; ERR_NOMEM. Freed with condition_free. */
enum err condition_parse(struct span text, struct condition **out,
			 char why[CONDITION_WHY]) MUST_CHECK;
void condition_free(struct condition **c);

/* A look at many rows of one document; the members are private to condition.c. One thread
 * at a time. */
struct condition_run {
	const struct condition *condition;
	const struct json_doc *doc;
	struct fuel *fuel;
	struct regex_matcher *matcher;
	struct arena scratch;		/* for cells that must be unescaped */
	bool seen[CONDITION_TERMS];	/* terms whose column stood in a row so far */
};

/* `memory`: most bytes that a row may need beside. ERR_NOMEM: nothing to end. */
enum err condition_begin(struct condition_run *run, const struct condition *c,
			 const struct json_doc *d, size_t memory, struct fuel *fuel) MUST_CHECK;
void condition_end(struct condition_run *run);

/* Does the row hold to it? ERR_FUEL, ERR_NOMEM. */
enum err condition_test(struct condition_run *run, uint32_t row, bool *holds) MUST_CHECK;

/* Was there a column that no row so far has? */
bool condition_unknown_column(const struct condition_run *run, struct span *column);

#endif
