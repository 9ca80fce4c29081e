/* Going away politely. */
#ifndef HR_PROXY_DRAIN_H
#define HR_PROXY_DRAIN_H

#include "proxy/proxy.h"

/* SIGTERM and SIGINT: the first one drains, the second one ends at once. */
void drain_watch_signals(struct proxy *p);
void drain_forget_signals(struct proxy *p);

#endif
