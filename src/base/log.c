#include "base/log.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_LIMIT ((size_t)4096)
#define USUAL_LINE ((size_t)768)
#define WAITING_LIMIT ((size_t)256 << 10)
#define FLUSH_AT ((size_t)32 << 10)

/* The one logger. Set up before threads start; the rest is under `lock`. */
static struct {
	pthread_mutex_t lock;
	struct buf waiting;
	int fd;
	bool json;
	bool buffered;
	enum log_level least;
} logger = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.waiting = { .limit = WAITING_LIMIT },
	.fd = STDERR_FILENO,
	.least = LOG_INFO,
};

static const char *const level_names[] = { "debug", "info", "warn", "error" };

void
log_setup(int fd, bool json, enum log_level least)
{
	logger.fd = fd;
	logger.json = json;
	logger.least = least;
}

void
log_buffered(bool on)
{
	pthread_mutex_lock(&logger.lock);
	logger.buffered = on;
	pthread_mutex_unlock(&logger.lock);
	log_flush();
}

bool
log_wants(enum log_level level)
{
	return level >= logger.least;
}

/* As many whole lines from the front as a pipe with room takes without blocking. */
static size_t
next_piece(struct span waiting)
{
	if (waiting.n <= PIPE_BUF)
		return waiting.n;
	const char *const end = memrchr(waiting.p, '\n', PIPE_BUF);
	return end ? (size_t)(end - waiting.p) + 1 : PIPE_BUF;
}

/* Nobody may be reading (a parent that keeps our stderr in a pipe): lines are
 * dropped then, since waiting would stop every request and keeping them would
 * grow. */
static void
flush_locked(void)
{
	struct span left = buf_span(&logger.waiting);

	while (left.n) {
		struct pollfd room = { .fd = logger.fd, .events = POLLOUT };

		if (poll(&room, 1, 0) != 1 || !(room.revents & POLLOUT))
			break;
		const ssize_t n = write(logger.fd, left.p, next_piece(left));
		if (n <= 0)
			break;
		left = span_from(left, (size_t)n);
	}
	buf_clear(&logger.waiting);
}

void
log_flush(void)
{
	pthread_mutex_lock(&logger.lock);
	if (logger.waiting.n)
		flush_locked();
	pthread_mutex_unlock(&logger.lock);
}

/* Quoted as a JSON string; bytes that are not printable ASCII or UTF-8 lead and
 * continuation bytes are escaped. */
static void
add_quoted(struct buf *b, struct span s)
{
	buf_add_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\u%04x", c);
		else
			buf_add_char(b, (char)c);
	}
	buf_add_char(b, '"');
}

static bool
is_bare(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=')
			return false;
	}
	return s.n > 0;
}

static void
add_key(struct log_line *l, const char *key)
{
	buf_add_str(&l->text, l->json ? ",\"" : " ");
	buf_add_str(&l->text, key);
	buf_add_str(&l->text, l->json ? "\":" : "=");
}

void
log_begin(struct log_line *l, enum log_level level, const char *event)
{
	char now[25];

	l->level = level;
	l->json = logger.json;
	buf_init(&l->text, LINE_LIMIT);
	/* One allocation for the usual line; a failure shows at the first append. */
	if (!buf_reserve(&l->text, USUAL_LINE))
		return;
	clock_iso(clock_wall_ms(), now);
	/* No printf here and below: one line a request, a tenth of its CPU. */
	buf_add_str(&l->text, l->json ? "{\"time\":\"" : "");
	buf_add(&l->text, now, sizeof now - 1);
	buf_add_str(&l->text, l->json ? "\",\"level\":\"" : " ");
	buf_add_str(&l->text, level_names[level]);
	buf_add_str(&l->text, l->json ? "\",\"event\":\"" : " ");
	buf_add_str(&l->text, event);
	buf_add_str(&l->text, l->json ? "\"" : "");
}

void
log_span(struct log_line *l, const char *key, struct span value)
{
	const size_t before = l->text.n;

	if (!value.p)
		return;
	add_key(l, key);
	if (!l->json && is_bare(value))
		buf_add_span(&l->text, value);
	else
		add_quoted(&l->text, value);
	/* A field that does not fit is left out; the line stays whole. */
	if (buf_err(&l->text) != OK || l->text.n > LINE_LIMIT - 16) {
		l->text.err = OK;
		buf_truncate(&l->text, before);
	}
}

void
log_str(struct log_line *l, const char *key, const char *value)
{
	log_span(l, key, span_str(value));
}

void
log_u64(struct log_line *l, const char *key, uint64_t value)
{
	add_key(l, key);
	buf_add_u64(&l->text, value);
}

void
log_i64(struct log_line *l, const char *key, int64_t value)
{
	add_key(l, key);
	buf_add_i64(&l->text, value);
}

void
log_milli(struct log_line *l, const char *key, uint64_t thousandths)
{
	const char rest[] = { '.', (char)('0' + thousandths / 100 % 10),
			      (char)('0' + thousandths / 10 % 10), (char)('0' + thousandths % 10) };

	add_key(l, key);
	buf_add_u64(&l->text, thousandths / 1000);
	buf_add(&l->text, rest, sizeof rest);
}

void
log_bool(struct log_line *l, const char *key, bool value)
{
	add_key(l, key);
	buf_add_str(&l->text, value ? "true" : "false");
}

void
log_end(struct log_line *l)
{
	buf_add_str(&l->text, l->json ? "}\n" : "\n");
	if (log_wants(l->level)) {
		pthread_mutex_lock(&logger.lock);
		buf_add_span(&logger.waiting, buf_span(&l->text));
		if (!logger.buffered || l->level >= LOG_WARN || logger.waiting.n >= FLUSH_AT)
			flush_locked();
		pthread_mutex_unlock(&logger.lock);
	}
	buf_free(&l->text);
}

void
log_note(enum log_level level, const char *fmt, ...)
{
	char text[1024];
	struct log_line l;
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	log_begin(&l, level, "note");
	log_str(&l, "text", text);
	log_end(&l);
}
