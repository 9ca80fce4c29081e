/* A fast scripted upstream for the benchmarks: one epoll thread, keep-alive,
 * HTTP/1.1 with Content-Length bodies, which it counts and drops.
 *
 *   bench-upstream [CERT.pem KEY.pem]     listens on a free port of 127.0.0.1,
 *                                         prints "PORT\n", ends when stdin does
 *
 * The query of the request says what to answer:
 *   (none)        a small JSON message with a usage block
 *   ?sse=N        a chunked event stream of N deltas, at once
 *   ?hold         a chunked event stream that sends one ping a second for ever
 *   ?counted      {"requests":N,"bytes":N}: requests so far and their body bytes
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <openssl/ssl.h>

enum { HEAD_MAX = 32 * 1024, READ_SIZE = 256 * 1024, EVENTS = 256 };

struct conn {
	int fd;
	SSL *ssl;
	struct conn *next_held, **held_at; /* in the list of open streams */
	char *head; /* bytes of an unfinished head, NULL when there is none */
	size_t head_size;
	uint64_t body_left;
	uint64_t events; /* of a ?sse request */
	enum { ANSWER_JSON, ANSWER_SSE, ANSWER_HOLD, ANSWER_COUNTED } answer;
	bool in_body;
	char *out; /* what the socket did not take */
	size_t out_size;
	bool dead; /* freed after the batch of events */
	struct conn *next_dead;
};

static SSL_CTX *tls;
static int poller;
static struct conn *held;
static struct conn *dead;
static uint64_t requests, body_bytes;
static char input[READ_SIZE];

static const char json_body[] =
	"{\"id\":\"msg_01BenchBenchBenchBench\",\"type\":\"message\",\"role\":\"assistant\","
	"\"model\":\"claude-sonnet-4-5\",\"content\":[{\"type\":\"text\",\"text\":\"Hello.\"}],"
	"\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,"
	"\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":3}}";
static const char sse_head[] =
	"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
	"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n";
static const char sse_start[] =
	"event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_01Bench\","
	"\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[],"
	"\"stop_reason\":null,\"usage\":{\"input_tokens\":90000,\"output_tokens\":1}}}\n\n"
	"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
	"\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
static const char sse_delta[] =
	"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
	"\"delta\":{\"type\":\"text_delta\",\"text\":\"a few words more \"}}\n\n";
static const char sse_stop[] =
	"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
	"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
	"\"usage\":{\"output_tokens\":60}}\n\n"
	"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
static const char sse_ping[] = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

static void
die(const char *what)
{
	fprintf(stderr, "bench-upstream: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
conn_close(struct conn *const c)
{
	if (c->dead)
		return;
	c->dead = true;
	if (c->held_at) {
		*c->held_at = c->next_held;
		if (c->next_held)
			c->next_held->held_at = c->held_at;
	}
	SSL_free(c->ssl);
	close(c->fd);
	c->next_dead = dead;
	dead = c;
}

static void
free_dead(void)
{
	while (dead) {
		struct conn *const c = dead;
		dead = c->next_dead;
		free(c->head);
		free(c->out);
		free(c);
	}
}

/* What a TLS call that returned n means: bytes, 0 to wait, -1 for the end. */
static ssize_t
tls_result(const struct conn *const c, const int n)
{
	if (n > 0)
		return n;
	const int why = SSL_get_error(c->ssl, n);
	return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static ssize_t
conn_write(const struct conn *const c, const char *const p, const size_t n)
{
	if (c->ssl)
		return tls_result(c, SSL_write(c->ssl, p, (int)n));
	const ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);
	return sent < 0 ? (errno == EAGAIN ? 0 : -1) : sent;
}

/* As recv: bytes, 0 to wait, -1 for the end or an error. */
static ssize_t
conn_read(const struct conn *const c)
{
	if (c->ssl)
		return tls_result(c, SSL_read(c->ssl, input, READ_SIZE));
	const ssize_t got = recv(c->fd, input, READ_SIZE, 0);
	return got > 0 ? got : got < 0 && errno == EAGAIN ? 0 : -1;
}

static void
watch(const struct conn *const c, const uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = (void *)(uintptr_t)c };
	epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
}

static void
conn_flush(struct conn *const c)
{
	while (c->out_size > 0) {
		const ssize_t n = conn_write(c, c->out, c->out_size);
		if (n < 0) {
			conn_close(c);
			return;
		}
		if (n == 0)
			return;
		c->out_size -= (size_t)n;
		memmove(c->out, c->out + n, c->out_size);
	}
	free(c->out);
	c->out = NULL;
	watch(c, EPOLLIN);
}

static void
conn_send(struct conn *const c, const char *p, size_t n)
{
	while (c->out_size == 0 && n > 0) {
		const ssize_t sent = conn_write(c, p, n);
		if (sent < 0) {
			conn_close(c);
			return;
		}
		if (sent == 0)
			break;
		p += sent;
		n -= (size_t)sent;
	}
	if (n == 0 || c->dead)
		return;
	char *const bigger = realloc(c->out, c->out_size + n);
	if (!bigger)
		die("out of memory");
	memcpy(bigger + c->out_size, p, n);
	c->out = bigger;
	c->out_size += n;
	watch(c, EPOLLIN | EPOLLOUT);
}

static size_t
put_chunk(char *const to, const char *const p, const size_t n)
{
	const int digits = sprintf(to, "%zx\r\n", n);
	memcpy(to + digits, p, n);
	memcpy(to + (size_t)digits + n, "\r\n", 2);
	return (size_t)digits + n + 2;
}

static void
answer_sse(struct conn *const c)
{
	const size_t room = sizeof(sse_head) + sizeof(sse_start) + sizeof(sse_stop) + 64 +
		(size_t)c->events * (sizeof(sse_delta) + 16);
	char *const text = malloc(room);
	if (!text)
		die("out of memory");
	size_t n = sizeof(sse_head) - 1;
	memcpy(text, sse_head, n);
	n += put_chunk(text + n, sse_start, sizeof(sse_start) - 1);
	for (uint64_t i = 0; i < c->events; i++)
		n += put_chunk(text + n, sse_delta, sizeof(sse_delta) - 1);
	n += put_chunk(text + n, sse_stop, sizeof(sse_stop) - 1);
	memcpy(text + n, "0\r\n\r\n", 5);
	conn_send(c, text, n + 5);
	free(text);
}

static void
answer_hold(struct conn *const c)
{
	char text[sizeof(sse_head) + sizeof(sse_start) + 32];
	const size_t n = sizeof(sse_head) - 1;
	memcpy(text, sse_head, n);
	const size_t more = put_chunk(text + n, sse_start, sizeof(sse_start) - 1);
	c->next_held = held;
	if (held)
		held->held_at = &c->next_held;
	c->held_at = &held;
	held = c;
	conn_send(c, text, n + more);
}

static void
answer_json(struct conn *const c, const char *const body)
{
	char text[1024];
	const int n = snprintf(text, sizeof(text),
		"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nrequest-id: req_01Bench\r\n"
		"content-length: %zu\r\n\r\n%s", strlen(body), body);
	conn_send(c, text, (size_t)n);
}

static void
answer(struct conn *const c)
{
	char text[128];
	requests += c->answer != ANSWER_COUNTED;
	switch (c->answer) {
	case ANSWER_JSON:
		answer_json(c, json_body);
		break;
	case ANSWER_SSE:
		answer_sse(c);
		break;
	case ANSWER_HOLD:
		answer_hold(c);
		break;
	case ANSWER_COUNTED:
		snprintf(text, sizeof(text), "{\"requests\":%llu,\"bytes\":%llu}",
			(unsigned long long)requests, (unsigned long long)body_bytes);
		answer_json(c, text);
		break;
	}
}

/* Reads a finished head, which ends with a NUL in place of its last byte. */
static bool
conn_head(struct conn *const c, const char *const head)
{
	const char *const line_end = strchr(head, '\r');
	const char *const query = memchr(head, '?', (size_t)(line_end - head));
	const char *const length = strcasestr(head, "\r\ncontent-length:");
	if (strcasestr(head, "\r\ntransfer-encoding:")) {
		fprintf(stderr, "bench-upstream: chunked requests are not for this one\n");
		return false;
	}
	c->body_left = length ? strtoull(length + strlen("\r\ncontent-length:"), NULL, 10) : 0;
	body_bytes += c->body_left;
	c->in_body = true;
	c->answer = ANSWER_JSON;
	if (!query)
		return true;
	const char *const end = memchr(query, ' ', (size_t)(line_end - query));
	const char *const sse = memmem(query, (size_t)(end - query), "sse=", 4);
	if (sse) {
		c->answer = ANSWER_SSE;
		c->events = strtoull(sse + 4, NULL, 10);
	} else if (memmem(query, (size_t)(end - query), "hold", 4)) {
		c->answer = ANSWER_HOLD;
	} else if (memmem(query, (size_t)(end - query), "counted", 7)) {
		c->answer = ANSWER_COUNTED;
	}
	return true;
}

/* Takes head bytes; returns how many, after which in_body may be set. */
static size_t
take_head(struct conn *const c, const char *const p, const size_t n)
{
	const size_t old = c->head_size;
	const size_t take = n < HEAD_MAX - 1 - old ? n : HEAD_MAX - 1 - old;
	if (!c->head && !(c->head = malloc(HEAD_MAX)))
		die("out of memory");
	memcpy(c->head + old, p, take);
	char *const end = memmem(c->head, old + take, "\r\n\r\n", 4);
	if (!end) {
		c->head_size = old + take;
		if (c->head_size == HEAD_MAX - 1)
			conn_close(c);
		return take;
	}
	end[3] = 0;
	const size_t size = (size_t)(end + 4 - c->head);
	if (!conn_head(c, c->head))
		conn_close(c);
	c->head_size = 0;
	return size - old;
}

static void
conn_bytes(struct conn *const c, const char *p, size_t n)
{
	while (!c->dead && n > 0) {
		if (!c->in_body) {
			const size_t used = take_head(c, p, n);
			p += used;
			n -= used;
		}
		const size_t body = n < c->body_left ? n : (size_t)c->body_left;
		p += body;
		n -= body;
		c->body_left -= body;
		if (c->in_body && c->body_left == 0 && !c->dead) {
			c->in_body = false;
			answer(c);
		}
	}
	if (c->head && c->head_size == 0) {
		free(c->head);
		c->head = NULL;
	}
}

static void
conn_ready(struct conn *const c, const uint32_t events)
{
	if (c->dead)
		return;
	if (events & EPOLLOUT)
		conn_flush(c);
	/* A short read of a plain socket means that it is empty. */
	while (!c->dead) {
		const ssize_t n = conn_read(c);
		if (n < 0)
			conn_close(c);
		if (n <= 0)
			return;
		conn_bytes(c, input, (size_t)n);
		if (!c->ssl && n < READ_SIZE)
			return;
	}
}

static void
accept_all(const int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct conn *const c = calloc(1, sizeof(*c));
		if (!c)
			die("out of memory");
		c->fd = fd;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		if (tls) {
			c->ssl = SSL_new(tls);
			SSL_set_fd(c->ssl, fd);
			SSL_set_accept_state(c->ssl);
		}
		struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
		if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e))
			die("epoll_ctl");
	}
}

static void
ping_all(const int timer)
{
	uint64_t ticks;
	char text[sizeof(sse_ping) + 16];
	const size_t n = put_chunk(text, sse_ping, sizeof(sse_ping) - 1);
	if (read(timer, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	for (struct conn *c = held, *next; c; c = next) {
		next = c->next_held;
		conn_send(c, text, n);
	}
}

static void
start_tls(const char *const cert, const char *const key)
{
	tls = SSL_CTX_new(TLS_server_method());
	if (!tls || SSL_CTX_use_certificate_chain_file(tls, cert) != 1 ||
		SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
		die("cannot load the certificate");
	SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
		SSL_MODE_RELEASE_BUFFERS);
}

static int
start_listener(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, size) || listen(fd, 4096) ||
		getsockname(fd, (struct sockaddr *)&at, &size))
		die("cannot listen");
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

static void
add(const int fd, void *const tag)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = tag };
	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e))
		die("epoll_ctl");
}

int
main(const int argc, char **const argv)
{
	static char tag_listener, tag_timer, tag_stdin;
	struct epoll_event ready[EVENTS];

	signal(SIGPIPE, SIG_IGN);
	poller = epoll_create1(EPOLL_CLOEXEC);
	if (argc == 3)
		start_tls(argv[1], argv[2]);
	const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	const struct itimerspec second = { { 1, 0 }, { 1, 0 } };
	timerfd_settime(timer, 0, &second, NULL);
	const int listener = start_listener();
	add(listener, &tag_listener);
	add(timer, &tag_timer);
	add(STDIN_FILENO, &tag_stdin);
	for (;;) {
		const int n = epoll_wait(poller, ready, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			void *const tag = ready[i].data.ptr;
			if (tag == &tag_stdin)
				return 0;
			if (tag == &tag_listener)
				accept_all(listener);
			else if (tag == &tag_timer)
				ping_all(timer);
			else
				conn_ready(tag, ready[i].events);
		}
		free_dead();
	}
}
