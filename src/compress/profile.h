/* How far compression may go. */
#ifndef HR_COMPRESS_PROFILE_H
#define HR_COMPRESS_PROFILE_H

#include <stdbool.h>

#include "base/span.h"

enum profile {
	PROFILE_OFF,		/* every byte as the client sent it */
	PROFILE_LOSSLESS,	/* forms that decode to the original */
	PROFILE_BALANCED,	/* unremarkable parts left out, stated and kept */
	PROFILE_AGGRESSIVE,
};

/* "off", "lossless", …; never NULL. */
const char *profile_name(enum profile p);

/* False, *out untouched, for a name that is none of the four. */
bool profile_parse(struct span name, enum profile *out);

#endif
