/* What a user wants to survive elision whatever else decides: regular expressions. */
#ifndef HR_COMPRESS_MUST_KEEP_H
#define HR_COMPRESS_MUST_KEEP_H

#include "text/regex.h"

#define MUST_KEEP_PATTERNS 64u
#define MUST_KEEP_WHY (REGEX_WHY + 128)

/* Compiled patterns; any number of threads may use them. */
struct must_keep;

/* Compiles "PATTERN;TOOL:PATTERN;…": patterns are separated by semicolons (\x3b is one
 * within a pattern) or line ends, blanks around them do not count. TOOL is a tool's name,
 * * and ? in it stand for others; it is letters, digits and _ - . * ? right before
 * a colon, with no blank or // behind that, so a pattern which begins like that is
 * written *:PATTERN. No pattern at all: *out is NULL. ERR_SYNTAX, ERR_LIMIT with a
 * sentence in `why`; ERR_NOMEM. */
enum err must_keep_compile(struct span patterns, struct must_keep **out,
			   char why[MUST_KEEP_WHY]) MUST_CHECK;
void must_keep_free(struct must_keep **k);

/* Are there patterns for this tool? NULL has none. */
bool must_keep_applies(const struct must_keep *k, struct span tool);

/* OK when one of the tool's patterns matches in `text`, else ERR_NOT_FOUND; ERR_FUEL,
 * ERR_NOMEM. */
enum err must_keep_search(const struct must_keep *k, struct span tool, struct regex_matcher *m,
			  struct span text, struct fuel *fuel) MUST_CHECK;

#endif
