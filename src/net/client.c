#include "net/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

#define CLIENT_MAGIC 0x636c6e74u
/* What is waiting is bounded by the high-water mark and one turn's read. */
#define OUT_LIMIT ((size_t)1 << 30)

static void on_poll(uv_poll_t *p, int status, int events);

/* ---- state ---- */

void
client_set_state(struct client *c, enum client_state s)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	list_remove(&c->link);
	c->state = (uint8_t)s;
	list_append(&c->all->in_state[s], &c->link);
}

void
client_set_timeout(struct client *c, uint64_t ms)
{
	if (ms)
		loop_arm(c->all->loop, &c->timer, ms);
	else
		timer_stop(&c->timer);
}

/* A next request waits until enough of the answers to earlier ones is taken. */
static bool
owes_reading(const struct client *c)
{
	return c->congested && c->state < CLIENT_BUSY;
}

static bool
wants_input(const struct client *c)
{
	const struct settings *const s = c->all->settings;
	/* A head is refused by its own limit, so it must be read that far. */
	const size_t most = (size_t)(c->state <= CLIENT_READING ? s->max_header_bytes + 1
								: s->max_pipelined_bytes);

	if (c->paused || owes_reading(c))
		return false;
	return c->fill_n || c->in.n < most || c->state == CLIENT_LINGER;
}

/* Arms what the state of things asks for. A client that is not read is watched
 * for its end. */
static void
watch(struct client *c)
{
	const bool read = wants_input(c);
	const int in = c->eof ? 0 : read ? UV_READABLE : c->duplex ? 0 : UV_DISCONNECT;
	const int events = in | (client_waiting(c) ? UV_WRITABLE : 0);

	if (events == c->events || c->state == CLIENT_CLOSED)
		return;
	c->events = events;
	if (events)
		uv_poll_start(&c->poll, events, on_poll);
	else
		uv_poll_stop(&c->poll);
}

static void
on_poll_closed(uv_handle_t *h)
{
	free(h->data);
}

void
client_close(struct client *c)
{
	struct clients *const all = c->all;

	CHECK_OBJ(c, CLIENT_MAGIC);
	if (c->state == CLIENT_CLOSED)
		return;
	list_remove(&c->link);
	c->state = CLIENT_CLOSED;
	timer_forget(&c->timer);
	buf_free(&c->in);
	buf_free(&c->out);
	uv_poll_stop(&c->poll);
	if (c->abort) {
		const struct linger reset = { .l_onoff = 1 };
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
	}
	close(c->fd);
	c->fd = -1;
	uv_close((uv_handle_t *)&c->poll, on_poll_closed);
	if (--all->count == 0 && all->empty)
		all->empty(all);
}

/* The peer left or the connection broke. */
static void
lost(struct client *c)
{
	if (c->state == CLIENT_BUSY)
		c->all->ops->gone(c);
	client_close(c);
}

static void
on_timer(struct timer *t)
{
	struct client *const c = CONTAINER(t, struct client, timer);

	CHECK_OBJ(c, CLIENT_MAGIC);
	if (c->state == CLIENT_READING || c->state == CLIENT_BUSY)
		c->all->ops->timeout(c);
	else
		client_close(c);
}

/* ---- input ---- */

/* Offers bytes until the protocol uses no more; returns how many it used. */
static size_t
offer(struct client *c, struct span bytes)
{
	size_t used = 0;

	c->pumping = true;
	while (used < bytes.n && c->state <= CLIENT_BUSY && !c->paused && !owes_reading(c)) {
		const size_t n = c->all->ops->input(c, span_from(bytes, used));

		if (n == 0)
			break;
		used += n;
	}
	c->pumping = false;
	return used;
}

void
client_pump(struct client *c)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	if (c->pumping || c->in.n == 0 || c->state > CLIENT_BUSY)
		return;
	const size_t used = offer(c, buf_span(&c->in));
	if (c->state == CLIENT_CLOSED)
		return;
	buf_consume(&c->in, used);
	if (c->in.n == 0)
		buf_free(&c->in);
	watch(c);
}

static void
take(struct client *c, struct span bytes)
{
	if (c->state == CLIENT_LINGER || c->state == CLIENT_FLUSHING)
		return;
	if (c->in.n == 0) {
		bytes = span_from(bytes, offer(c, bytes));
		if (c->state == CLIENT_CLOSED || bytes.n == 0)
			return;
		buf_add_span(&c->in, bytes);
	} else {
		buf_add_span(&c->in, bytes);
		client_pump(c);
		if (c->state == CLIENT_CLOSED)
			return;
	}
	if (buf_err(&c->in) != OK)
		lost(c);
	else
		watch(c);
}

static void
on_readable(struct client *c)
{
	struct loop *const l = c->all->loop;
	const bool direct = c->fill_n && c->in.n == 0;
	char *const to = direct ? c->fill : l->scratch;
	ssize_t n;

	do
		n = recv(c->fd, to, direct ? c->fill_n : LOOP_SCRATCH, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n == 0 && c->duplex && c->state == CLIENT_BUSY) {
		c->eof = true;
		watch(c);
		c->all->ops->finished(c);
		return;
	}
	if (n <= 0) {
		lost(c);
		return;
	}
	c->received += (size_t)n;
	l->counters.bytes_from_clients += (size_t)n;
	take(c, span_of(to, (size_t)n));
}

void
client_pause(struct client *c, bool stop)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	c->paused = stop;
	watch(c);
}

void
client_fill(struct client *c, char *p, size_t n)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	c->fill = p;
	c->fill_n = n;
}

/* ---- output ---- */

static ssize_t
write_some(struct client *c, const struct iovec *v, int n)
{
	struct msghdr m = { 0 };
	ssize_t put;

	memcpy(&m.msg_iov, &v, sizeof v);	/* the call reads it only */
	m.msg_iovlen = (size_t)n;
	do
		put = sendmsg(c->fd, &m, MSG_NOSIGNAL);
	while (put < 0 && errno == EINTR);
	if (put < 0)
		return errno == EAGAIN ? 0 : -1;
	c->sent += (size_t)put;
	c->all->loop->counters.bytes_to_clients += (size_t)put;
	return put;
}

enum err
client_send(struct client *c, const struct iovec *v, int n)
{
	size_t skip = 0;

	CHECK_OBJ(c, CLIENT_MAGIC);
	if (c->dead || c->state == CLIENT_CLOSED)
		return ERR_IO;
	if (client_waiting(c) == 0) {
		const ssize_t put = write_some(c, v, n);

		if (put < 0) {
			c->dead = true;
			return ERR_IO;
		}
		skip = (size_t)put;
	} else if (c->out_done) {
		/* A slow client's buffer may never be empty: it must not grow for that. */
		buf_consume(&c->out, c->out_done);
		c->out_done = 0;
	}
	for (int i = 0; i < n; i++) {
		if (skip >= v[i].iov_len) {
			skip -= v[i].iov_len;
			continue;
		}
		buf_add(&c->out, (const char *)v[i].iov_base + skip, v[i].iov_len - skip);
		skip = 0;
	}
	if (buf_err(&c->out) != OK) {
		c->dead = true;
		return ERR_NOMEM;
	}
	if (client_waiting(c) >= (size_t)c->all->settings->high_water)
		c->congested = true;
	if (client_waiting(c))
		watch(c);
	return OK;
}

/* Everything is written: the last part of client_end. */
static void
finish_end(struct client *c)
{
	if (c->abort || !c->linger || c->all->settings->linger_timeout == 0) {
		client_close(c);
		return;
	}
	shutdown(c->fd, SHUT_WR);
	buf_free(&c->in);
	c->paused = false;
	client_set_state(c, CLIENT_LINGER);
	client_set_timeout(c, (uint64_t)c->all->settings->linger_timeout);
	watch(c);
}

/* The time that an idle client has, which may still be taking its last answer. */
static void
set_idle_timeout(struct client *c)
{
	const struct settings *const s = c->all->settings;

	client_set_timeout(c, (uint64_t)(client_waiting(c) ? s->client_write_timeout
							   : s->keep_alive_timeout));
}

/* The client took some of what waits: its time for the rest begins anew. */
static void
extend_timeout(struct client *c)
{
	if (c->state == CLIENT_IDLE)
		set_idle_timeout(c);
	else if (c->state == CLIENT_FLUSHING || (c->congested && !c->duplex))
		client_set_timeout(c, (uint64_t)c->all->settings->client_write_timeout);
}

static void
on_writable(struct client *c)
{
	const struct iovec v = { c->out.p + c->out_done, client_waiting(c) };
	const ssize_t put = v.iov_len ? write_some(c, &v, 1) : 0;

	if (put < 0) {
		lost(c);
		return;
	}
	c->out_done += (size_t)put;
	if (put > 0)
		extend_timeout(c);
	if (client_waiting(c) == 0) {
		buf_free(&c->out);
		c->out_done = 0;
		if (c->fin)
			shutdown(c->fd, SHUT_WR);
	}
	watch(c);
	if (c->state == CLIENT_FLUSHING) {
		if (client_waiting(c) == 0)
			finish_end(c);
		return;
	}
	if (c->congested && client_waiting(c) <= (size_t)c->all->settings->high_water / 2) {
		c->congested = false;
		c->all->ops->drained(c);
		if (c->state != CLIENT_CLOSED)
			client_pump(c);
		if (c->state != CLIENT_CLOSED)
			watch(c);
	}
}

static void
on_poll(uv_poll_t *p, int status, int events)
{
	struct client *const c = p->data;

	CHECK_OBJ(c, CLIENT_MAGIC);
	if (status < 0) {
		lost(c);
		return;
	}
	if ((events & UV_WRITABLE) && (c->events & UV_WRITABLE))
		on_writable(c);
	if (c->state == CLIENT_CLOSED)
		return;
	if ((events & UV_DISCONNECT) && (c->events & UV_DISCONNECT))
		lost(c);
	else if ((events & UV_READABLE) && (c->events & UV_READABLE))
		on_readable(c);
}

void
client_set_duplex(struct client *c)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	c->duplex = true;
	watch(c);
}

void
client_finish(struct client *c)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	c->fin = true;
	if (client_waiting(c) == 0 && c->state != CLIENT_CLOSED)
		shutdown(c->fd, SHUT_WR);
}

/* ---- between and after requests ---- */

void
client_next(struct client *c)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	if (c->all->draining && c->in.n == 0) {
		client_end(c, false);
		return;
	}
	client_fill(c, NULL, 0);
	c->paused = false;
	client_set_state(c, CLIENT_IDLE);
	set_idle_timeout(c);
	client_pump(c);
	if (c->state != CLIENT_CLOSED)
		watch(c);
}

void
client_end(struct client *c, bool linger)
{
	CHECK_OBJ(c, CLIENT_MAGIC);
	client_fill(c, NULL, 0);
	/* What was read but not used makes the kernel no trouble; what is not read
	 * yet does. */
	c->linger = linger || c->in.n > 0;
	if (c->dead || c->state == CLIENT_CLOSED) {
		client_close(c);
		return;
	}
	client_set_state(c, CLIENT_FLUSHING);
	if (client_waiting(c) == 0) {
		finish_end(c);
		return;
	}
	c->paused = true;
	client_set_timeout(c, (uint64_t)c->all->settings->client_write_timeout);
	watch(c);
}

void
client_abort(struct client *c)
{
	c->abort = true;
	client_end(c, false);
}

void
clients_drain(struct clients *all)
{
	all->draining = true;
	for (LIST_EACH(&all->in_state[CLIENT_IDLE], at, after))
		client_close(CONTAINER(at, struct client, link));
}

void
clients_close(struct clients *all)
{
	for (int s = 0; s < CLIENT_CLOSED; s++)
		for (LIST_EACH(&all->in_state[s], at, after))
			lost(CONTAINER(at, struct client, link));
}

void
clients_init(struct clients *all, struct loop *l, const struct settings *s,
	     const struct client_ops *ops, void *owner)
{
	*all = (struct clients){ .loop = l, .settings = s, .ops = ops, .owner = owner };
	for (int i = 0; i < CLIENT_STATES; i++)
		list_init(&all->in_state[i]);
}

enum err
client_open(struct clients *all, int fd, bool loopback)
{
	static const int on = 1;
	struct client *const c = calloc(1, sizeof *c);

	if (!c)
		return ERR_NOMEM;
	if (uv_poll_init_socket(&all->loop->uv, &c->poll, fd) != 0) {
		free(c);
		return ERR_NOMEM;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	c->magic = CLIENT_MAGIC;
	c->fd = fd;
	c->all = all;
	c->loopback = loopback;
	c->poll.data = c;
	c->timer.fire = on_timer;
	/* At the limit reading stops; one read may go over it. */
	buf_init(&c->in, (size_t)all->settings->max_pipelined_bytes +
			 (size_t)all->settings->max_header_bytes + LOOP_SCRATCH);
	buf_init(&c->out, OUT_LIMIT);
	all->count++;
	all->loop->counters.connections++;
	client_set_state(c, CLIENT_IDLE);
	set_idle_timeout(c);
	watch(c);
	return OK;
}
