/* What the files of this folder share. */
#ifndef HR_PROXY_STATE_H
#define HR_PROXY_STATE_H

#include "net/listener.h"
#include "net/pool.h"
#include "net/workers.h"
#include "proxy/journal.h"
#include "proxy/probe.h"
#include "proxy/proxy.h"
#include "proxy/request.h"
#include "stats/book.h"
#include "stats/kept.h"
#include "stats/prices.h"

#define REQUESTS_KEPT 128u

struct proxy {
	struct loop loop;
	struct proxy_options options;
	const struct settings *settings;
	struct counters *counters;	/* the loop's */
	struct tls_roots *roots;
	struct dialer dialer;
	struct pool pool;
	struct origin origins[PROVIDERS];
	struct origin *origin_list[PROVIDERS];
	struct clients clients;
	struct listener listener;
	struct workers *workers;
	struct probe probes[PROVIDERS];
	struct job preload;
	struct book *book;		/* NULL: there was no memory */
	struct prices *prices;
	struct kept *usage_kept;	/* NULL: not read yet, or no store */
	struct journal journal;
	struct timer first_probe;

	struct request *kept[REQUESTS_KEPT];	/* for reuse */
	uint32_t kept_count;
	uint32_t active;		/* requests */
	size_t held_total;		/* bytes of bodies in memory */
	uint64_t began_ms;

	uv_signal_t term, intr;
	struct timer deadline;		/* of draining */
	bool draining;
	struct head head;		/* of the response being read: valid within one call */
	struct buf text;		/* a head being built: valid within one call */
	struct buf extra;		/* lines of ours for it, likewise */
};

#endif
