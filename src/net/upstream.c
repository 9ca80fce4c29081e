#include "net/upstream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/check.h"

#define UPSTREAM_MAGIC 0x75707374u
#define STAGING_BYTES ((size_t)16 << 10)

static void
on_poll(uv_poll_t *p, int status, int events)
{
	struct upstream *const u = p->data;

	CHECK_OBJ(u, UPSTREAM_MAGIC);
	if (status < 0) {
		/* After a reset the response may still be there to be read. libuv has
		 * stopped watching. */
		u->broken = true;
		u->events = 0;
		u->ops->readable(u->user);
		return;
	}
	if (events & UV_READABLE)
		u->ops->readable(u->user);
	if ((events & UV_WRITABLE) && !u->closing && (u->events & UV_WRITABLE))
		u->ops->writable(u->user);
}

static void
on_dialed(void *user, const struct dial_result *r)
{
	struct upstream *u = user;
	struct dial_result failure;

	CHECK_OBJ(u, UPSTREAM_MAGIC);
	u->dial = NULL;
	if (r->failure == DIAL_OK) {
		u->link = r->link;
		if (uv_poll_init_socket(&u->shared->loop->uv, &u->poll, u->link.fd) == 0) {
			u->poll.data = u;
			u->polling = true;
			u->shared->loop->counters.upstream_connects++;
			u->ops->connected(u->user);
			return;
		}
		link_close(&u->link);
	}
	u->shared->loop->counters.upstream_connect_failures++;
	failure = *r;
	if (r->failure == DIAL_OK)
		failure = (struct dial_result){ .failure = DIAL_OTHER, .text = "out of memory" };
	const struct upstream_ops *const ops = u->ops;
	void *const owner = u->user;
	upstream_close(&u);
	ops->failed(owner, &failure);
}

enum err
upstream_open(struct dialer *shared, struct origin *o, const struct upstream_ops *ops, void *user,
	      struct upstream **out)
{
	struct upstream *const u = calloc(1, sizeof *u);

	if (!u)
		return ERR_NOMEM;
	*u = (struct upstream){ .magic = UPSTREAM_MAGIC, .shared = shared, .origin = o,
				.link.fd = -1, .ops = ops, .user = user };
	const enum err e = dial_start(shared, o, on_dialed, u, &u->dial);
	if (e != OK) {
		free(u);
		return e;
	}
	*out = u;
	return OK;
}

static void
on_poll_closed(uv_handle_t *h)
{
	free(h->data);
}

void
upstream_close(struct upstream **up)
{
	struct upstream *const u = *up;

	if (!u)
		return;
	CHECK_OBJ(u, UPSTREAM_MAGIC);
	*up = NULL;
	list_remove(&u->idle);
	u->closing = true;
	u->magic = 0;
	dial_cancel(&u->dial);
	if (u->polling) {
		uv_poll_stop(&u->poll);
		uv_close((uv_handle_t *)&u->poll, on_poll_closed);
	}
	link_close(&u->link);
	free(u->staging);
	u->staging = NULL;
	if (!u->polling)
		free(u);
}

void
upstream_attach(struct upstream *u, const struct upstream_ops *ops, void *user)
{
	CHECK_OBJ(u, UPSTREAM_MAGIC);
	u->ops = ops;
	u->user = user;
}

void
upstream_watch(struct upstream *u, bool read, bool write)
{
	const int events = (read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0);

	CHECK_OBJ(u, UPSTREAM_MAGIC);
	if (u->events == events || !u->polling || u->broken)
		return;
	u->events = events;
	if (events)
		uv_poll_start(&u->poll, events, on_poll);
	else
		uv_poll_stop(&u->poll);
}

static ssize_t
recv_tls(struct upstream *u, char *p, size_t n)
{
	size_t got = 0;

	switch (curl_easy_recv(u->link.easy, p, n, &got)) {
	case CURLE_OK:
		return (ssize_t)got;
	case CURLE_AGAIN:
		return -EAGAIN;
	default:
		return -ECONNRESET;
	}
}

ssize_t
upstream_recv(struct upstream *u, char *p, size_t n)
{
	ssize_t got;

	CHECK_OBJ(u, UPSTREAM_MAGIC);
	if (u->link.easy) {
		got = recv_tls(u, p, n);
	} else {
		do
			got = recv(u->link.fd, p, n, 0);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			got = -errno;
	}
	if (got == -EAGAIN && u->broken)
		return -ECONNRESET;
	if (got > 0) {
		u->received += (size_t)got;
		u->shared->loop->counters.bytes_from_upstreams += (size_t)got;
	}
	return got;
}

/* ---- sending ---- */

static ssize_t
send_plain(struct upstream *u, const struct iovec *v, int n)
{
	struct msghdr m = { 0 };
	ssize_t put;

	memcpy(&m.msg_iov, &v, sizeof v);	/* the call reads it only */
	m.msg_iovlen = (size_t)n;
	do
		put = sendmsg(u->link.fd, &m, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put >= 0)
		return put;
	return errno == EAGAIN ? 0 : -errno;
}

/* Hands the staged bytes to libcurl. After AGAIN it wants the same pointer and
 * length again: that is what the staging buffer is for. 0 or negative errno. */
static int
push_staged(struct upstream *u)
{
	while (upstream_pending(u)) {
		size_t put = 0;
		const CURLcode rc = curl_easy_send(u->link.easy, u->staging + u->staged_done,
						   u->staged - u->staged_done, &put);

		if (rc == CURLE_AGAIN)
			return 0;
		if (rc != CURLE_OK)
			return -EPIPE;
		u->staged_done += put;
	}
	u->staged = u->staged_done = 0;
	return 0;
}

/* Fills the empty staging buffer from byte `skip` of the pieces on. */
static size_t
stage(struct upstream *u, const struct iovec *v, int n, size_t skip)
{
	size_t at = 0;

	for (int i = 0; i < n && at < STAGING_BYTES; i++) {
		if (skip >= v[i].iov_len) {
			skip -= v[i].iov_len;
			continue;
		}
		size_t len = v[i].iov_len - skip;
		if (len > STAGING_BYTES - at)
			len = STAGING_BYTES - at;
		memcpy(u->staging + at, (const char *)v[i].iov_base + skip, len);
		at += len;
		skip = 0;
	}
	u->staged = at;
	u->staged_done = 0;
	return at;
}

static ssize_t
send_tls(struct upstream *u, const struct iovec *v, int n)
{
	size_t taken = 0;

	if (!u->staging && !(u->staging = malloc(STAGING_BYTES)))
		return -ENOMEM;
	for (;;) {
		const int e = push_staged(u);
		if (e < 0)
			return e;
		if (upstream_pending(u))
			return (ssize_t)taken;
		const size_t got = stage(u, v, n, taken);
		if (got == 0)
			break;
		taken += got;
	}
	/* A connection that only receives keeps no buffer. */
	free(u->staging);
	u->staging = NULL;
	return (ssize_t)taken;
}

ssize_t
upstream_send(struct upstream *u, const struct iovec *v, int n)
{
	CHECK_OBJ(u, UPSTREAM_MAGIC);
	if (n == 0 && !upstream_pending(u))
		return 0;
	const ssize_t put = u->link.easy ? send_tls(u, v, n) : send_plain(u, v, n);
	if (put < 0)
		u->broken = true;
	if (put > 0) {
		u->sent += (size_t)put;
		u->shared->loop->counters.bytes_to_upstreams += (size_t)put;
	}
	return put;
}

bool
upstream_alive(struct upstream *u)
{
	char byte;

	CHECK_OBJ(u, UPSTREAM_MAGIC);
	if (u->broken)
		return false;
	const ssize_t n = recv(u->link.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	/* Over TLS what waits may be session tickets, or the closing alert. */
	return n > 0 && u->link.easy && upstream_recv(u, &byte, 1) == -EAGAIN;
}

/* Sends TLS's close_notify: the one way to say "no more from us" inside TLS and
 * still read. */
static void
finish_tls(CURL *easy)
{
	struct curl_tlssessioninfo *tls = NULL;

	curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &tls);
	if (tls && tls->backend == CURLSSLBACKEND_OPENSSL && tls->internals) {
		ERR_clear_error();
		SSL_shutdown(tls->internals);
	}
}

void
upstream_finish(struct upstream *u)
{
	CHECK_OBJ(u, UPSTREAM_MAGIC);
	if (u->link.easy)
		finish_tls(u->link.easy);
	else
		shutdown(u->link.fd, SHUT_WR);
}
