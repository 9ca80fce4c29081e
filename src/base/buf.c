#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAP ((size_t)256)

void
buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){ .limit = limit };
}

void
buf_free(struct buf *b)
{
	free(b->p);
	buf_init(b, b->limit);
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	b->err = OK;
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (b->err != OK)
		return NULL;
	if (n > b->limit - b->n) {
		b->err = ERR_LIMIT;
		return NULL;
	}
	if (n <= b->cap - b->n && b->p)
		return b->p + b->n;
	size_t cap = b->cap ? b->cap + b->cap / 2 : FIRST_CAP;
	if (cap < b->n + n)
		cap = b->n + n;
	/* One byte beyond the limit is kept for the NUL of buf_take. */
	if (cap > b->limit)
		cap = b->limit;
	char *const p = realloc(b->p, cap + 1);
	if (!p) {
		b->err = ERR_NOMEM;
		return NULL;
	}
	b->p = p;
	b->cap = cap;
	return p + b->n;
}

void
buf_add_growing(struct buf *b, const void *p, size_t n)
{
	char *const to = buf_reserve(b, n);

	if (!to)
		return;
	if (n)
		memcpy(to, p, n);
	b->n += n;
}

void
buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_add_u64(struct buf *b, unsigned long long v)
{
	char digits[20];
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, digits + at, sizeof digits - at);
}

void
buf_add_i64(struct buf *b, long long v)
{
	if (v < 0)
		buf_add_char(b, '-');
	buf_add_u64(b, v < 0 ? 0ull - (unsigned long long)v : (unsigned long long)v);
}

void
buf_addv(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	const int n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return;
	/* vsnprintf writes a NUL; buf_reserve always leaves one byte for it. */
	char *const to = buf_reserve(b, (size_t)n);
	if (!to)
		return;
	vsnprintf(to, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_addv(b, fmt, ap);
	va_end(ap);
}

void
buf_consume(struct buf *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
		return;
	}
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

void
buf_truncate(struct buf *b, size_t n)
{
	if (n < b->n)
		b->n = n;
}

char *
buf_take(struct buf *b, size_t *n)
{
	if (!buf_reserve(b, 0))
		return NULL;
	char *const p = b->p;
	p[b->n] = '\0';
	*n = b->n;
	buf_init(b, b->limit);
	return p;
}
