/* The lines of a form that define values. */
#ifndef HR_COMPRESS_DEFINE_WRITE_H
#define HR_COMPRESS_DEFINE_WRITE_H

#include "compress/plan.h"
#include "compress/table_write.h"

/* Appends the definitions of `p` that `w` has named, and those that these name, as lines
 * "\n*name=value" and tables; adds to the features of `w`. `scratch` is emptied and
 * used. ERR_FUEL, or the failure of a buffer. */
enum err define_write(struct table_writer *w, const struct plan *p, struct buf *scratch,
		      struct fuel *fuel, struct buf *out) MUST_CHECK;

#endif
