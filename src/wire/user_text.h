/* What users say, as blocks: only for callers who ask for it. */
#ifndef HR_WIRE_USER_TEXT_H
#define HR_WIRE_USER_TEXT_H

#include "wire/view.h"

/* The texts of messages of role "user" in `messages`, an array: string contents and text
 * parts, of either provider's shape, in the order of the body. They have no call, no name and
 * no user's text before them; all count as fresh. In the arena; ERR_NOMEM. */
enum err wire_user_blocks(const struct json_doc *d, uint32_t messages, struct arena *a,
			  struct wire_block **blocks, uint32_t *count) MUST_CHECK;

#endif
