/* What a caller wants of an original: its hash, and perhaps a part. */
#ifndef HR_ADMIN_RETRIEVE_ASK_H
#define HR_ADMIN_RETRIEVE_ASK_H

#include "admin/refusal.h"
#include "base/arena.h"
#include "json/scan.h"
#include "store/slice.h"

#define RETRIEVE_IGNORED 16

struct retrieve_ask {
	struct span hash;		/* STORE_HASH_DIGITS hex digits of either case */
	struct slice_query part;	/* empty: the whole text */
	struct span ignored[RETRIEVE_IGNORED];	/* names without effect, the first of them */
	uint32_t ignored_count;
};

/* Reads "hash" and the options of slice.h from the members of an object: text, or numbers
 * where an option takes one; null is as good as absent. 0, or the status of `why`.
 * Spans are the document's or in `a`. */
int retrieve_ask_members(const struct json_doc *d, uint32_t object, struct arena *a,
			 struct retrieve_ask *out, struct refusal *why);

/* The same for a hash that stands in the path and options in the query of a URL. */
int retrieve_ask_url(struct span hash, struct span query, struct arena *a, struct retrieve_ask *out,
		     struct refusal *why);

/* Has the hash the form of one? The functions above have asked. 0, or the status of `why`. */
int retrieve_ask_check(const struct retrieve_ask *ask, struct refusal *why);

#endif
