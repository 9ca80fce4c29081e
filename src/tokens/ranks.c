#include "tokens/ranks.h"

#include "tokens/ranks_gen.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the tables hold little-endian words");

__asm__(".pushsection .rodata.ranks_file, \"a\", @progbits\n"
	".balign 4096\n"
	".globl ranks_file\n"
	".hidden ranks_file\n"
	".type ranks_file, @object\n"
	"ranks_file:\n"
	".incbin \"" RANKS_FILE "\"\n"
	".size ranks_file, . - ranks_file\n"
	".popsection\n");

#define AT(offset) ((const void *)(ranks_file + (offset)))

const struct ranks ranks_of[2] = { RANKS_TABLES };

bool
ranks_has_long(const struct ranks *r, const uint8_t *p, size_t n)
{
	if (n > RANKS_LONGEST)
		return false;
	uint64_t h = ranks_fold(r->longs.seed, n);
	for (size_t at = 0; at < n; at += 8)
		h = ranks_fold(h, ranks_word(p + at, n - at < 8 ? n - at : 8));
	const uint32_t offset = ((const uint32_t *)r->longs.data)[ranks_slot(&r->longs, h)];
	const uint8_t *const token = r->long_bytes + offset;
	return token[0] == n && memcmp(token + 1, p, n) == 0;
}
