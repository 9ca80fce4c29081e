#include "wire/sse.h"

/* Buffers that one large event has blown up are given back after it. */
#define KEEP 16384

void
sse_init(struct sse *s, size_t limit)
{
	*s = (struct sse){ .limit = limit };
	buf_init(&s->line, limit);
	buf_init(&s->data, limit);
	buf_init(&s->name, limit);
}

void
sse_free(struct sse *s)
{
	buf_free(&s->line);
	buf_free(&s->data);
	buf_free(&s->name);
}

static void
reset(struct buf *b)
{
	if (b->cap > KEEP)
		buf_free(b);
	buf_clear(b);
}

static void
forget_event(struct sse *s)
{
	reset(&s->data);
	reset(&s->name);
	s->skipping = false;
}

static void
skip_event(struct sse *s)
{
	forget_event(s);
	reset(&s->line);
	s->skipping = s->passed_over = true;
}

/* An empty line. */
static void
end_event(struct sse *s, void (*on_event)(void *, const struct sse_event *), void *arg)
{
	if (s->data.n) {
		const struct sse_event e = {
			.event = s->name.n ? buf_span(&s->name) : SPAN("message"),
			.data = span_head(buf_span(&s->data), s->data.n - 1),
		};

		on_event(arg, &e);
	}
	forget_event(s);
}

static void
add_field(struct sse *s, struct span line)
{
	const size_t colon = span_find(line, ':');
	const struct span field = span_head(line, colon);
	struct span value = span_from(line, colon + 1);

	if (value.n && value.p[0] == ' ')
		value = span_from(value, 1);
	if (span_eq(field, SPAN("data"))) {
		buf_add_span(&s->data, value);
		buf_add_char(&s->data, '\n');
	} else if (span_eq(field, SPAN("event"))) {
		buf_clear(&s->name);
		buf_add_span(&s->name, value);
	}
	if (buf_err(&s->data) != OK || buf_err(&s->name) != OK || s->data.n + s->name.n > s->limit)
		skip_event(s);
}

/* A whole line without its end. */
static void
read_line(struct sse *s, struct span line, void (*on_event)(void *, const struct sse_event *),
	  void *arg)
{
	if (line.n > s->limit) {
		skip_event(s);
		return;
	}
	if (!s->started && span_starts(line, SPAN("\xef\xbb\xbf")))
		line = span_from(line, 3);
	if (line.n == 0)
		end_event(s, on_event, arg);
	else
		add_field(s, line);
}

/* `part` ends the current line. */
static void
end_line(struct sse *s, struct span part, void (*on_event)(void *, const struct sse_event *),
	 void *arg)
{
	if (s->skipping) {
		if (part.n == 0 && !s->in_line)
			forget_event(s);
	} else if (s->line.n) {
		buf_add_span(&s->line, part);
		if (buf_err(&s->line) == OK)
			read_line(s, buf_span(&s->line), on_event, arg);
		else
			skip_event(s);
		reset(&s->line);
	} else {
		read_line(s, part, on_event, arg);
	}
	s->in_line = false;
	s->started = true;
}

/* `part` is of a line that has not ended. */
static void
keep_part(struct sse *s, struct span part)
{
	if (part.n == 0)
		return;
	if (!s->skipping) {
		buf_add_span(&s->line, part);
		if (buf_err(&s->line) != OK)
			skip_event(s);
	}
	s->in_line = true;
}

void
sse_feed(struct sse *s, struct span bytes, void (*on_event)(void *, const struct sse_event *),
	 void *arg)
{
	if (bytes.n == 0)
		return;
	size_t at = s->cr && bytes.p[0] == '\n' ? 1 : 0;

	s->cr = bytes.p[bytes.n - 1] == '\r';
	/* The next line feed and carriage return at or after `at`; each is looked
	 * for again only when passed, so that the whole is linear. */
	size_t lf = at + span_find(span_from(bytes, at), '\n');
	size_t cr = at + span_find(span_from(bytes, at), '\r');

	while (lf < bytes.n || cr < bytes.n) {
		const size_t end = lf < cr ? lf : cr;

		end_line(s, span_of(bytes.p + at, end - at), on_event, arg);
		at = end + 1 + (end == cr && lf == end + 1);
		if (lf < at)
			lf = at + span_find(span_from(bytes, at), '\n');
		if (cr < at)
			cr = at + span_find(span_from(bytes, at), '\r');
	}
	keep_part(s, span_from(bytes, at));
}
