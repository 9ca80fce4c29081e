#include "net/libcurl.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#ifdef __APPLE__
#define LIBRARY "libcurl.4.dylib"
#else
#define LIBRARY "libcurl.so.4"
#endif

/* Macros of the same names check or limit the arguments of callers. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

#define SYMBOLS(X)                                                                                 \
	X(curl_global_init)                                                                        \
	X(curl_easy_init)                                                                          \
	X(curl_easy_cleanup)                                                                       \
	X(curl_easy_setopt)                                                                        \
	X(curl_easy_getinfo)                                                                       \
	X(curl_easy_send)                                                                          \
	X(curl_easy_recv)                                                                          \
	X(curl_easy_strerror)                                                                      \
	X(curl_multi_init)                                                                         \
	X(curl_multi_cleanup)                                                                      \
	X(curl_multi_setopt)                                                                       \
	X(curl_multi_assign)                                                                       \
	X(curl_multi_add_handle)                                                                   \
	X(curl_multi_remove_handle)                                                                \
	X(curl_multi_socket_action)                                                                \
	X(curl_multi_info_read)                                                                    \
	X(curl_share_init)                                                                         \
	X(curl_share_cleanup)                                                                      \
	X(curl_share_setopt)

static struct {
#define MEMBER(name) __typeof__(&name) name;
	SYMBOLS(MEMBER)
#undef MEMBER
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;
static char reason[300];

static bool
find(void *handle, const char *name, void *to)
{
	void *const at = dlsym(handle, name);

	if (!at) {
		snprintf(reason, sizeof reason, "%s has no %s.", LIBRARY, name);
		return false;
	}
	/* POSIX's way of making a function of a pointer to data. */
	*(void **)to = at;
	return true;
}

static void
load(void)
{
	void *const handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!handle) {
		snprintf(reason, sizeof reason, "libcurl cannot be loaded (%.200s).", dlerror());
		return;
	}
#define FIND(name)                                                                                 \
	if (!find(handle, #name, &library.name))                                                   \
		return;
	SYMBOLS(FIND)
#undef FIND
	loaded = library.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
	if (!loaded)
		snprintf(reason, sizeof reason, "libcurl cannot be initialised.");
}

bool
libcurl_load(char why[300])
{
	pthread_once(&once, load);
	if (!loaded && why)
		snprintf(why, sizeof reason, "%s", reason);
	return loaded;
}

/* ---- what callers of libcurl call ---- */

CURL *
curl_easy_init(void)
{
	return library.curl_easy_init();
}

void
curl_easy_cleanup(CURL *e)
{
	library.curl_easy_cleanup(e);
}

/* The third argument of the next four is a long or a pointer in every use of
 * ours: one word, which passes through as such. */
CURLcode
curl_easy_setopt(CURL *e, CURLoption option, ...)
{
	va_list ap;

	va_start(ap, option);
	void *const word = va_arg(ap, void *);
	va_end(ap);
	return library.curl_easy_setopt(e, option, word);
}

CURLcode
curl_easy_getinfo(CURL *e, CURLINFO info, ...)
{
	va_list ap;

	va_start(ap, info);
	void *const word = va_arg(ap, void *);
	va_end(ap);
	return library.curl_easy_getinfo(e, info, word);
}

CURLMcode
curl_multi_setopt(CURLM *m, CURLMoption option, ...)
{
	va_list ap;

	va_start(ap, option);
	void *const word = va_arg(ap, void *);
	va_end(ap);
	return library.curl_multi_setopt(m, option, word);
}

CURLSHcode
curl_share_setopt(CURLSH *s, CURLSHoption option, ...)
{
	va_list ap;

	va_start(ap, option);
	void *const word = va_arg(ap, void *);
	va_end(ap);
	return library.curl_share_setopt(s, option, word);
}

CURLcode
curl_easy_send(CURL *e, const void *p, size_t n, size_t *put)
{
	return library.curl_easy_send(e, p, n, put);
}

CURLcode
curl_easy_recv(CURL *e, void *p, size_t n, size_t *got)
{
	return library.curl_easy_recv(e, p, n, got);
}

const char *
curl_easy_strerror(CURLcode rc)
{
	return library.curl_easy_strerror(rc);
}

CURLM *
curl_multi_init(void)
{
	return library.curl_multi_init();
}

CURLMcode
curl_multi_cleanup(CURLM *m)
{
	return library.curl_multi_cleanup(m);
}

CURLMcode
curl_multi_assign(CURLM *m, curl_socket_t fd, void *data)
{
	return library.curl_multi_assign(m, fd, data);
}

CURLMcode
curl_multi_add_handle(CURLM *m, CURL *e)
{
	return library.curl_multi_add_handle(m, e);
}

CURLMcode
curl_multi_remove_handle(CURLM *m, CURL *e)
{
	return library.curl_multi_remove_handle(m, e);
}

CURLMcode
curl_multi_socket_action(CURLM *m, curl_socket_t fd, int flags, int *running)
{
	return library.curl_multi_socket_action(m, fd, flags, running);
}

CURLMsg *
curl_multi_info_read(CURLM *m, int *left)
{
	return library.curl_multi_info_read(m, left);
}

CURLSH *
curl_share_init(void)
{
	return library.curl_share_init();
}

CURLSHcode
curl_share_cleanup(CURLSH *s)
{
	return library.curl_share_cleanup(s);
}
