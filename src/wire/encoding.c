#include "wire/encoding.h"

#include <stdint.h>
#include <stdlib.h>

#include <brotli/decode.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define OUT_BYTES 16384

/* What lies between two codings may be larger than the decoded body by what a
 * coding adds to bytes that it can not compress. */
#define SLACK 65536

struct coding;

/* One coding being taken off. */
struct stage {
	const struct coding *coding;
	union {
		z_stream z;
		ZSTD_DStream *zstd;
		BrotliDecoderState *br;
	};
	bool open;		/* the library's state exists */
	bool ended;
	size_t left;		/* bytes that may still come out */
};

/* What the libraries differ in. */
struct coding {
	struct span name;
	/* Makes the state; `first` is the first byte of the body. */
	enum err (*open)(struct stage *s, unsigned char first);
	/* Reads from *in, writes at most `cap` bytes, says how many in *n; sets
	 * s->ended when the coding says it is over. */
	enum err (*step)(struct stage *s, struct span *in, char *out, size_t cap, size_t *n);
	void (*close)(struct stage *s);
};

struct decoder {
	size_t count;
	struct stage stages[ENCODING_MAX_CODINGS];	/* in the order of decoding */
};

/* ---- zlib: gzip and deflate -------------------------------------------- */

static enum err
open_zlib(struct stage *s, int window_bits)
{
	s->z = (z_stream){ 0 };
	return inflateInit2(&s->z, window_bits) == Z_OK ? OK : ERR_NOMEM;
}

static enum err
gzip_open(struct stage *s, unsigned char first)
{
	(void)first;
	return open_zlib(s, 15 + 16);
}

/* A zlib stream begins with method 8 and a window of at most 32 KB. As the
 * beginning of raw deflate that byte would be a stored block with padding that
 * is not zero, which no encoder writes. */
static enum err
deflate_open(struct stage *s, unsigned char first)
{
	const bool zlib = (first & 15) == 8 && first >> 4 <= 7;

	return open_zlib(s, zlib ? 15 : -15);
}

static enum err
zlib_step(struct stage *s, struct span *in, char *out, size_t cap, size_t *n)
{
	const struct span part = span_head(*in, 1 << 30);

	s->z.next_in = (const Bytef *)part.p;
	s->z.avail_in = (uInt)part.n;
	s->z.next_out = (Bytef *)out;
	s->z.avail_out = (uInt)cap;
	const int r = inflate(&s->z, Z_NO_FLUSH);

	*in = span_from(*in, part.n - s->z.avail_in);
	*n = cap - s->z.avail_out;
	s->ended = r == Z_STREAM_END;
	if (r == Z_MEM_ERROR)
		return ERR_NOMEM;
	return r == Z_OK || r == Z_BUF_ERROR || r == Z_STREAM_END ? OK : ERR_SYNTAX;
}

static void
zlib_close(struct stage *s)
{
	inflateEnd(&s->z);
}

/* ---- zstd -------------------------------------------------------------- */

/* Frames of RFC 8878 begin with 28 b5 2f fd. The library may have been built to
 * read the formats before it too, which nobody sends and only widen the attack
 * surface: they begin with other octets. */
static enum err
zstd_open(struct stage *s, unsigned char first)
{
	if (first != 0x28)
		return ERR_SYNTAX;
	s->zstd = ZSTD_createDStream();
	if (s->zstd &&
	    !ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax,
						 ENCODING_ZSTD_WINDOW_LOG)))
		return OK;
	ZSTD_freeDStream(s->zstd);
	return ERR_NOMEM;
}

static enum err
zstd_step(struct stage *s, struct span *in, char *out, size_t cap, size_t *n)
{
	ZSTD_inBuffer from = { in->p, in->n, 0 };
	ZSTD_outBuffer to = { out, cap, 0 };
	const size_t r = ZSTD_decompressStream(s->zstd, &to, &from);

	*in = span_from(*in, from.pos);
	*n = to.pos;
	if (!ZSTD_isError(r)) {
		s->ended = r == 0;
		return OK;
	}
	switch (ZSTD_getErrorCode(r)) {
	case ZSTD_error_memory_allocation:
		return ERR_NOMEM;
	case ZSTD_error_frameParameter_windowTooLarge:
		return ERR_LIMIT;
	default:
		return ERR_SYNTAX;
	}
}

static void
zstd_close(struct stage *s)
{
	ZSTD_freeDStream(s->zstd);
}

/* ---- brotli ------------------------------------------------------------ */

static enum err
br_open(struct stage *s, unsigned char first)
{
	(void)first;
	s->br = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	return s->br ? OK : ERR_NOMEM;
}

static enum err
br_step(struct stage *s, struct span *in, char *out, size_t cap, size_t *n)
{
	size_t in_left = in->n;
	const uint8_t *next_in = (const uint8_t *)in->p;
	size_t out_left = cap;
	uint8_t *next_out = (uint8_t *)out;
	const BrotliDecoderResult r = BrotliDecoderDecompressStream(s->br, &in_left, &next_in,
								    &out_left, &next_out, NULL);

	*in = span_from(*in, in->n - in_left);
	*n = cap - out_left;
	s->ended = r == BROTLI_DECODER_RESULT_SUCCESS;
	if (r != BROTLI_DECODER_RESULT_ERROR)
		return OK;
	const BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(s->br);

	return code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
			       code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
		       ? ERR_NOMEM
		       : ERR_SYNTAX;
}

static void
br_close(struct stage *s)
{
	BrotliDecoderDestroyInstance(s->br);
}

/* ---- the chain --------------------------------------------------------- */

static const struct coding codings[] = {
	{ SPAN("gzip"), gzip_open, zlib_step, zlib_close },
	{ SPAN("x-gzip"), gzip_open, zlib_step, zlib_close },
	{ SPAN("deflate"), deflate_open, zlib_step, zlib_close },
	{ SPAN("zstd"), zstd_open, zstd_step, zstd_close },
	{ SPAN("br"), br_open, br_step, br_close },
};

static const struct coding *
find_coding(struct span name)
{
	for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
		if (span_eq_nocase(codings[i].name, name))
			return &codings[i];
	}
	return NULL;
}

/* The last element of a comma-separated list, trimmed; shortens the list. */
static struct span
last_element(struct span *list)
{
	size_t n = list->n;

	while (n && list->p[n - 1] != ',')
		n--;
	const struct span element = span_trim(span_from(*list, n));

	*list = span_head(*list, n ? n - 1 : 0);
	return element;
}

static bool
changes_nothing(struct span name)
{
	return name.n == 0 || span_eq_nocase(name, SPAN("identity"));
}

bool
encoding_is_identity(struct span encoding)
{
	while (encoding.n) {
		if (!changes_nothing(last_element(&encoding)))
			return false;
	}
	return true;
}

enum err
decoder_open(struct span encoding, size_t limit, struct decoder **out)
{
	const size_t more = limit < SIZE_MAX - SLACK ? limit + SLACK : SIZE_MAX;
	struct decoder *const d = calloc(1, sizeof(*d));

	if (!d)
		return ERR_NOMEM;
	/* The coding that was applied last is named last and taken off first. */
	while (encoding.n) {
		const struct span name = last_element(&encoding);

		if (changes_nothing(name))
			continue;
		const struct coding *const c = find_coding(name);

		if (!c || d->count == ENCODING_MAX_CODINGS) {
			free(d);
			return ERR_UNSUPPORTED;
		}
		d->stages[d->count++] = (struct stage){ .coding = c, .left = more };
	}
	if (d->count)
		d->stages[d->count - 1].left = limit;
	*out = d;
	return OK;
}

static enum err feed_stage(struct decoder *d, size_t at, struct span in, decoder_sink *sink,
			   void *arg);

static enum err
run_stage(struct decoder *d, size_t at, struct span in, decoder_sink *sink, void *arg)
{
	struct stage *const s = &d->stages[at];
	char out[OUT_BYTES];
	size_t n, used;

	do {
		const size_t before = in.n;

		n = 0;
		TRY(s->coding->step(s, &in, out, sizeof(out), &n));
		used = before - in.n;
		if (n > s->left)
			return ERR_LIMIT;
		s->left -= n;
		TRY(feed_stage(d, at + 1, span_of(out, n), sink, arg));
	} while (!s->ended && (n || used) && (in.n || n == sizeof(out)));
	return in.n ? ERR_SYNTAX : OK;
}

static enum err
feed_stage(struct decoder *d, size_t at, struct span in, decoder_sink *sink, void *arg)
{
	if (in.n == 0)
		return OK;
	if (at == d->count)
		return sink(arg, in);
	struct stage *const s = &d->stages[at];

	if (s->ended)
		return ERR_SYNTAX;
	if (!s->open) {
		TRY(s->coding->open(s, (unsigned char)in.p[0]));
		s->open = true;
	}
	return run_stage(d, at, in, sink, arg);
}

enum err
decoder_feed(struct decoder *d, struct span in, decoder_sink *sink, void *arg)
{
	return feed_stage(d, 0, in, sink, arg);
}

enum err
decoder_end(const struct decoder *d)
{
	for (size_t i = 0; i < d->count; i++) {
		if (!d->stages[i].ended)
			return ERR_SYNTAX;
	}
	return OK;
}

void
decoder_close(struct decoder **d)
{
	struct decoder *const gone = *d;

	*d = NULL;
	for (size_t i = 0; gone && i < gone->count; i++) {
		if (gone->stages[i].open)
			gone->stages[i].coding->close(&gone->stages[i]);
	}
	free(gone);
}

/* ---- whole bodies ------------------------------------------------------ */

static enum err
append(void *arg, struct span bytes)
{
	struct buf *const out = arg;

	buf_add_span(out, bytes);
	return buf_err(out);
}

enum err
encoding_decode(struct span in, struct span encoding, size_t limit, struct buf *out)
{
	const size_t before = out->n;
	struct decoder *d = NULL;

	TRY(buf_err(out));
	TRY(decoder_open(encoding, limit, &d));
	enum err e = d->count == 0 && in.n > limit ? ERR_LIMIT : OK;

	if (e == OK)
		e = decoder_feed(d, in, append, out);
	if (e == OK)
		e = decoder_end(d);
	decoder_close(&d);
	if (e != OK) {
		buf_truncate(out, before);
		out->err = OK;
	}
	return e;
}
