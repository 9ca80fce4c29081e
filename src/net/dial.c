#include "net/dial.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "net/libcurl.h"

#define DIAL_MAGIC 0x6469616cu

struct dial {
	uint32_t magic;
	struct dialer *shared;
	const struct origin *origin;
	CURL *easy;
	CURLM *multi;
	uv_timer_t timer;
	struct list sockets;
	int keep;		/* the socket that libcurl must not close, or -1 */
	bool plain;		/* the socket itself carries our bytes: no TLS on the way */
	void (*done)(void *user, const struct dial_result *r);
	void *user;
	struct dial_result result;
};

/* A socket that libcurl wants watched while it connects. */
struct dial_socket {
	uv_poll_t poll;
	struct list link;
	struct dial *dial;
	curl_socket_t fd;
};

void
dialer_init(struct dialer *d, struct loop *l, const struct settings *s, struct tls_roots *r)
{
	*d = (struct dialer){ .loop = l, .settings = s, .roots = r };
}

/* Set up on first use, which waits for libcurl if it is still being loaded. */
static bool
dialer_ready(struct dialer *d)
{
	if (d->share)
		return true;
	if (!libcurl_load(NULL))
		return false;
	d->share = curl_share_init();
	if (!d->share)
		return false;
	/* Used by the loop's thread alone: no locks. */
	curl_share_setopt(d->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
	curl_share_setopt(d->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	return true;
}

void
dialer_free(struct dialer *d)
{
	if (!d->share)
		return;
	curl_share_cleanup(d->share);
	d->share = NULL;
}

void
link_close(struct link *l)
{
	if (l->easy) {
		curl_multi_remove_handle(l->multi, l->easy);
		curl_easy_cleanup(l->easy);
		curl_multi_cleanup(l->multi);
	} else if (l->fd >= 0) {
		close(l->fd);
	}
	*l = (struct link){ .fd = -1 };
}

/* ---- libcurl's sockets and timer on the loop ---- */

static void check_done(struct dial *d);

static void
on_socket(uv_poll_t *p, int status, int events)
{
	struct dial_socket *const s = p->data;
	struct dial *const d = s->dial;
	int flags = 0, running;

	CHECK_OBJ(d, DIAL_MAGIC);
	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(d->multi, s->fd, flags, &running);
	check_done(d);
}

static void
on_socket_closed(uv_handle_t *h)
{
	free(h->data);
}

static void
forget_socket(struct dial_socket *s)
{
	list_remove(&s->link);
	uv_poll_stop(&s->poll);
	uv_close((uv_handle_t *)&s->poll, on_socket_closed);
}

static struct dial_socket *
new_socket(struct dial *d, curl_socket_t fd)
{
	struct dial_socket *const s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	if (uv_poll_init_socket(&d->shared->loop->uv, &s->poll, fd) != 0) {
		free(s);
		return NULL;
	}
	s->poll.data = s;
	s->dial = d;
	s->fd = fd;
	list_append(&d->sockets, &s->link);
	curl_multi_assign(d->multi, fd, s);
	return s;
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket)
{
	struct dial *const d = user;
	struct dial_socket *s = socket;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			forget_socket(s);
		return 0;
	}
	if (!s)
		s = new_socket(d, fd);
	if (!s)
		return -1;
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	uv_poll_start(&s->poll, events, on_socket);
	return 0;
}

static void
on_timer(uv_timer_t *t)
{
	struct dial *const d = t->data;
	int running;

	CHECK_OBJ(d, DIAL_MAGIC);
	curl_multi_socket_action(d->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	check_done(d);
}

static int
set_timer(CURLM *multi, long ms, void *user)
{
	struct dial *const d = user;

	(void)multi;
	if (ms < 0)
		uv_timer_stop(&d->timer);
	else
		uv_timer_start(&d->timer, on_timer, (uint64_t)ms, 0);
	return 0;
}

/* ---- the end ---- */

static void
on_timer_closed(uv_handle_t *h)
{
	free(h->data);
}

/* Takes the dial off the loop; its memory goes once the loop has let go. */
static void
let_go(struct dial *d)
{
	for (LIST_EACH(&d->sockets, at, after))
		forget_socket(CONTAINER(at, struct dial_socket, link));
	d->magic = 0;
	uv_close((uv_handle_t *)&d->timer, on_timer_closed);
}

static enum dial_failure
classify(CURLcode rc)
{
	switch (rc) {
	case CURLE_OK:
		return DIAL_OK;
	case CURLE_COULDNT_RESOLVE_HOST:
		return DIAL_NO_ADDRESS;
	case CURLE_COULDNT_CONNECT:
		return DIAL_REFUSED;
	case CURLE_OPERATION_TIMEDOUT:
		return DIAL_TIMEOUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return DIAL_TLS;
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_PROXY:
		return DIAL_PROXY;
	default:
		return DIAL_OTHER;
	}
}

/* Will another attempt find things changed? Not a certificate, a proxy's refusal,
 * or a time-out, which took long enough. A handshake that broke may have met a
 * server that was just restarting. */
static bool
is_passing(CURLcode rc)
{
	switch (rc) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING:
		return true;
	default:
		return false;
	}
}

/* The connection of a finished dial. A plain one leaves libcurl with nothing:
 * an idle stream then costs a descriptor and no handle. */
static void
take_link(struct dial *d, struct link *out)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	curl_easy_getinfo(d->easy, CURLINFO_ACTIVESOCKET, &fd);
	CHECK(fd != CURL_SOCKET_BAD);
	curl_multi_setopt(d->multi, CURLMOPT_SOCKETFUNCTION, NULL);
	curl_multi_setopt(d->multi, CURLMOPT_TIMERFUNCTION, NULL);
	curl_easy_setopt(d->easy, CURLOPT_ERRORBUFFER, NULL);
	*out = (struct link){ .fd = fd, .easy = d->easy, .multi = d->multi };
	if (!d->plain)
		return;
	d->keep = fd;
	link_close(out);
	out->fd = fd;
}

static void
drop_link(struct dial *d)
{
	struct link l = { .fd = -1, .easy = d->easy, .multi = d->multi };

	curl_multi_setopt(d->multi, CURLMOPT_SOCKETFUNCTION, NULL);
	curl_multi_setopt(d->multi, CURLMOPT_TIMERFUNCTION, NULL);
	link_close(&l);
}

static void
check_done(struct dial *d)
{
	int left;
	const CURLMsg *const m = curl_multi_info_read(d->multi, &left);

	if (!m || m->msg != CURLMSG_DONE)
		return;
	const CURLcode rc = m->data.result;
	let_go(d);
	d->result.failure = classify(rc);
	d->result.passing = is_passing(rc);
	if (rc == CURLE_OK) {
		take_link(d, &d->result.link);
	} else {
		if (!d->result.text[0])
			snprintf(d->result.text, sizeof d->result.text, "%s", curl_easy_strerror(rc));
		drop_link(d);
	}
	d->done(d->user, &d->result);
}

void
dial_cancel(struct dial **dp)
{
	struct dial *const d = *dp;

	if (!d)
		return;
	CHECK_OBJ(d, DIAL_MAGIC);
	*dp = NULL;
	let_go(d);
	drop_link(d);
}

/* ---- the beginning ---- */

static int
close_socket(void *user, curl_socket_t fd)
{
	const struct dial *const d = user;

	return fd == d->keep ? 0 : close(fd);
}

static const char *
proxy_for(const struct settings *s, const struct origin *o)
{
	const char *const own = o->tls ? s->https_proxy : s->http_proxy;

	if (o->loopback)
		return "";
	return own[0] ? own : s->all_proxy;
}

static void
set_options(struct dial *d)
{
	const struct settings *const s = d->shared->settings;
	const char *const proxy = proxy_for(s, d->origin);
	CURL *const e = d->easy;

	d->plain = !d->origin->tls && strncasecmp(proxy, "https:", 6) != 0;
	curl_easy_setopt(e, CURLOPT_URL, d->origin->url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, (long)s->connect_timeout);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 1024L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, d->result.text);
	curl_easy_setopt(e, CURLOPT_SHARE, d->shared->share);
	curl_easy_setopt(e, CURLOPT_PROXY, proxy);
	curl_easy_setopt(e, CURLOPT_NOPROXY, s->no_proxy);
	curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(e, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(e, CURLOPT_PROXY_CAINFO, NULL);
	curl_easy_setopt(e, CURLOPT_PROXY_CAPATH, NULL);
	curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, (curl_ssl_ctx_callback)(void (*)(void))tls_setup_context);
	curl_easy_setopt(e, CURLOPT_SSL_CTX_DATA, d->shared->roots);
	if (d->plain) {
		curl_easy_setopt(e, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
		curl_easy_setopt(e, CURLOPT_CLOSESOCKETDATA, d);
	}
}

static void
set_multi_options(struct dial *d)
{
	curl_multi_setopt(d->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(d->multi, CURLMOPT_SOCKETDATA, d);
	curl_multi_setopt(d->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(d->multi, CURLMOPT_TIMERDATA, d);
}

enum err
dial_start(struct dialer *shared, const struct origin *o,
	   void (*done)(void *user, const struct dial_result *r), void *user, struct dial **out)
{
	struct dial *const d = calloc(1, sizeof *d);

	if (!d)
		return ERR_NOMEM;
	*d = (struct dial){ .magic = DIAL_MAGIC, .shared = shared, .origin = o, .keep = -1,
			    .done = done, .user = user, .result.link.fd = -1 };
	list_init(&d->sockets);
	if (!dialer_ready(shared)) {
		free(d);
		return ERR_NOMEM;
	}
	d->easy = curl_easy_init();
	d->multi = curl_multi_init();
	if (!d->easy || !d->multi) {
		curl_easy_cleanup(d->easy);
		curl_multi_cleanup(d->multi);
		free(d);
		return ERR_NOMEM;
	}
	uv_timer_init(&shared->loop->uv, &d->timer);
	d->timer.data = d;
	set_options(d);
	set_multi_options(d);
	/* libcurl asks for its timer at once: the work begins in the next turn. */
	curl_multi_add_handle(d->multi, d->easy);
	*out = d;
	return OK;
}
