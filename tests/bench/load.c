/* A load client for what wrk does not do: one request after another with exact
 * percentiles, turn by turn against several servers, and many open streams.
 *
 *   bench-load [-n REQUESTS] [-w WARM_UP] PORT[,PORT ...] FILE ...
 *       Each FILE is a raw HTTP/1.1 request. Request i goes to each port in
 *       turn, each on its own kept-alive connection, and is FILE i modulo their
 *       number; the warm-up requests come first and are not counted. Prints for
 *       each port, in order:
 *           {"requests":N,"errors":N,"p50":US,"p90":US,"p99":US,"max":US,"first50":US,"first99":US}
 *       from before the first byte was written to the last byte read; first: to
 *       the first byte read. Anything but a 200 is an error.
 *
 *   bench-load -o STREAMS PORT FILE
 *       Opens that many connections, sends FILE on each, waits for a first event
 *       on each, prints "open", reads on until stdin ends, then prints
 *           {"streams":N,"bytes":N,"ended":N}
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TARGETS = 8, HEAD_MAX = 32 * 1024 };

struct request {
	char *bytes;
	size_t size;
};

struct target {
	uint16_t port;
	int fd; /* -1 when not connected */
	uint64_t errors;
	double *last, *first; /* µs of each counted request */
};

/* How far a response has been read. */
struct reply {
	size_t head_size;
	bool has_head, chunked, done, ok, keep;
	uint64_t left; /* of the body, or of a chunk with its line end */
	char line[32]; /* a chunk's size line so far */
	size_t line_size;
	bool last_chunk;
};

static char head[HEAD_MAX]; /* of the response being read */
static char input[256 * 1024];

static void
die(const char *const what)
{
	fprintf(stderr, "bench-load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double
now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static struct request
load_request(const char *const path)
{
	struct request r = { 0 };
	struct stat st;
	FILE *const f = fopen(path, "rb");
	if (!f || fstat(fileno(f), &st))
		die(path);
	r.size = (size_t)st.st_size;
	r.bytes = malloc(r.size);
	if (!r.bytes || fread(r.bytes, 1, r.size, f) != r.size)
		die(path);
	fclose(f);
	return r;
}

static int
dial(const uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	return fd;
}

static bool
send_all(const int fd, const struct request *const r)
{
	size_t sent = 0;
	while (sent < r->size) {
		const ssize_t n = send(fd, r->bytes + sent, r->size - sent, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		sent += (size_t)n;
	}
	return true;
}

/* A body of chunks; trailers are not expected and end nothing. */
static void
take_chunks(struct reply *const r, const char *p, size_t n)
{
	while (n > 0 && !r->done) {
		if (r->left > 0) {
			const size_t k = n < r->left ? n : (size_t)r->left;
			p += k;
			n -= k;
			r->left -= k;
			r->done = r->left == 0 && r->last_chunk;
			continue;
		}
		const char c = *p++;
		n--;
		if (r->line_size < sizeof(r->line) - 1)
			r->line[r->line_size++] = c;
		if (c != '\n')
			continue;
		r->line[r->line_size] = 0;
		r->line_size = 0;
		const uint64_t size = strtoull(r->line, NULL, 16);
		r->last_chunk = size == 0;
		r->left = size + 2;
	}
}

static void
take_body(struct reply *const r, const char *const p, const size_t n)
{
	if (r->chunked) {
		take_chunks(r, p, n);
		return;
	}
	r->left -= n < r->left ? n : r->left;
	r->done = r->left == 0;
}

static void
take(struct reply *const r, const char *const p, const size_t n)
{
	if (r->has_head) {
		take_body(r, p, n);
		return;
	}
	const size_t room = HEAD_MAX - 1 - r->head_size;
	const size_t k = n < room ? n : room;
	memcpy(head + r->head_size, p, k);
	const size_t old = r->head_size;
	r->head_size += k;
	head[r->head_size] = 0;
	const char *const end = strstr(head, "\r\n\r\n");
	if (!end) {
		if (k < n)
			die("a response head of over 32 KB");
		return;
	}
	const size_t used = (size_t)(end + 4 - head) - old;
	const char *const length = strcasestr(head, "\r\ncontent-length:");
	r->has_head = true;
	r->ok = strncmp(head, "HTTP/1.1 200 ", 13) == 0;
	r->keep = !strcasestr(head, "\r\nconnection: close");
	r->chunked = strcasestr(head, "\r\ntransfer-encoding: chunked");
	r->left = length && length < end ? strtoull(length + 17, NULL, 10) : 0;
	r->done = !r->chunked && r->left == 0;
	if (used < n && !r->done)
		take_body(r, p + used, n - used);
}

/* One request and its whole response; false when it broke or was no 200. */
static bool
exchange(struct target *const t, const struct request *const r, double *const first, double *const last)
{
	struct reply reply = { 0 };
	if (t->fd < 0)
		t->fd = dial(t->port);
	const double start = now_us();
	bool alive = send_all(t->fd, r);
	*first = 0;
	while (alive && !reply.done) {
		const ssize_t n = recv(t->fd, input, sizeof(input), 0);
		if (*first == 0)
			*first = now_us() - start;
		alive = n > 0;
		if (alive)
			take(&reply, input, (size_t)n);
	}
	*last = now_us() - start;
	if (!alive || !reply.keep) {
		close(t->fd);
		t->fd = -1;
	}
	return alive && reply.ok;
}

static int
ascending(const void *const a, const void *const b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The value below which a share p of the sorted ones lies (nearest rank). */
static double
rank(const double *const sorted, const size_t n, const double p)
{
	const size_t i = (size_t)(p * (double)n);
	return sorted[i < n ? i : n - 1];
}

static void
report(struct target *const t, const size_t n)
{
	qsort(t->last, n, sizeof(double), ascending);
	qsort(t->first, n, sizeof(double), ascending);
	printf("{\"requests\":%zu,\"errors\":%llu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f,"
		"\"first50\":%.1f,\"first99\":%.1f}\n",
		n, (unsigned long long)t->errors, rank(t->last, n, .5), rank(t->last, n, .9),
		rank(t->last, n, .99), t->last[n - 1], rank(t->first, n, .5), rank(t->first, n, .99));
}

static void
run_in_turn(struct target *const targets, const size_t count, const struct request *const files,
	const size_t file_count, const size_t warm, const size_t requests)
{
	for (size_t i = 0; i < count; i++) {
		targets[i].last = calloc(requests, sizeof(double));
		targets[i].first = calloc(requests, sizeof(double));
		if (!targets[i].last || !targets[i].first)
			die("out of memory");
	}
	for (size_t k = 0; k < warm + requests; k++) {
		for (size_t i = 0; i < count; i++) {
			struct target *const t = &targets[i];
			double first, last;
			t->errors += !exchange(t, &files[k % file_count], &first, &last);
			if (k >= warm) {
				t->first[k - warm] = first;
				t->last[k - warm] = last;
			}
		}
	}
	for (size_t i = 0; i < count; i++)
		report(&targets[i], requests);
}

/* Reads what is there on each stream once; returns the bytes. */
static uint64_t
drain(struct pollfd *const streams, const size_t n, size_t *const ended)
{
	uint64_t bytes = 0;
	for (size_t i = 1; i <= n; i++) {
		if (streams[i].fd < 0 || !streams[i].revents)
			continue;
		const ssize_t got = recv(streams[i].fd, input, sizeof(input), MSG_DONTWAIT);
		if (got > 0)
			bytes += (uint64_t)got;
		else if (got == 0 || errno != EAGAIN) {
			close(streams[i].fd);
			streams[i].fd = -1;
			++*ended;
		}
	}
	return bytes;
}

static void
open_stream(struct pollfd *const stream, const uint16_t port, const struct request *const r)
{
	char text[64 * 1024];
	size_t n = 0;
	*stream = (struct pollfd){ .fd = dial(port), .events = POLLIN };
	if (!send_all(stream->fd, r))
		die("the request was not taken");
	do {
		const ssize_t got = recv(stream->fd, text + n, sizeof(text) - 1 - n, 0);
		if (got <= 0)
			die("a stream ended before its first event");
		n += (size_t)got;
		text[n] = 0;
		if (n > 12 && strncmp(text, "HTTP/1.1 200", 12) != 0)
			die(text);
	} while (!strstr(text, "data:"));
}

static void
hold_open(const uint16_t port, const struct request *const r, const size_t n)
{
	uint64_t bytes = 0;
	size_t ended = 0;
	struct pollfd *const streams = calloc(n + 1, sizeof(*streams));
	if (!streams)
		die("out of memory");
	streams[0] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
	for (size_t i = 1; i <= n; i++)
		open_stream(&streams[i], port, r);
	puts("open");
	fflush(stdout);
	while (poll(streams, n + 1, -1) > 0 && !streams[0].revents)
		bytes += drain(streams, n, &ended);
	printf("{\"streams\":%zu,\"bytes\":%llu,\"ended\":%zu}\n", n, (unsigned long long)bytes, ended);
}

int
main(const int argc, char **const argv)
{
	struct target targets[TARGETS];
	size_t count = 0, requests = 100, warm = 0, streams = 0;
	int option;

	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt(argc, argv, "n:w:o:")) != -1) {
		size_t *const to = option == 'n' ? &requests : option == 'w' ? &warm : &streams;
		if (option == '?')
			return 2;
		*to = strtoul(optarg, NULL, 10);
	}
	if (argc - optind < 2 || requests == 0) {
		fprintf(stderr, "bench-load: PORT[,PORT ...] FILE ... are missing\n");
		return 2;
	}
	for (char *p = strtok(argv[optind], ","); p && count < TARGETS; p = strtok(NULL, ","))
		targets[count++] = (struct target){ .port = (uint16_t)strtoul(p, NULL, 10), .fd = -1 };
	const size_t file_count = (size_t)(argc - optind - 1);
	struct request *const files = calloc(file_count, sizeof(*files));
	if (!files)
		die("out of memory");
	for (size_t i = 0; i < file_count; i++)
		files[i] = load_request(argv[optind + 1 + (int)i]);
	if (streams > 0)
		hold_open(targets[0].port, &files[0], streams);
	else
		run_in_turn(targets, count, files, file_count, warm, requests);
	return 0;
}
