/* How many tokens a model reads in a messages array. */
#ifndef HR_WIRE_MESSAGE_TOKENS_H
#define HR_WIRE_MESSAGE_TOKENS_H

#include "base/arena.h"
#include "json/scan.h"
#include "tokens/model.h"

/* Tokens of what the messages say: text, thinking, tool results, tool names and
 * tool arguments, of either provider's shape. Roles, ids, images and the
 * provider's own framing are not counted. Temporary memory comes from `a`;
 * strings that cannot be unescaped count as they are spelled. */
uint64_t message_tokens(const struct json_doc *d, uint32_t messages,
			const struct tokens_model *model, struct arena *a);

#endif
