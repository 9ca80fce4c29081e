#include "proxy/proxy.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "headroom/version.h"
#include "net/libcurl.h"
#include "proxy/drain.h"
#include "proxy/report.h"
#include "proxy/state.h"

#define TEXT_LIMIT ((size_t)2 << 20)

const char *
provider_name(enum provider p)
{
	static const char *const names[] = { "anthropic", "openai", "gemini", "none" };

	return names[p];
}

const char *
proxy_upstream_url(const struct proxy *p, enum provider which)
{
	CHECK(which < PROVIDERS);
	return p->origins[which].url;
}

const struct settings *
proxy_settings(const struct proxy *p)
{
	return p->settings;
}

struct store *
proxy_store(const struct proxy *p)
{
	return p->options.store;
}

const struct must_keep *
proxy_must_keep(const struct proxy *p)
{
	return p->options.must_keep;
}

uint64_t
proxy_uptime_ms(const struct proxy *p)
{
	return loop_now(&p->loop) - p->began_ms;
}

const struct book *
proxy_book(const struct proxy *p)
{
	return p->book;
}

void
proxy_book_reset(struct proxy *p)
{
	book_reset(p->book, clock_wall_ms());
}

const struct kept *
proxy_kept(const struct proxy *p)
{
	return p->usage_kept;
}

const struct counters *
proxy_counters(const struct proxy *p)
{
	return p->counters;
}

uint32_t
proxy_active(const struct proxy *p)
{
	return p->active;
}

bool
proxy_draining(const struct proxy *p)
{
	return p->draining;
}

/* ---- setting up ---- */

/* 1, after a sentence for a person. */
static int __attribute__((format(printf, 1, 2)))
give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("headroom: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	return 1;
}

static int
open_origins(struct proxy *p)
{
	const struct settings *const s = p->settings;
	const struct {
		const char *name, *url;
	} from[PROVIDERS] = {
		[PROVIDER_ANTHROPIC] = { "anthropic-api-url", s->anthropic_api_url },
		[PROVIDER_OPENAI] = { "openai-api-url", s->openai_api_url },
		[PROVIDER_GEMINI] = { "gemini-api-url", s->gemini_api_url },
	};
	char why[200];

	for (int i = 0; i < PROVIDERS; i++) {
		const enum err e = origin_parse(span_str(from[i].url), &p->origins[i], why);
		if (e != OK)
			return give_up("%s \"%.200s\" is not usable: %s.", from[i].name, from[i].url,
				       e == ERR_SYNTAX ? why : err_name(e));
		p->origin_list[i] = &p->origins[i];
	}
	return 0;
}

static int
check_files(const struct settings *s)
{
	if (s->ssl_cert_file[0] && access(s->ssl_cert_file, R_OK) != 0)
		return give_up("ssl-cert-file %.300s cannot be read.", s->ssl_cert_file);
	if (s->extra_ca_file[0] && access(s->extra_ca_file, R_OK) != 0)
		return give_up("extra-ca-file %.300s cannot be read.", s->extra_ca_file);
	return 0;
}

/* Two descriptors for every client connection, as far as the system lets us. */
static void
raise_limits(void)
{
	struct rlimit l;

	signal(SIGPIPE, SIG_IGN);
	/* A file at its size limit is a failed write like any other. */
	signal(SIGXFSZ, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &l) != 0 || l.rlim_cur >= l.rlim_max)
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

static void *
enter_worker(void *arg)
{
	struct proxy *const p = arg;
	struct worker_state *const w = calloc(1, sizeof *w);

	if (w && p->options.store && store_reader_open(p->options.store, &w->reader) != OK)
		w->reader = NULL;
	return w;
}

static void
leave_worker(void *state)
{
	struct worker_state *const w = state;

	if (w && w->reader)
		store_reader_close(&w->reader);
	free(w);
}

static int
start_workers(struct proxy *p)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	const struct workers_options o = {
		.threads = p->settings->workers ? (uint32_t)p->settings->workers
						: (uint32_t)(cores > 0 ? cores : 1),
		.queue_limit = (uint32_t)p->settings->worker_queue,
		.enter = enter_worker,
		.leave = leave_worker,
		.arg = p,
	};

	if (workers_start(&o, &p->workers) != OK)
		return give_up("no worker thread could be started.");
	return 0;
}

/* What the first connection to an upstream needs is got ready while the first
 * client is already served; then the upstreams are looked at. */
static void
preload(struct job *j, void *state)
{
	struct proxy *const p = CONTAINER(j, struct proxy, preload);
	bool tls = false;
	char why[300];

	(void)state;
	if (!libcurl_load(why))
		log_note(LOG_ERROR, "%s No upstream can be reached.", why);
	for (int i = 0; i < PROVIDERS; i++)
		tls = tls || p->origins[i].tls;
	if (tls && !tls_roots_load(p->roots, why))
		log_note(LOG_ERROR, "%s Connections to https upstreams will fail.", why);
}

static void
preloaded(struct job *j)
{
	probes_start(CONTAINER(j, struct proxy, preload));
}

static void
start_preload(struct proxy *p)
{
	p->preload = (struct job){ .loop = &p->loop, .work = preload, .done = preloaded };
	if (workers_submit(p->workers, &p->preload) != OK)
		probes_start(p);
}

static void
announce(const struct proxy *p)
{
	const bool six = strchr(p->settings->host, ':') != NULL;

	fprintf(stderr,
		"headroom %s listening on http://%s%s%s:%u (anthropic %s, openai %s, gemini %s)\n",
		HEADROOM_VERSION, six ? "[" : "", p->settings->host, six ? "]" : "",
		p->listener.port, p->settings->anthropic_api_url, p->settings->openai_api_url,
		p->settings->gemini_api_url);
	if (!host_is_loopback(span_str(p->settings->host)))
		log_note(LOG_WARN,
			 "host %s is not loopback: whoever reaches this port can use the gateway",
			 p->settings->host);
}

static int
open_books(struct proxy *p)
{
	const char *const file = p->settings->prices_file;
	char why[PRICES_WHY];

	if (prices_open(file[0] ? file : NULL, &p->prices, why) != OK)
		return give_up("%s", why);
	p->book = book_make(clock_wall_ms());
	return p->book ? 0 : give_up("there is not enough memory to start.");
}

static int
set_up(struct proxy *p)
{
	const struct settings *const s = p->settings;
	char why[300];

	if (check_files(s) != 0 || open_origins(p) != 0 || open_books(p) != 0)
		return 1;
	if (tls_roots_new(s->ssl_cert_file, s->ssl_cert_dir, s->extra_ca_file, &p->roots) != OK)
		return give_up("there is not enough memory to start.");
	dialer_init(&p->dialer, &p->loop, s, p->roots);
	pool_init(&p->pool, &p->dialer, p->origin_list, PROVIDERS);
	clients_init(&p->clients, &p->loop, s, &request_client_ops, p);
	if (listener_open(&p->listener, &p->clients, why) != OK)
		return give_up("%s", why);
	return start_workers(p);
}

static void
serve(struct proxy *p)
{
	drain_watch_signals(p);
	announce(p);
	start_preload(p);
	journal_start(&p->journal, p);
	log_buffered(true);
	loop_run(&p->loop);
	log_buffered(false);
	drain_forget_signals(p);
}

static void
tear_down(struct proxy *p)
{
	listener_close(&p->listener);
	probes_stop(p);
	pool_close(&p->pool);
	/* What workers and the store still hold comes back before the loop goes. */
	workers_stop(&p->workers);
	loop_settle(&p->loop);
	CHECK(p->active == 0);
	journal_close(&p->journal);
	report_totals(p->counters);
	loop_close(&p->loop);
	requests_free(p);
	dialer_free(&p->dialer);
	tls_roots_free(&p->roots);
	book_free(&p->book);
	prices_close(&p->prices);
	for (int i = 0; i < PROVIDERS; i++)
		origin_free(&p->origins[i]);
	buf_free(&p->text);
	buf_free(&p->extra);
}

int
proxy_run(const struct proxy_options *o)
{
	struct proxy *const p = calloc(1, sizeof *p);

	raise_limits();
	if (!p || loop_open(&p->loop) != OK) {
		free(p);
		return give_up("the event loop could not be set up.");
	}
	p->options = *o;
	p->settings = o->settings;
	p->counters = &p->loop.counters;
	p->began_ms = loop_now(&p->loop);
	buf_init(&p->text, TEXT_LIMIT);
	buf_init(&p->extra, TEXT_LIMIT);
	const int failed = set_up(p);
	if (!failed)
		serve(p);
	tear_down(p);
	free(p);
	return failed;
}
