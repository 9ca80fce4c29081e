/* Reaching an origin: DNS, happy eyeballs, proxies and TLS, all by libcurl. */
#ifndef HR_NET_DIAL_H
#define HR_NET_DIAL_H

#include <curl/curl.h>

#include "base/settings.h"
#include "net/loop.h"
#include "net/origin.h"
#include "net/tls.h"

/* What the connections of one loop share. */
struct dialer {
	struct loop *loop;
	struct tls_roots *roots;
	const struct settings *settings;
	CURLSH *share;		/* DNS answers and TLS sessions; NULL before first use */
};

void dialer_init(struct dialer *d, struct loop *l, const struct settings *s, struct tls_roots *r);

/* After the last connection made with it is closed. */
void dialer_free(struct dialer *d);

enum dial_failure {
	DIAL_OK,
	DIAL_NO_ADDRESS,	/* the name does not resolve */
	DIAL_REFUSED,		/* nobody listens, or no route */
	DIAL_TIMEOUT,
	DIAL_TLS,		/* handshake or certificate */
	DIAL_PROXY,		/* the proxy did not connect us */
	DIAL_OTHER,
};

/* A connected socket. With `easy` NULL it is a plain one, ours to close; else
 * bytes go through curl_easy_send and curl_easy_recv, and both handles live as
 * long as the connection. */
struct link {
	int fd;
	CURL *easy;
	CURLM *multi;
};

void link_close(struct link *l);

struct dial_result {
	enum dial_failure failure;
	bool passing;			/* another attempt may well succeed */
	char text[CURL_ERROR_SIZE];	/* libcurl's sentence; for logs and error bodies */
	struct link link;		/* with DIAL_OK; the receiver's to close */
};

struct dial;

/* Begins to connect. `done` is called once, from the loop, unless the dial is
 * cancelled before; the dial is gone by then. ERR_NOMEM. */
enum err dial_start(struct dialer *shared, const struct origin *o,
		    void (*done)(void *user, const struct dial_result *r), void *user,
		    struct dial **out) MUST_CHECK;
void dial_cancel(struct dial **d);

#endif
