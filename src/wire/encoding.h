/* Content codings (RFC 9110 §8.4): gzip, deflate, zstd and br taken off, with
 * every output bounded. */
#ifndef HR_WIRE_ENCODING_H
#define HR_WIRE_ENCODING_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define ENCODING_MAX_CODINGS 3		/* in one Content-Encoding */
#define ENCODING_ZSTD_WINDOW_LOG 23	/* 8 MB, the most of RFC 9659 */

/* A decoder of one body, fed piece by piece. On the heap with the libraries'
 * state (about 40 KB for gzip, up to 16 MB for br and 8 MB for zstd, as the
 * sender chose); one owner. */
struct decoder;

/* Takes decoded bytes, valid during the call. A failure ends the decoding. */
typedef enum err decoder_sink(void *arg, struct span bytes);

/* Does the Content-Encoding change nothing: absent, empty or "identity"? */
bool encoding_is_identity(struct span encoding);

/* A decoder for the value of a Content-Encoding, such as "gzip" or "gzip, br"
 * (names in any case; "x-gzip" is gzip; "deflate" is zlib or, as some senders
 * read the name, raw deflate). `limit` bounds the decoded bytes; what lies
 * between two codings is bounded likewise, with 64 KB more. ERR_UNSUPPORTED: a coding that is none of these, or
 * more than ENCODING_MAX_CODINGS; ERR_NOMEM. */
enum err decoder_open(struct span encoding, size_t limit, struct decoder **out) MUST_CHECK;

/* Decodes all of `in`. ERR_SYNTAX: not of that coding, or bytes after its end;
 * ERR_LIMIT; ERR_NOMEM; the sink's own failure. After a failure only
 * decoder_close may follow. */
enum err decoder_feed(struct decoder *d, struct span in, decoder_sink *sink, void *arg) MUST_CHECK;

/* Was the encoded body complete? ERR_SYNTAX when it was cut. */
enum err decoder_end(const struct decoder *d) MUST_CHECK;

/* Frees *d, which may be NULL, and sets it to NULL. */
void decoder_close(struct decoder **d);

/* Decodes a whole body and appends it to `out`, at most `limit` bytes. Errors
 * as above, ERR_SYNTAX for a truncated one too; `out` is then as it was. */
enum err encoding_decode(struct span in, struct span encoding, size_t limit,
			 struct buf *out) MUST_CHECK;

#endif
