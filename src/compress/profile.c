#include "compress/profile.h"

static const char *const names[] = {
	[PROFILE_OFF] = "off",
	[PROFILE_LOSSLESS] = "lossless",
	[PROFILE_BALANCED] = "balanced",
	[PROFILE_AGGRESSIVE] = "aggressive",
};

#define PROFILES (sizeof names / sizeof names[0])

const char *
profile_name(const enum profile p)
{
	return (size_t)p < PROFILES ? names[p] : "unknown";
}

bool
profile_parse(const struct span name, enum profile *const out)
{
	for (size_t i = 0; i < PROFILES; i++)
		if (span_eq(name, span_str(names[i]))) {
			*out = (enum profile)i;
			return true;
		}
	return false;
}
