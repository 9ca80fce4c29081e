/* Which encoding a model uses, and how far its counts can be trusted. */
#ifndef HR_TOKENS_MODEL_H
#define HR_TOKENS_MODEL_H

#include "tokens/tokens.h"

struct tokens_model {
	enum tokens_encoding encoding;
	bool exact;		/* the encoding is the model's own */
	double scale;		/* estimate = encoding's count × scale; 1 when exact */
};

/* Never fails: a model not known is estimated with o200k. Names are matched as
 * providers spell them, dated and prefixed variants included
 * ("openai/gpt-4o-2024-08-06"). */
struct tokens_model tokens_for_model(struct span name);

/* Tokens of `text` for that model. */
size_t tokens_for(const struct tokens_model *m, struct span text);

#endif
