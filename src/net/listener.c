#include "net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

#define ACCEPT_AT_ONCE 64
#define PAUSE_MS 200

static const char full[] =
	"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n"
	"content-type: application/json\r\n\r\n"
	"{\"detail\":\"Too many connections.\",\"error\":{\"type\":\"overloaded_error\",\"message\":"
	"\"headroom has as many connections as max-connections allows; close some or raise the "
	"setting.\"}}\n";

static bool
is_loopback(const struct sockaddr_storage *a)
{
	if (a->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, a, sizeof in);
		return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
	}
	if (a->ss_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, a, sizeof in);
		if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr))
			return in.sin6_addr.s6_addr[12] == 127;
		return IN6_IS_ADDR_LOOPBACK(&in.sin6_addr);
	}
	return false;
}

static void
turn_away(struct listener *l, int fd)
{
	char *const scratch = l->clients->loop->scratch;

	l->clients->loop->counters.connections_refused++;
	(void)send(fd, full, sizeof full - 1, MSG_NOSIGNAL);
	/* Closing with input unread would reset the connection and lose the answer. */
	(void)recv(fd, scratch, LOOP_SCRATCH, MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	close(fd);
}

static void watch(struct listener *l, bool on);

static void
on_pause_over(struct timer *t)
{
	watch(CONTAINER(t, struct listener, pause), true);
}

static void
on_connection(uv_poll_t *p, int status, int events)
{
	struct listener *const l = p->data;
	uv_os_fd_t fd;

	(void)events;
	if (status < 0 || uv_fileno((uv_handle_t *)p, &fd) != 0)
		return;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		struct sockaddr_storage peer;
		socklen_t n = sizeof peer;
		const int s = accept4(fd, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (s < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
			      errno == ENOBUFS)) {
			log_note(LOG_WARN, "no connection can be accepted: %s", strerror(errno));
			watch(l, false);
			loop_arm(l->clients->loop, &l->pause, PAUSE_MS);
			return;
		}
		if (s < 0 && errno == EAGAIN)
			return;
		if (s < 0)
			continue;
		if (l->clients->count >= (uint64_t)l->clients->settings->max_connections ||
		    client_open(l->clients, s, is_loopback(&peer)) != OK)
			turn_away(l, s);
	}
}

static void
watch(struct listener *l, bool on)
{
	for (uint32_t i = 0; i < l->count; i++) {
		if (on)
			uv_poll_start(&l->poll[i], UV_READABLE, on_connection);
		else
			uv_poll_stop(&l->poll[i]);
	}
}

/* A listening socket, or -1 with errno. */
static int
open_socket(const struct addrinfo *a, int backlog)
{
	static const int on = 1;
	const int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (a->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, backlog) == 0)
		return fd;
	const int e = errno;
	close(fd);
	errno = e;
	return -1;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage a;
	socklen_t n = sizeof a;

	if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return 0;
	if (a.ss_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, &a, sizeof in);
		return ntohs(in.sin6_port);
	}
	struct sockaddr_in in;
	memcpy(&in, &a, sizeof in);
	return ntohs(in.sin_port);
}

/* The second address of a name gets the port that the first one got. */
static void
set_port(struct addrinfo *a, uint16_t port)
{
	if (a->ai_family == AF_INET6) {
		struct sockaddr_in6 in;

		memcpy(&in, a->ai_addr, sizeof in);
		in.sin6_port = htons(port);
		memcpy(a->ai_addr, &in, sizeof in);
	} else {
		struct sockaddr_in in;

		memcpy(&in, a->ai_addr, sizeof in);
		in.sin_port = htons(port);
		memcpy(a->ai_addr, &in, sizeof in);
	}
}

static void
explain(const struct settings *s, int e, char why[300])
{
	if (e == EADDRINUSE)
		snprintf(why, 300,
			 "Port %lld on %.100s is in use, perhaps by another headroom: stop that, or "
			 "choose another with --port N (0 takes a free one).",
			 (long long)s->port, s->host);
	else if (e == EACCES)
		snprintf(why, 300,
			 "Port %lld needs privileges: choose one above 1023 with --port N.",
			 (long long)s->port);
	else if (e == EADDRNOTAVAIL)
		snprintf(why, 300,
			 "%.100s is no address of this machine: give one with --host, such as "
			 "127.0.0.1.",
			 s->host);
	else
		snprintf(why, 300, "Listening on %.100s port %lld failed: %s.", s->host,
			 (long long)s->port, strerror(e));
}

static enum err
add_socket(struct listener *l, struct addrinfo *a)
{
	const struct settings *const s = l->clients->settings;

	if (l->count == LISTENER_SOCKETS)
		return OK;
	if (l->port)
		set_port(a, l->port);
	const int fd = open_socket(a, (int)s->backlog);
	if (fd < 0)
		return ERR_IO;
	uv_poll_t *const p = &l->poll[l->count];
	if (uv_poll_init_socket(&l->clients->loop->uv, p, fd) != 0) {
		close(fd);
		return ERR_IO;
	}
	p->data = l;
	l->fd[l->count++] = fd;
	if (!l->port)
		l->port = port_of(fd);
	return OK;
}

enum err
listener_open(struct listener *l, struct clients *clients, char why[300])
{
	const struct settings *const s = clients->settings;
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found;
	char port[8];

	*l = (struct listener){ .clients = clients, .pause.fire = on_pause_over };
	snprintf(port, sizeof port, "%u", (unsigned)s->port);
	const int e = getaddrinfo(s->host, port, &hints, &found);
	if (e != 0) {
		snprintf(why, 300, "The host \"%.100s\" is not an address (%s): give one with --host.",
			 s->host, gai_strerror(e));
		return ERR_IO;
	}
	int first = 0;
	for (struct addrinfo *a = found; a; a = a->ai_next)
		if ((a->ai_family == AF_INET || a->ai_family == AF_INET6) && add_socket(l, a) != OK) {
			first = first ? first : errno;
			/* A name's IPv6 half may be missing; a port in use may not. */
			if (first == EADDRINUSE)
				break;
		}
	freeaddrinfo(found);
	if (l->count == 0 || first == EADDRINUSE) {
		explain(s, first, why);
		listener_close(l);
		return ERR_IO;
	}
	watch(l, true);
	return OK;
}

void
listener_close(struct listener *l)
{
	timer_forget(&l->pause);
	for (uint32_t i = 0; i < l->count; i++) {
		uv_poll_stop(&l->poll[i]);
		uv_close((uv_handle_t *)&l->poll[i], NULL);
		close(l->fd[i]);
	}
	l->count = 0;
}
