/* Answers of our own. */
#ifndef HR_PROXY_ERRORS_H
#define HR_PROXY_ERRORS_H

#include "proxy/request.h"

/* A kind of error: how each provider's shape names it. */
enum error_kind {
	ERROR_BAD_REQUEST,	/* 400, 405, 505 */
	ERROR_NOT_FOUND,	/* 404 */
	ERROR_FORBIDDEN,	/* 403 */
	ERROR_TOO_LARGE,	/* 413, 431 */
	ERROR_CLIENT_SLOW,	/* 408 */
	ERROR_UPSTREAM,		/* 502 */
	ERROR_OVERLOADED,	/* 503 */
	ERROR_UPSTREAM_SLOW,	/* 504 */
	ERROR_KINDS,		/* how many */
};

/* The body of an error in the shape of that provider's API (PROVIDER_NONE: of our
 * own endpoints). `message` says what was wrong and what to do. */
void error_body(enum provider p, int status, enum error_kind kind, const char *message,
		struct buf *out);

/* The standard's phrase, or "Error". */
const char *status_reason(int status);

/* Sends a whole answer of ours; the body is left out for HEAD. `headers`: further
 * lines, each with its line end. Next step: finish. */
enum step_result answer(struct request *r, int status, const char *content_type,
			struct span headers, struct span body);

/* Answers with an error in the shape of the request's provider. */
enum step_result answer_error(struct request *r, int status, enum error_kind kind,
			      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* For a client whose input never became a request: answers in our own shape and
 * ends the connection. */
void refuse(struct client *c, int status, enum error_kind kind, const char *message);

#endif
