/* Are the upstreams there? Looked at in the background, by connecting only. */
#ifndef HR_PROXY_PROBE_H
#define HR_PROXY_PROBE_H

#include "net/dial.h"
#include "proxy/proxy.h"

struct probe {
	struct dial *dial;	/* while one is on its way */
	struct proxy_health health;
	uint64_t next_ms;	/* no new look before */
};

/* Looks at every upstream once the first requests have been served; sooner if
 * somebody asks. */
void probes_start(struct proxy *p);
void probes_stop(struct proxy *p);

#endif
