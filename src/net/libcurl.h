/* libcurl, loaded while the program already serves. It brings 25 libraries with
 * it, which cost 7 ms and 5 MB: three quarters of a start, for a library that
 * the first connection to an upstream needs, and no request before that.
 *
 * The functions of libcurl that we call are defined in libcurl.c under their own
 * names and pass on to the library, so that callers include <curl/curl.h> and
 * see nothing of this. A function that is not listed there does not link. */
#ifndef HR_NET_LIBCURL_H
#define HR_NET_LIBCURL_H

#include <stdbool.h>

/* Loads and initialises libcurl, once; any thread, others wait meanwhile. False
 * when it is missing or lacks something, now and ever after; `why`, if given,
 * gets a sentence. No other function of libcurl may be called before this was
 * true. */
bool libcurl_load(char why[300]);

#endif
