/* A whole body in one call, for those who wait for the outcome: /v1/compress and the C
 * library. (Proxied requests take the two halves of ledger.h apart.) */
#ifndef HR_LEDGER_CONVERSATION_H
#define HR_LEDGER_CONVERSATION_H

#include "ledger/ledger.h"
#include "tokens/model.h"

/* Which texts are blocks beside the tool results, and which of all are not. */
struct conversation_scope {
	bool user_messages;	/* the texts of users' messages are blocks too */
	uint32_t protect_recent;	/* the last so many messages stay as they are; nothing is
				 * decided about them, so they may change on a later call */
};

struct conversation {
	struct json_edit *edits;	/* for the document's text, sorted, in the arena */
	size_t edit_count;
	struct span *hashes;		/* see ledger_hashes */
	size_t hash_count;
	struct ledger_counts counts;
};

/* Compresses the tool results of a body with a messages array, of either provider's shape.
 * What was recorded under `reader` is replayed, what is new recorded in `store`, so this waits
 * for the writer. Both NULL: no memory, every block is new. `scope` may be NULL. ERR_SYNTAX: the
 * messages can not be read for sure (see wire_view); ERR_NOMEM. */
enum err conversation_shrink(const struct json_doc *d, const struct ledger_policy *p,
			     const struct conversation_scope *scope, struct store *store, struct store_reader *reader, struct arena *a,
			     struct conversation *out) MUST_CHECK;

/* Tokens of the array `messages` as the model reads them: as it stands, and with the edits. */
void conversation_count(const struct conversation *c, const struct json_doc *d, uint32_t messages,
			const struct tokens_model *model, struct arena *a, uint64_t *before,
			uint64_t *after);

#endif
