/* What the files behind headroom.h share. */
#ifndef HR_LIBRARY_LIBRARY_H
#define HR_LIBRARY_LIBRARY_H

#include "base/buf.h"
#include "compress/compress.h"
#include "headroom/headroom.h"
#include "store/store.h"

struct hr_options {
	uint32_t magic;
	enum profile profile;
	uint32_t floor_tokens;
	size_t memory;
	char *exclude_tools;	/* NULL: none */
	char *tenant;		/* NULL: LIBRARY_TENANT */
};

#define LIBRARY_TENANT "local"

struct hr_result {
	uint32_t magic;
	char *text;
	size_t length;
	size_t replaced;
	enum compress_form form;
	enum compress_reason reason;
	uint64_t tokens_before;
	uint64_t tokens_after;
};

/* The caller's options, or the defaults. */
const struct hr_options *library_options(const struct hr_options *o);

/* A result that takes the text out of `b`; NULL when there is no memory. */
struct hr_result *library_result(struct buf *b);

hr_status library_status(enum err e);

/* A reader of the calling thread's own until it is returned; NULL when there is no
 * memory. */
struct store_reader *library_reader_take(struct hr_store *s);
void library_reader_return(struct hr_store *s, struct store_reader *r);

struct store *library_store(struct hr_store *s);

#endif
