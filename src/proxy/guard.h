/* Who may use what is meant for this machine's own user. */
#ifndef HR_PROXY_GUARD_H
#define HR_PROXY_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/head.h"

/* Both gates: the peer's address is loopback, and Host names loopback (else a
 * web page could have its own name resolve to 127.0.0.1). */
bool guard_is_local(bool peer_is_loopback, const struct head *h);

/* Does this request come from a page of another site, by what browsers say
 * (Origin, Sec-Fetch-Site)? Programs say neither. Our own pages are those of the
 * host asked for, and those of any loopback name with our `port`. */
bool guard_is_cross_site(const struct head *h, uint16_t port);

#endif
