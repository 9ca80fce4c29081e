/* Structured lines for people or programs. Never content, never keys: callers
 * pass only what may be read by anybody who may read the log. */
#ifndef HR_BASE_LOG_H
#define HR_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Where lines go: `fd` stays the caller's. `json` false: key=value text. Call
 * before threads start. Without it, lines go to stderr as text. */
void log_setup(int fd, bool json, enum log_level least);

/* Buffered: lines below LOG_WARN wait for log_flush (the event loop calls it once
 * a turn) or for 32 KB. Off at start. */
void log_buffered(bool on);

/* Writes what waits. Any thread. What a non-blocking descriptor
 * does not take is dropped, so that a stuck reader never stops the program. */
void log_flush(void);

/* Would a line of this level be written? */
bool log_wants(enum log_level level);

/* One line being built; on the stack. */
struct log_line {
	struct buf text;
	enum log_level level;
	bool json;
};

/* log_begin … log_FIELD … log_end. `event` is a word like "request". Keys are
 * literals of ours in [a-z_]. Lines end at 4 KB. */
void log_begin(struct log_line *l, enum log_level level, const char *event);
void log_span(struct log_line *l, const char *key, struct span value);
void log_str(struct log_line *l, const char *key, const char *value);
void log_u64(struct log_line *l, const char *key, uint64_t value);
void log_i64(struct log_line *l, const char *key, int64_t value);
/* Thousandths: 1234 is written 1.234. */
void log_milli(struct log_line *l, const char *key, uint64_t thousandths);
void log_bool(struct log_line *l, const char *key, bool value);
void log_end(struct log_line *l);

/* A line with nothing but a sentence: event "note". */
void log_note(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
