/* A held body on its way through scan, view, ledger and back. */
#ifndef HR_PROXY_SHRINK_H
#define HR_PROXY_SHRINK_H

#include "base/log.h"
#include "proxy/request.h"

/* Is anything to be sent other than the client's own bytes? */
bool shrink_changed(const struct request *r);

/* With shrink_changed: the size of what is sent instead, and its pieces. */
uint64_t shrink_size(const struct request *r);
size_t shrink_piece_count(const struct request *r);
struct span shrink_piece(const struct request *r, size_t i);

/* Adds what was done to the request's log line. */
void shrink_report(const struct request *r, struct log_line *l);

/* Frees r->shrink. */
void shrink_free(struct request *r);

#endif
