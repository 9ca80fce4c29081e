#include "tokens/classes.h"

#include "tokens/ranks.h"
#include "tokens/ranks_gen.h"

const uint8_t classes_of_byte[256] = {
	[0x00 ... 0x08] = IN(OTHER), ['\t'] = IN(SPACE), ['\n'] = IN(NEWLINE),
	['\v'] = IN(SPACE), ['\f'] = IN(SPACE), ['\r'] = IN(NEWLINE),
	[0x0e ... 0x1f] = IN(OTHER), [' '] = IN(SPACE), ['!' ... '/'] = IN(OTHER),
	['0' ... '9'] = IN(NUMBER), [':' ... '@'] = IN(OTHER),
	['A' ... 'Z'] = IN(UPPER), ['[' ... '`'] = IN(OTHER),
	['a' ... 'z'] = IN(LOWER), ['{' ... 0x7f] = IN(OTHER),
};

static uint8_t
set_of(uint32_t c)
{
	const uint8_t *const blocks = ranks_file + RANKS_CLASS_BLOCKS;

	return (uint8_t)(1u << blocks[ranks_file[RANKS_CLASS_INDEX + (c >> 7)] * 128u + (c & 127)]);
}

static bool
continues(uint8_t byte)
{
	return (byte & 0xc0) == 0x80;
}

struct rune
classes_decode(const uint8_t *p, const uint8_t *end)
{
	static const struct rune invalid = { IN(OTHER), 1 };
	const ptrdiff_t left = end - p;
	uint32_t c = *p;

	if (c < 0x80)
		return (struct rune){ classes_of_byte[c], 1 };
	if (c < 0xc2 || c > 0xf4 || left < 2 || !continues(p[1]))
		return invalid;
	if (c < 0xe0)
		return (struct rune){ set_of((c & 0x1f) << 6 | (p[1] & 0x3f)), 2 };
	if (left < 3 || !continues(p[2]))
		return invalid;
	if (c < 0xf0) {
		c = (c & 0xf) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3f);
		if (c < 0x800 || (c >= 0xd800 && c < 0xe000))
			return invalid;
		return (struct rune){ set_of(c), 3 };
	}
	if (left < 4 || !continues(p[3]))
		return invalid;
	c = (c & 7) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3f);
	if (c < 0x10000 || c > 0x10ffff)
		return invalid;
	return (struct rune){ set_of(c), 4 };
}
