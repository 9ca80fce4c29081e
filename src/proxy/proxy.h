/* The gateway: from listening to the last byte. */
#ifndef HR_PROXY_PROXY_H
#define HR_PROXY_PROXY_H

#include "base/settings.h"
#include "proxy/admin_route.h"
#include "stats/book.h"
#include "stats/counters.h"
#include "stats/kept.h"
#include "store/store.h"

struct proxy_options {
	const struct settings *settings;
	const struct admin_route *routes;
	size_t route_count;
	struct store *store;	/* NULL: nothing is compressed */
	const struct must_keep *must_keep;	/* what elision leaves in; NULL: no patterns */
};

/* Serves until SIGTERM or SIGINT, then drains; a second signal ends at once.
 * 0, or 1 after one sentence on stderr (a port in use, a URL that is none). */
int proxy_run(const struct proxy_options *o);

/* What a worker thread has for the jobs that it runs. */
struct worker_state {
	struct store_reader *reader;	/* NULL without a store */
};

/* ---- for handlers on the loop's thread ---- */

enum provider {
	PROVIDER_ANTHROPIC,
	PROVIDER_OPENAI,
	PROVIDER_GEMINI,
	PROVIDERS,		/* how many */
	PROVIDER_NONE = PROVIDERS,
};

/* "anthropic", …, "none". */
const char *provider_name(enum provider p);

/* What the last look at an upstream found. */
struct proxy_health {
	bool probed;		/* false until the first look has an outcome */
	bool reachable;
	char reason[200];	/* why not, for a person; "" when reachable */
	int64_t wall_ms;	/* when */
};

/* The latest outcome, and a new look in the background when it is old. */
void proxy_upstream_health(struct proxy *p, enum provider which, struct proxy_health *out);

/* The base URL's origin, e.g. "https://api.anthropic.com". */
const char *proxy_upstream_url(const struct proxy *p, enum provider which);

const struct settings *proxy_settings(const struct proxy *p);
struct store *proxy_store(const struct proxy *p);
const struct must_keep *proxy_must_keep(const struct proxy *p);
uint64_t proxy_uptime_ms(const struct proxy *p);
uint32_t proxy_active(const struct proxy *p);	/* requests at work */
bool proxy_draining(const struct proxy *p);
const struct counters *proxy_counters(const struct proxy *p);

/* What happened since the start or the last reset. */
const struct book *proxy_book(const struct proxy *p);
void proxy_book_reset(struct proxy *p);

/* What the store remembered a moment ago; NULL when it was not read yet. */
const struct kept *proxy_kept(const struct proxy *p);

#endif
