/* GET /health, /livez and /readyz. */
#include "admin/admin.h"
#include "base/clock.h"
#include "headroom/version.h"
#include "json/write.h"
#include "proxy/proxy.h"

/* What every health answer begins with. */
static void
begin(struct admin_call *c, struct json_writer *w, const char *status)
{
	char now[25];

	clock_iso(clock_wall_ms(), now);
	jw_init(w, &c->reply);
	jw_object(w);
	jw_kstring(w, "service", "headroom-proxy");
	jw_kstring(w, "status", status);
	jw_kstring(w, "version", HEADROOM_VERSION);
	jw_kstring(w, "timestamp", now);
	jw_knumber(w, "uptime_seconds", (double)proxy_uptime_ms(c->proxy) / 1000.0, 3);
}

static void
begin_check(struct json_writer *w, const char *name, bool ready, const char *status)
{
	jw_key(w, name);
	jw_object(w);
	jw_kbool(w, "enabled", true);
	jw_kbool(w, "ready", ready);
	jw_kstring(w, "status", status);
}

/* One check per provider that was looked at; the URL and the reason are for
 * callers on this machine. */
static void
write_upstreams(struct admin_call *c, struct json_writer *w, const struct proxy_health *health)
{
	jw_key(w, "upstreams");
	jw_object(w);
	for (int p = 0; p < PROVIDERS; p++) {
		const struct proxy_health *const h = &health[p];

		begin_check(w, provider_name((enum provider)p), !h->probed || h->reachable,
			    !h->probed ? "unknown" : h->reachable ? "healthy" : "unhealthy");
		if (c->local) {
			jw_kstring(w, "url", proxy_upstream_url(c->proxy, (enum provider)p));
			jw_kstring(w, "error", h->reason[0] ? h->reason : NULL);
		}
		jw_end_object(w);
	}
	jw_end_object(w);
}

static void
write_store(struct admin_call *c, struct json_writer *w)
{
	const bool ready = proxy_store(c->proxy) && store_healthy(proxy_store(c->proxy));

	begin_check(w, "store", ready, ready ? "healthy" : "unhealthy");
	jw_end_object(w);
}

/* A URL without its user and password, which stand before the last '@' of its
 * authority; for proxies the scheme may be missing. */
static struct span
without_credentials(struct span value)
{
	const struct span mark = SPAN("://");
	const char *const scheme = value.n ? memmem(value.p, value.n, mark.p, mark.n) : NULL;
	const struct span rest =
		scheme ? span_from(value, (size_t)(scheme - value.p) + mark.n) : value;
	const struct span authority = span_head(rest, span_find(rest, '/'));
	const char *const at = authority.n ? memrchr(authority.p, '@', authority.n) : NULL;

	return at ? span_from(rest, (size_t)(at - rest.p) + 1) : value;
}

static void
write_config(struct admin_call *c, struct json_writer *w)
{
	const struct settings *const s = proxy_settings(c->proxy);
	struct buf value;

	buf_init(&value, 4096);
	jw_key(w, "config");
	jw_object(w);
	for (int i = 0; i < SETTINGS; i++) {
		buf_clear(&value);
		settings_print(s, (enum setting_id)i, &value);
		jw_kspan(w, setting_row((enum setting_id)i)->name, without_credentials(buf_span(&value)));
	}
	jw_end_object(w);
	buf_free(&value);
}

/* 503 when every upstream that was looked at fails to answer at all: nobody can
 * be served then. A store that does not work costs compression only. */
void
admin_health(struct admin_call *c)
{
	struct proxy_health health[PROVIDERS];
	struct json_writer w;
	int probed = 0, reachable = 0;

	for (int p = 0; p < PROVIDERS; p++) {
		proxy_upstream_health(c->proxy, (enum provider)p, &health[p]);
		probed += health[p].probed;
		reachable += health[p].probed && health[p].reachable;
	}
	const bool degraded = probed > 0 && reachable == 0;
	c->status = degraded ? 503 : 200;
	begin(c, &w, degraded ? "degraded" : "ok");
	jw_kbool(&w, "ready", !degraded);
	jw_kstring(&w, "upstream", probed == 0 ? "unknown" : degraded ? "unhealthy" : "healthy");
	if (degraded)
		jw_kstring(&w, "reason", "No upstream that was tried answers; see checks.upstreams.");
	jw_key(&w, "checks");
	jw_object(&w);
	write_upstreams(c, &w, health);
	write_store(c, &w);
	jw_end_object(&w);
	if (c->local)
		write_config(c, &w);
	jw_end_object(&w);
}

void
admin_livez(struct admin_call *c)
{
	struct json_writer w;

	begin(c, &w, "healthy");
	jw_kbool(&w, "alive", true);
	jw_end_object(&w);
}

/* Ready unless it is shutting down: whoever asks here decides whether to send
 * new requests. */
void
admin_readyz(struct admin_call *c)
{
	const bool ready = !proxy_draining(c->proxy);
	struct json_writer w;

	c->status = ready ? 200 : 503;
	begin(c, &w, ready ? "healthy" : "draining");
	jw_kbool(&w, "ready", ready);
	jw_end_object(&w);
}
