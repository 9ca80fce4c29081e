#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "library/library.h"

#define OPTIONS_MAGIC 0x6f707469u

static const struct hr_options defaults = {
	.magic = OPTIONS_MAGIC,
	.profile = PROFILE_LOSSLESS,
	.memory = (size_t)2 << 30,
};

const struct hr_options *
library_options(const struct hr_options *o)
{
	if (!o)
		return &defaults;
	CHECK_OBJ(o, OPTIONS_MAGIC);
	return o;
}

hr_options *
hr_options_new(void)
{
	struct hr_options *const o = malloc(sizeof *o);

	if (o)
		*o = defaults;
	return o;
}

void
hr_options_free(hr_options *o)
{
	if (!o)
		return;
	CHECK_OBJ(o, OPTIONS_MAGIC);
	free(o->exclude_tools);
	free(o->tenant);
	o->magic = 0;
	free(o);
}

hr_status
hr_options_profile(hr_options *o, hr_profile profile)
{
	CHECK_OBJ(o, OPTIONS_MAGIC);
	/* The numbers of headroom.h are for ever, those inside need not be. */
	switch (profile) {
	case HR_PROFILE_OFF:
		o->profile = PROFILE_OFF;
		return HR_OK;
	case HR_PROFILE_LOSSLESS:
		o->profile = PROFILE_LOSSLESS;
		return HR_OK;
	default:
		return HR_BAD_ARGUMENT;
	}
}

hr_status
hr_options_floor(hr_options *o, uint32_t tokens)
{
	CHECK_OBJ(o, OPTIONS_MAGIC);
	o->floor_tokens = tokens;
	return HR_OK;
}

hr_status
hr_options_memory(hr_options *o, size_t bytes)
{
	CHECK_OBJ(o, OPTIONS_MAGIC);
	o->memory = bytes;
	return HR_OK;
}

static hr_status
set_string(char **to, const char *value)
{
	char *const copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return HR_NO_MEMORY;
	free(*to);
	*to = copy;
	return HR_OK;
}

hr_status
hr_options_exclude_tools(hr_options *o, const char *globs)
{
	CHECK_OBJ(o, OPTIONS_MAGIC);
	return set_string(&o->exclude_tools, globs);
}

hr_status
hr_options_tenant(hr_options *o, const char *name)
{
	CHECK_OBJ(o, OPTIONS_MAGIC);
	return name && *name ? set_string(&o->tenant, name) : HR_BAD_ARGUMENT;
}
