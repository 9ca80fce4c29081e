/* The store in the state folder of the settings. */
#ifndef HR_CLI_STATE_H
#define HR_CLI_STATE_H

#include "base/settings.h"
#include "store/store.h"

/* Opens it; with `make` it is made where there is none, else that is ERR_NOT_FOUND. Errors as
 * store_open's, with a sentence in `why`. */
enum err state_open(const struct settings *s, bool make, struct store **out, char why[STORE_WHY]) MUST_CHECK;

#endif
