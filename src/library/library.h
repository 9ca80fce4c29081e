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
	struct must_keep *must_keep;	/* NULL: none */
	uint32_t target_permille;
	char *tenant;		/* NULL: the gateway's */
	char *tool, *arguments, *user;	/* hints; each may be NULL */
	char hash[COMPRESS_HASH_DIGITS + 1];	/* "": none */
};

struct hr_result {
	uint32_t magic;
	char *text;
	size_t length;
	size_t replaced;
	enum compress_form form;
	enum compress_reason reason;
	uint64_t tokens_before;
	uint64_t tokens_after;
	char (*hashes)[COMPRESS_HASH_DIGITS + 1];
	size_t hash_count;
};

/* The caller's options, or the defaults. */
const struct hr_options *library_options(const struct hr_options *o);
struct span library_tenant(const struct hr_options *o);

/* A result that takes the text out of `b`; NULL when there is no memory. */
struct hr_result *library_result(struct buf *b);

/* One with a copy of the text. */
struct hr_result *library_result_copy(struct span text);

/* Adds names of originals. False when there is no memory. */
bool library_result_hashes(struct hr_result *r, const struct span *hashes, size_t n);

hr_status library_status(enum err e);

/* A reader of the calling thread's own until it is returned; NULL when there is no
 * memory. */
struct store_reader *library_reader_take(struct hr_store *s);
void library_reader_return(struct hr_store *s, struct store_reader *r);

struct store *library_store(struct hr_store *s);

#endif
