/* JSON of our own: answers, log lines. Never used on a client's bytes. */
#ifndef HR_JSON_WRITE_H
#define HR_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends to `out`; commas are placed by the writer. Embed it. At most 64
 * levels; more, a value without a key in an object, a key outside one and a
 * bracket that does not match abort. Several values at the top stand side by
 * side, with whatever the caller adds between. Failures are the buffer's
 * (buf_err). */
struct json_writer {
	struct buf *out;
	uint64_t comma;		/* bit per level: a value stands there already */
	uint64_t object;	/* bit per level: it is an object */
	uint32_t depth;
	bool after_key;
};

void jw_init(struct json_writer *w, struct buf *out);
void jw_object(struct json_writer *w);
void jw_array(struct json_writer *w);
void jw_end_object(struct json_writer *w);
void jw_end_array(struct json_writer *w);
void jw_key(struct json_writer *w, const char *key);
void jw_key_span(struct json_writer *w, struct span key);
void jw_string(struct json_writer *w, const char *s);	/* NULL gives null */
/* Bytes that are not UTF-8 become U+FFFD. An absent span gives null. */
void jw_span(struct json_writer *w, struct span s);
void jw_bool(struct json_writer *w, bool v);
void jw_null(struct json_writer *w);
void jw_u64(struct json_writer *w, uint64_t v);
void jw_i64(struct json_writer *w, int64_t v);
/* Rounded to `decimals` places (0..6), trailing zeros kept out; not finite: null. */
void jw_number(struct json_writer *w, double v, int decimals);
/* One value that is JSON already. */
void jw_raw(struct json_writer *w, struct span json);

/* "key": value in one call. */
void jw_kstring(struct json_writer *w, const char *key, const char *s);
void jw_kspan(struct json_writer *w, const char *key, struct span s);
void jw_ku64(struct json_writer *w, const char *key, uint64_t v);
void jw_ki64(struct json_writer *w, const char *key, int64_t v);
void jw_kbool(struct json_writer *w, const char *key, bool v);
void jw_knumber(struct json_writer *w, const char *key, double v, int decimals);

#endif
