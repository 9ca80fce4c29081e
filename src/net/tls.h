/* Certificate authorities, read once and shared by every TLS connection. */
#ifndef HR_NET_TLS_H
#define HR_NET_TLS_H

#include <stdbool.h>

#include "base/err.h"

struct tls_roots;

/* Nothing is read before the first use. Empty strings mean: `file` and `dir` the
 * system's own (OpenSSL's defaults), `extra` none. The strings are copied. */
enum err tls_roots_new(const char *file, const char *dir, const char *extra,
		       struct tls_roots **out) MUST_CHECK;
void tls_roots_free(struct tls_roots **r);

/* Reads the files if that was not done yet. Any thread. False, with a sentence
 * in `why` (may be NULL), when a named file cannot be used. */
bool tls_roots_load(struct tls_roots *r, char why[300]);

/* For CURLOPT_SSL_CTX_FUNCTION; `roots` is the userptr. */
int tls_setup_context(void *curl, void *ssl_ctx, void *roots);

#endif
