#include "proxy/errors.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"
#include "base/log.h"
#include "json/write.h"
#include "proxy/state.h"

#define BODY_LIMIT ((size_t)4096)

static const struct {
	const char *anthropic;	/* also ours */
	const char *openai;
	const char *code;
	const char *gemini;
} names[ERROR_KINDS] = {
	[ERROR_BAD_REQUEST] = { "invalid_request_error", "invalid_request_error", NULL,
				"INVALID_ARGUMENT" },
	[ERROR_NOT_FOUND] = { "not_found_error", "invalid_request_error", "not_found", "NOT_FOUND" },
	[ERROR_FORBIDDEN] = { "permission_error", "invalid_request_error", "forbidden",
			      "PERMISSION_DENIED" },
	[ERROR_TOO_LARGE] = { "request_too_large", "invalid_request_error", "request_too_large",
			      "INVALID_ARGUMENT" },
	[ERROR_CLIENT_SLOW] = { "timeout_error", "invalid_request_error", "request_timeout",
				"DEADLINE_EXCEEDED" },
	[ERROR_UPSTREAM] = { "api_error", "server_error", "upstream_error", "UNAVAILABLE" },
	[ERROR_OVERLOADED] = { "overloaded_error", "server_error", "overloaded", "UNAVAILABLE" },
	[ERROR_UPSTREAM_SLOW] = { "timeout_error", "server_error", "upstream_timeout",
				  "DEADLINE_EXCEEDED" },
};

static void
anthropic_body(struct json_writer *w, enum error_kind kind, const char *message)
{
	jw_object(w);
	jw_kstring(w, "type", "error");
	jw_key(w, "error");
	jw_object(w);
	jw_kstring(w, "type", names[kind].anthropic);
	jw_kstring(w, "message", message);
	jw_end_object(w);
	jw_end_object(w);
}

static void
openai_body(struct json_writer *w, enum error_kind kind, const char *message)
{
	jw_object(w);
	jw_key(w, "error");
	jw_object(w);
	jw_kstring(w, "message", message);
	jw_kstring(w, "type", names[kind].openai);
	jw_kstring(w, "param", NULL);
	jw_kstring(w, "code", names[kind].code);
	jw_end_object(w);
	jw_end_object(w);
}

static void
gemini_body(struct json_writer *w, int status, enum error_kind kind, const char *message)
{
	jw_object(w);
	jw_key(w, "error");
	jw_object(w);
	jw_ku64(w, "code", (uint64_t)status);
	jw_kstring(w, "message", message);
	jw_kstring(w, "status", names[kind].gemini);
	jw_end_object(w);
	jw_end_object(w);
}

static void
own_body(struct json_writer *w, const char *type, const char *message)
{
	jw_object(w);
	jw_kstring(w, "detail", message);
	jw_key(w, "error");
	jw_object(w);
	jw_kstring(w, "type", type);
	jw_kstring(w, "message", message);
	jw_end_object(w);
	jw_end_object(w);
}

void
error_body(enum provider p, int status, enum error_kind kind, const char *message, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	switch (p) {
	case PROVIDER_ANTHROPIC:
		anthropic_body(&w, kind, message);
		break;
	case PROVIDER_OPENAI:
		openai_body(&w, kind, message);
		break;
	case PROVIDER_GEMINI:
		gemini_body(&w, status, kind, message);
		break;
	case PROVIDER_NONE:
		own_body(&w, names[kind].anthropic, message);
		break;
	}
}

void
admin_error(struct admin_call *c, int status, const char *type, const char *detail)
{
	struct json_writer w;

	c->status = status;
	c->content_type = NULL;
	buf_clear(&c->reply);
	jw_init(&w, &c->reply);
	own_body(&w, type, detail);
}

const char *
status_reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} table[] = {
		{ 200, "OK" },
		{ 204, "No Content" },
		{ 400, "Bad Request" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 413, "Content Too Large" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].status == status)
			return table[i].reason;
	return "Error";
}

static void
add_head(struct buf *b, int status, const char *content_type, struct span headers, size_t length,
	 const char *connection)
{
	buf_addf(b, "HTTP/1.1 %d %s\r\n", status, status_reason(status));
	if (content_type)
		buf_addf(b, "content-type: %s\r\n", content_type);
	buf_addf(b, "content-length: %zu\r\n", length);
	if (connection)
		buf_addf(b, "connection: %s\r\n", connection);
	buf_add_span(b, headers);
	buf_add_str(b, "\r\n");
}

enum step_result
answer(struct request *r, int status, const char *content_type, struct span headers,
       struct span body)
{
	struct client *const c = r->client;
	struct buf head;
	struct iovec v[2];

	/* An unread body cannot be told from a next request. */
	r->keep_client = r->keep_client && r->in.ended && !c->all->draining;
	r->status = status;
	r->answered = true;
	buf_init(&head, BODY_LIMIT);
	add_head(&head, status, content_type, headers, body.n,
		 !r->keep_client ? "close" : r->head.minor == 0 ? "keep-alive" : NULL);
	v[0] = (struct iovec){ head.p, head.n };
	memcpy(&v[1].iov_base, &body.p, sizeof body.p);	/* written out, never to */
	v[1].iov_len = r->head_only ? 0 : body.n;
	const enum err e = buf_err(&head) != OK ? buf_err(&head) : client_send(c, v, 2);
	buf_free(&head);
	if (e != OK)
		return request_break(r, OUTCOME_CLIENT_GONE, ENDING_RESET);
	return request_go(r, STEP_finish);
}

enum step_result
answer_error(struct request *r, int status, enum error_kind kind, const char *fmt, ...)
{
	char message[600];
	struct buf body;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	if (r->outcome == OUTCOME_OK)
		r->outcome = kind == ERROR_UPSTREAM_SLOW ? OUTCOME_UPSTREAM_TIMEOUT
			     : status >= 500		 ? OUTCOME_UPSTREAM_ERROR
							 : OUTCOME_REFUSED;
	if (status >= 502 && status <= 504)
		r->proxy->counters->errors_own++;
	buf_init(&body, BODY_LIMIT);
	error_body(r->route.provider, status, kind, message, &body);
	const enum step_result s =
		answer(r, status, "application/json",
		       status == 503 ? SPAN("retry-after: 1\r\n") : SPAN_NONE, buf_span(&body));
	buf_free(&body);
	return s;
}

/* There is no request to report; what came is not repeated. */
static void
log_refusal(int status, const char *message)
{
	struct log_line l;

	if (!log_wants(LOG_INFO))
		return;
	log_begin(&l, LOG_INFO, "request");
	log_u64(&l, "status", (uint64_t)status);
	log_str(&l, "outcome", "refused");
	log_str(&l, "why", message);
	log_end(&l);
}

void
refuse(struct client *c, int status, enum error_kind kind, const char *message)
{
	struct buf body, all;

	buf_init(&body, BODY_LIMIT);
	buf_init(&all, BODY_LIMIT * 2);
	log_refusal(status, message);
	error_body(PROVIDER_NONE, status, kind, message, &body);
	add_head(&all, status, "application/json", SPAN_NONE, body.n, "close");
	buf_add_span(&all, buf_span(&body));
	const struct iovec v = { all.p, all.n };
	if (buf_err(&all) != OK || client_send(c, &v, 1) != OK)
		client_close(c);
	else
		client_end(c, true);
	buf_free(&body);
	buf_free(&all);
}
