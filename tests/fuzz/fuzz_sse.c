/* Event streams of arbitrary bytes: any split gives the events that a plain
 * reading of the whole gives, a limit loses events but never invents or changes
 * one, and what is observed of usage does not depend on the split either. The
 * first two bytes choose the limit and seed the splits. */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "wire/sse.h"
#include "wire/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each event as "name\0data\1", so that lists can be compared. */
static void
note(void *arg, const struct sse_event *e)
{
	struct buf *const out = arg;

	buf_add_span(out, e->event);
	buf_add_char(out, '\0');
	buf_add_span(out, e->data);
	buf_add_char(out, '\1');
}

static size_t
next_size(unsigned *seed, size_t most)
{
	*seed = *seed * 1103515245 + 12345;
	return 1 + (*seed >> 8) % most;
}

static void
read_split(struct span in, size_t limit, unsigned seed, size_t most, struct buf *out)
{
	struct sse s;

	buf_clear(out);
	sse_init(&s, limit);
	for (size_t at = 0; at < in.n;) {
		const struct span part = span_head(span_from(in, at), next_size(&seed, most));

		sse_feed(&s, part, note, out);
		at += part.n;
		CHECK(s.line.n + s.data.n + s.name.n <= 2 * limit);
	}
	sse_free(&s);
}

/* One line without its end from the front of *in; false when none is complete. */
static bool
take_line(struct span *in, struct span *line)
{
	size_t n = 0;

	while (n < in->n && in->p[n] != '\n' && in->p[n] != '\r')
		n++;
	if (n == in->n)
		return false;
	*line = span_head(*in, n);
	n += in->p[n] == '\r' && n + 1 < in->n && in->p[n + 1] == '\n';
	*in = span_from(*in, n + 1);
	return true;
}

static void
take_field(struct span line, struct buf *name, struct buf *data)
{
	const size_t colon = span_find(line, ':');
	struct span value = span_from(line, colon + 1);

	if (span_starts(value, SPAN(" ")))
		value = span_from(value, 1);
	if (span_eq(span_head(line, colon), SPAN("event"))) {
		buf_clear(name);
		buf_add_span(name, value);
	} else if (span_eq(span_head(line, colon), SPAN("data"))) {
		buf_add_span(data, value);
		buf_add_char(data, '\n');
	}
}

/* The standard's algorithm, line by line over the whole. */
static void
read_plainly(struct span in, struct buf *out)
{
	struct buf name, data;
	struct span line;

	buf_init(&name, SIZE_MAX);
	buf_init(&data, SIZE_MAX);
	if (span_starts(in, SPAN("\xef\xbb\xbf")))
		in = span_from(in, 3);
	while (take_line(&in, &line)) {
		if (line.n) {
			take_field(line, &name, &data);
			continue;
		}
		if (data.n) {
			buf_truncate(&data, data.n - 1);
			note(out, &(struct sse_event){ name.n ? buf_span(&name) : SPAN("message"),
						       buf_span(&data) });
		}
		buf_clear(&name);
		buf_clear(&data);
	}
	buf_free(&name);
	buf_free(&data);
}

/* Is each event of `some` in `all`, in order? */
static void
check_subsequence(struct span some, struct span all)
{
	while (some.n) {
		const size_t n = span_find(some, '\1') + 1;

		while (all.n && !span_starts(all, span_head(some, n)))
			all = span_from(all, span_find(all, '\1') + 1);
		CHECK(all.n);
		all = span_from(all, n);
		some = span_from(some, n);
	}
}

static struct usage
observe(struct span in, enum wire_format f, bool stream, size_t limit, unsigned seed, size_t most)
{
	struct usage_observer o;

	usage_init(&o, f, stream ? SPAN("text/event-stream") : SPAN("application/json"), SPAN_NONE, limit);
	for (size_t at = 0; at < in.n;) {
		const struct span part = span_head(span_from(in, at), next_size(&seed, most));

		usage_feed(&o, part);
		at += part.n;
	}
	usage_finish(&o, true);
	const struct usage seen = o.seen;

	usage_free(&o);
	return seen;
}

static void
check_usage(struct span in, size_t limit, unsigned seed)
{
	for (int i = 0; i < 4; i++) {
		const enum wire_format f = i & 1 ? WIRE_OPENAI_CHAT : WIRE_ANTHROPIC_MESSAGES;
		const struct usage a = observe(in, f, i & 2, limit, seed, SIZE_MAX);
		const struct usage b = observe(in, f, i & 2, limit, seed, 7);

		CHECK(a.input_tokens == b.input_tokens && a.output_tokens == b.output_tokens);
		CHECK(a.cache_read_tokens == b.cache_read_tokens && a.ended == b.ended);
		CHECK(a.unread == b.unread && strcmp(a.stop_reason, b.stop_reason) == 0);
		CHECK(strcmp(a.error_type, b.error_type) == 0);
		CHECK(a.input_tokens >= USAGE_UNKNOWN && a.output_tokens >= USAGE_UNKNOWN);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const size_t n = size - 2;
	char *const p = malloc(n ? n : 1);
	const struct span in = span_of(p, n);
	struct buf plain, got, again;

	memcpy(p, data + 2, n);
	buf_init(&plain, SIZE_MAX);
	buf_init(&got, SIZE_MAX);
	buf_init(&again, SIZE_MAX);
	read_plainly(in, &plain);
	for (size_t most = 1; most <= 1000; most *= 10) {
		read_split(in, n + 16, data[1], most, &got);
		CHECK(span_eq(buf_span(&got), buf_span(&plain)));
	}
	read_split(in, data[0], data[1], SIZE_MAX, &got);
	read_split(in, data[0], data[1], 3, &again);
	CHECK(span_eq(buf_span(&got), buf_span(&again)));
	if (span_find(in, '\1') == n && span_find(in, '\0') == n)
		check_subsequence(buf_span(&got), buf_span(&plain));
	check_usage(in, 64u * data[0], data[1]);
	buf_free(&plain);
	buf_free(&got);
	buf_free(&again);
	free(p);
	return 0;
}
