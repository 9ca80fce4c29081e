/* The listening sockets. */
#ifndef HR_NET_LISTENER_H
#define HR_NET_LISTENER_H

#include "net/client.h"

#define LISTENER_SOCKETS 8

struct listener {
	struct clients *clients;
	int fd[LISTENER_SOCKETS];
	uv_poll_t poll[LISTENER_SOCKETS];
	uint32_t count;
	uint16_t port;		/* the real one, also when 0 was asked for */
	struct timer pause;	/* after running out of descriptors */
};

/* Listens on settings host and port (every address that the name has) and
 * hands connections to `clients`. On failure `why` says in one sentence what
 * to do. */
enum err listener_open(struct listener *l, struct clients *clients, char why[300]) MUST_CHECK;

/* New connections are refused from now on. */
void listener_close(struct listener *l);

#endif
