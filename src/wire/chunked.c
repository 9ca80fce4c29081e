#include "wire/chunked.h"

#include "wire/octet.h"

/* A size of more than 63 bits is refused: nobody means it, and sums of what
 * was read stay far from overflow. */
#define MAX_DIGITS 16
#define MAX_SIZE (UINT64_MAX >> 1)

enum state {
	SIZE,		/* hex digits */
	BLANK,		/* blanks after the size: only an extension may follow */
	EXTENSION,
	SIZE_LF,	/* the CR of a size line was read */
	DATA,
	DATA_CR,	/* after a chunk's data */
	DATA_LF,
	TRAILER,	/* at the start of a trailer line or of the empty one */
	TRAILER_NAME,
	TRAILER_VALUE,
	TRAILER_LF,
	LAST_LF,	/* the CR of the empty line was read */
	END,
	BROKEN,
};

/* After the size: what may end or extend its line. */
static enum err
after_size(struct chunked *c, char ch)
{
	if (ch == '\r')
		c->state = SIZE_LF;
	else if (ch == ';')
		c->state = EXTENSION;
	else if (ch == ' ' || ch == '\t')
		c->state = BLANK;
	else
		return ERR_SYNTAX;
	return OK;
}

static enum err
size_octet(struct chunked *c, char ch)
{
	const int digit = octet_hex(ch);

	if (digit < 0)
		return c->digits ? after_size(c, ch) : ERR_SYNTAX;
	if (c->digits == MAX_DIGITS || c->left > MAX_SIZE >> 4)
		return ERR_SYNTAX;
	c->left = c->left << 4 | (unsigned)digit;
	c->digits++;
	return OK;
}

/* One octet of a line that tells a chunk's size. */
static enum err
size_line(struct chunked *c, char ch)
{
	if (++c->line > CHUNKED_MAX_LINE)
		return ERR_LIMIT;
	switch (c->state) {
	case SIZE:
		return size_octet(c, ch);
	case BLANK:
		return ch == '\r' ? ERR_SYNTAX : after_size(c, ch);
	case EXTENSION:
		if (ch == '\r')
			c->state = SIZE_LF;
		else if (!octet_is(ch, OCTET_FIELD))
			return ERR_SYNTAX;
		return OK;
	default: /* SIZE_LF */
		if (ch != '\n')
			return ERR_SYNTAX;
		c->state = c->left ? DATA : TRAILER;
		c->line = 0;
		c->digits = 0;
		return OK;
	}
}

/* One octet of the line break after a chunk's data. */
static enum err
after_data(struct chunked *c, char ch)
{
	if (ch != (c->state == DATA_CR ? '\r' : '\n'))
		return ERR_SYNTAX;
	c->state = c->state == DATA_CR ? DATA_LF : SIZE;
	return OK;
}

/* One octet of the trailers or of the empty line that ends the body. */
static enum err
trailer(struct chunked *c, char ch)
{
	if (++c->trailer > CHUNKED_MAX_TRAILERS + 2)
		return ERR_LIMIT;
	switch (c->state) {
	case TRAILER:
		if (ch != '\r' && !octet_is(ch, OCTET_TOKEN))
			return ERR_SYNTAX;
		c->state = ch == '\r' ? LAST_LF : TRAILER_NAME;
		return OK;
	case TRAILER_NAME:
		if (ch == ':')
			c->state = TRAILER_VALUE;
		else if (!octet_is(ch, OCTET_TOKEN))
			return ERR_SYNTAX;
		return OK;
	case TRAILER_VALUE:
		if (ch == '\r')
			c->state = TRAILER_LF;
		else if (!octet_is(ch, OCTET_FIELD))
			return ERR_SYNTAX;
		return OK;
	default: /* TRAILER_LF, LAST_LF */
		if (ch != '\n')
			return ERR_SYNTAX;
		c->state = c->state == LAST_LF ? END : TRAILER;
		return OK;
	}
}

static enum err
octet(struct chunked *c, char ch)
{
	if (c->state <= SIZE_LF)
		return size_line(c, ch);
	if (c->state <= DATA_LF)
		return after_data(c, ch);
	return trailer(c, ch);
}

static struct span
take_data(struct chunked *c, struct span *in)
{
	const struct span data = span_head(*in, c->left < SIZE_MAX ? (size_t)c->left : SIZE_MAX);

	*in = span_from(*in, data.n);
	c->left -= data.n;
	if (c->left == 0)
		c->state = DATA_CR;
	return data;
}

enum err
chunked_read(struct chunked *c, struct span *in, struct span *data, bool *end)
{
	struct span got = SPAN_NONE;

	if (c->state == BROKEN)
		return ERR_SYNTAX;
	while (in->n && c->state != END && got.n == 0) {
		if (c->state == DATA) {
			got = take_data(c, in);
			continue;
		}
		const enum err e = octet(c, in->p[0]);

		if (e != OK) {
			c->state = BROKEN;
			return e;
		}
		*in = span_from(*in, 1);
	}
	*data = got;
	*end = c->state == END;
	return OK;
}

bool
chunked_ended(const struct chunked *c)
{
	return c->state == END;
}

size_t
chunked_head(uint64_t n, char out[CHUNKED_HEAD_MAX])
{
	size_t digits = 1;

	while (digits < 16 && n >> 4 * digits)
		digits++;
	for (size_t i = 0; i < digits; i++)
		out[i] = "0123456789abcdef"[n >> 4 * (digits - 1 - i) & 15];
	out[digits] = '\r';
	out[digits + 1] = '\n';
	return digits + 2;
}
