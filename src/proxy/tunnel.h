/* Upgraded connections: bytes both ways, each direction ending by itself. */
#ifndef HR_PROXY_TUNNEL_H
#define HR_PROXY_TUNNEL_H

#include "proxy/request.h"

/* The upstream agreed (101): passes its head on, and `rest`, what it sent behind. */
enum step_result tunnel_begin(struct request *r, const struct head *h, struct span rest);

/* The client's end: it will send nothing more. */
void tunnel_client_finished(struct request *r);

#endif
