/* A held body on its way through scan, view, ledger and back. */
#ifndef HR_PROXY_SHRINK_H
#define HR_PROXY_SHRINK_H

#include "base/log.h"
#include "ledger/ledger.h"
#include "proxy/request.h"

/* Is anything to be sent other than the client's own bytes? */
bool shrink_changed(const struct request *r);

/* With shrink_changed: the size of what is sent instead, and its pieces; valid
 * until shrink_release. */
uint64_t shrink_size(const struct request *r);
size_t shrink_piece_count(const struct request *r);
struct span shrink_piece(const struct request *r, size_t i);

/* Adds response header lines about what was done. */
void shrink_headers(const struct request *r, struct buf *out);

/* What was done; NULL when nothing was looked at, or the work is not over. */
const struct ledger_counts *shrink_counts(const struct request *r);

/* Counts what was done and adds it to the request's log line. */
void shrink_count(const struct request *r);
void shrink_report(const struct request *r, struct log_line *l);

/* Gives the memory of the pieces back once nothing is sent any more; what is
 * reported stays. */
void shrink_release(struct request *r);

/* Frees r->shrink. */
void shrink_free(struct request *r);

#endif
