#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "library/library.h"

#define LIBRARY_TENANT "local"
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

struct span
library_tenant(const struct hr_options *o)
{
	return span_str(o->tenant ?: LIBRARY_TENANT);
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
	must_keep_free(&o->must_keep);
	free(o->tenant);
	free(o->tool);
	free(o->arguments);
	free(o->user);
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
	case HR_PROFILE_BALANCED:
		o->profile = PROFILE_BALANCED;
		return HR_OK;
	case HR_PROFILE_AGGRESSIVE:
		o->profile = PROFILE_AGGRESSIVE;
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
hr_options_target(hr_options *o, uint32_t permille)
{
	CHECK_OBJ(o, OPTIONS_MAGIC);
	if (permille > 1000)
		return HR_BAD_ARGUMENT;
	o->target_permille = permille;
	return HR_OK;
}

hr_status
hr_options_must_keep(hr_options *o, const char *patterns, char *why, size_t size)
{
	struct must_keep *new = NULL;
	char said[MUST_KEEP_WHY] = "";

	CHECK_OBJ(o, OPTIONS_MAGIC);
	const enum err e = must_keep_compile(span_str(patterns ?: ""), &new, said);
	if (e == ERR_NOMEM)
		return HR_NO_MEMORY;
	if (e != OK) {
		if (why && size)
			snprintf(why, size, "%s", said);
		return HR_BAD_ARGUMENT;
	}
	must_keep_free(&o->must_keep);
	o->must_keep = new;
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

hr_status
hr_options_hints(hr_options *o, const char *tool, const char *arguments, const char *user)
{
	struct hr_options new = { .tool = NULL };

	CHECK_OBJ(o, OPTIONS_MAGIC);
	if (set_string(&new.tool, tool) != HR_OK || set_string(&new.arguments, arguments) != HR_OK ||
	    set_string(&new.user, user) != HR_OK) {
		free(new.tool);
		free(new.arguments);
		return HR_NO_MEMORY;
	}
	free(o->tool);
	free(o->arguments);
	free(o->user);
	o->tool = new.tool;
	o->arguments = new.arguments;
	o->user = new.user;
	return HR_OK;
}

hr_status
hr_options_hash(hr_options *o, const char *hash)
{
	CHECK_OBJ(o, OPTIONS_MAGIC);
	if (hash && (strlen(hash) != COMPRESS_HASH_DIGITS ||
		     strspn(hash, "0123456789abcdef") != COMPRESS_HASH_DIGITS))
		return HR_BAD_ARGUMENT;
	memcpy(o->hash, hash ?: "", hash ? sizeof o->hash : 1);
	return HR_OK;
}
