/* What is counted and logged when a request ends. */
#ifndef HR_PROXY_REPORT_H
#define HR_PROXY_REPORT_H

#include "proxy/request.h"

/* Counts the outcome and writes the log line: never content, keys or query. */
void report_request(const struct request *r);

/* Writes one line with every counter that is not zero: what this run was. */
void report_totals(const struct counters *c);

#endif
