#include "compress/compress.h"
#include "compress/prose.h"
#include "compress/value.h"

/* Most bytes that decoding may give: the hard cap of a body. */
#define DECODE_LIMIT ((size_t)64 << 20)

enum err
compress_decode(const struct span form, struct arena *const a, struct fuel *const fuel,
		struct span *const out)
{
	struct span text;
	struct buf b;

	buf_init(&b, DECODE_LIMIT);
	enum err e = prose_is_form(form) ? prose_decode(form, a, fuel, &b)
					 : value_decode(form, a, fuel, &b);
	if (e == OK) {
		text = arena_copy(a, buf_span(&b));
		e = text.p ? OK : ERR_NOMEM;
	}
	if (e == OK)
		*out = text;
	buf_free(&b);
	return e;
}
