/* A growable byte buffer with a hard limit and one sticky failure. */
#ifndef HR_BASE_BUF_H
#define HR_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

/* Embed it. Appending after a failure does nothing, so a writer appends freely
 * and asks buf_err once at the end. */
struct buf {
	char *p;
	size_t n;		/* bytes in use */
	size_t cap;
	size_t limit;		/* most bytes it may hold */
	enum err err;		/* first failure: ERR_NOMEM or ERR_LIMIT */
};

/* An empty buffer that may grow to `limit` bytes; takes no memory yet. */
void buf_init(struct buf *b, size_t limit);

/* Gives the memory back; the buffer is empty and usable again. */
void buf_free(struct buf *b);

/* Empties it, keeps its memory, forgets a failure. */
void buf_clear(struct buf *b);

/* buf_add where there is no room yet. */
void buf_add_growing(struct buf *b, const void *p, size_t n);

/* In line while there is room: writers add many small pieces. */
static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (b->err != OK || !b->p || n > b->cap - b->n) {
		buf_add_growing(b, p, n);
		return;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void
buf_add_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

static inline void
buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_add_str(struct buf *b, const char *s);
void buf_add_u64(struct buf *b, unsigned long long v);
void buf_add_i64(struct buf *b, long long v);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* Room for `n` more bytes to be written at b->p + b->n by the caller, who then
 * adds what he wrote to b->n. NULL on failure (sticky). */
char *buf_reserve(struct buf *b, size_t n) MUST_CHECK;

/* Removes the first `n` bytes (at most all of them). */
void buf_consume(struct buf *b, size_t n);

/* Shortens it to `n` bytes (no effect if it is shorter). */
void buf_truncate(struct buf *b, size_t n);

/* Hands the memory to the caller, who frees it with free(). A NUL follows the
 * bytes. NULL after a failure. The buffer is empty afterwards. */
char *buf_take(struct buf *b, size_t *n) MUST_CHECK;

static inline struct span
buf_span(const struct buf *b)
{
	return (struct span){ b->p ? b->p : "", b->n };
}

static inline enum err
buf_err(const struct buf *b)
{
	return b->err;
}

#endif
