/* Counted steps: the only thing that bounds work on untrusted input. */
#ifndef HR_BASE_FUEL_H
#define HR_BASE_FUEL_H

#include <stdbool.h>
#include <stdint.h>

/* A step is about one byte, row or node touched. Work never depends on the
 * clock, so a block gets the same bytes on every machine. */
struct fuel {
	uint64_t left;
};

/* Takes `steps`; false, with nothing left, when there are fewer. */
static inline bool
fuel_use(struct fuel *f, uint64_t steps)
{
	if (f->left < steps) {
		f->left = 0;
		return false;
	}
	f->left -= steps;
	return true;
}

#endif
