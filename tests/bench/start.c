/* Times a server from exec to its first 200.
 *
 *   bench-start PORT PATH PROGRAM [ARG ...]
 *       Starts PROGRAM with the environment and stderr of its own, asks
 *       127.0.0.1:PORT for PATH every 50 µs until it answers 200, prints the
 *       milliseconds since just before the exec, and ends PROGRAM by SIGTERM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GIVE_UP_MS = 20000, STOP_MS = 5000 };

static double
now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool
answers(const struct sockaddr_in *const to, const char *const path)
{
	char text[1024];
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = false;
	if (fd >= 0 && connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0) {
		const int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nhost: localhost\r\n\r\n", path);
		if (send(fd, text, (size_t)n, MSG_NOSIGNAL) == n)
			ok = recv(fd, text, sizeof(text), 0) > 12 && memcmp(text, "HTTP/1.1 200", 12) == 0;
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Ends the child; a child that does not end in time is killed. */
static bool
stop(const pid_t child)
{
	const double from = now_ms();
	kill(child, SIGTERM);
	while (waitpid(child, NULL, WNOHANG) == 0) {
		if (now_ms() - from > STOP_MS) {
			fprintf(stderr, "bench-start: it did not end within 5 s of SIGTERM\n");
			kill(child, SIGKILL);
			waitpid(child, NULL, 0);
			return false;
		}
		usleep(500);
	}
	return true;
}

int
main(const int argc, char **const argv)
{
	if (argc < 4) {
		fprintf(stderr, "bench-start: PORT PATH PROGRAM are missing\n");
		return 2;
	}
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const double from = now_ms();
	const pid_t child = fork();
	if (child == 0) {
		execv(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	prctl(PR_SET_TIMERSLACK, 1000); /* not before the fork, which passes it on */
	bool ok = false;
	while (!ok && now_ms() - from < GIVE_UP_MS && waitpid(child, NULL, WNOHANG) == 0) {
		ok = answers(&to, argv[2]);
		if (!ok)
			usleep(50);
	}
	const double ms = now_ms() - from;
	if (!ok) {
		fprintf(stderr, "bench-start: no 200 from %s\n", argv[3]);
		kill(child, SIGKILL);
		return 1;
	}
	printf("%.3f\n", ms);
	return stop(child) ? 0 : 1;
}
