/* The lines of a form that define values. */
#ifndef HR_COMPRESS_DEFINE_WRITE_H
#define HR_COMPRESS_DEFINE_WRITE_H

#include "compress/table_write.h"

/* Appends "\n*name=value" for each definition that `w` has named, and for those that
 * these name. */
void define_write(struct table_writer *w, struct buf *out);

#endif
