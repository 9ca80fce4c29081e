/* Hashes in texts. A marker is known by looking its hash up, never by its shape. */
#ifndef HR_STORE_MARKER_H
#define HR_STORE_MARKER_H

#include "store/store.h"

/* Takes the next "hash=" with STORE_HASH_DIGITS lower-case hex digits behind it, and no
 * further one, off the front of *text: the digits, which may or may not name an original.
 * False at the end. Text in JSON may stay escaped. */
bool marker_next(struct span *text, struct span *hash);

#endif
