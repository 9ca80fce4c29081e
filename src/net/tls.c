#include "net/tls.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tls_roots {
	pthread_mutex_t lock;
	char *file, *dir, *extra;
	X509_STORE *store;	/* NULL until loaded */
	char why[300];		/* why loading failed */
	bool tried;
};

enum err
tls_roots_new(const char *file, const char *dir, const char *extra, struct tls_roots **out)
{
	struct tls_roots *r = calloc(1, sizeof *r);

	if (!r)
		return ERR_NOMEM;
	pthread_mutex_init(&r->lock, NULL);
	r->file = strdup(file);
	r->dir = strdup(dir);
	r->extra = strdup(extra);
	if (!r->file || !r->dir || !r->extra) {
		tls_roots_free(&r);
		return ERR_NOMEM;
	}
	*out = r;
	return OK;
}

void
tls_roots_free(struct tls_roots **r)
{
	if (!*r)
		return;
	X509_STORE_free((*r)->store);
	pthread_mutex_destroy(&(*r)->lock);
	free((*r)->file);
	free((*r)->dir);
	free((*r)->extra);
	free(*r);
	*r = NULL;
}

static bool
add_file(struct tls_roots *r, X509_STORE *s, const char *path)
{
	ERR_clear_error();
	if (X509_STORE_load_file(s, path) == 1)
		return true;
	snprintf(r->why, sizeof r->why, "The certificates in %.200s cannot be read (%s).", path,
		 ERR_reason_error_string(ERR_peek_error()) ?: "not PEM");
	return false;
}

/* The system's store; unlike a file that somebody named, it may be missing. */
static void
add_defaults(X509_STORE *s)
{
	ERR_clear_error();
	X509_STORE_load_file(s, X509_get_default_cert_file());
	X509_STORE_load_path(s, X509_get_default_cert_dir());
	ERR_clear_error();
}

static X509_STORE *
read_store(struct tls_roots *r)
{
	X509_STORE *const s = X509_STORE_new();

	if (!s) {
		snprintf(r->why, sizeof r->why, "No memory for the certificate store.");
		return NULL;
	}
	if (!r->file[0] && !r->dir[0])
		add_defaults(s);
	if (r->dir[0])
		X509_STORE_load_path(s, r->dir);
	/* A provider behind an intermediate that somebody chose to trust. */
	X509_STORE_set_flags(s, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
	if ((r->file[0] && !add_file(r, s, r->file)) || (r->extra[0] && !add_file(r, s, r->extra))) {
		X509_STORE_free(s);
		return NULL;
	}
	return s;
}

bool
tls_roots_load(struct tls_roots *r, char why[300])
{
	pthread_mutex_lock(&r->lock);
	if (!r->tried) {
		r->tried = true;
		r->store = read_store(r);
	}
	const bool ok = r->store != NULL;
	if (!ok && why)
		memcpy(why, r->why, sizeof r->why);
	pthread_mutex_unlock(&r->lock);
	return ok;
}

int
tls_setup_context(void *curl, void *ssl_ctx, void *roots)
{
	struct tls_roots *const r = roots;
	SSL_CTX *const ctx = ssl_ctx;

	(void)curl;
	if (!tls_roots_load(r, NULL))
		return CURLE_SSL_CACERT_BADFILE;
	SSL_CTX_set1_cert_store(ctx, r->store);
	/* Idle connections give their buffers back; no bytes are read ahead, so
	 * that a readable socket always means readable data. */
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_read_ahead(ctx, 0);
	return CURLE_OK;
}
