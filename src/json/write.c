#include "json/write.h"

#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/utf8.h"
#include "json/text.h"

#define LEVELS 64u

void
jw_init(struct json_writer *w, struct buf *out)
{
	*w = (struct json_writer){ .out = out };
}

static inline uint64_t
level_bit(const struct json_writer *w)
{
	return w->depth ? (uint64_t)1 << (w->depth - 1) : 0;
}

/* Before a key or an array's element. */
static void
separate(struct json_writer *w)
{
	const uint64_t bit = level_bit(w);

	if (w->comma & bit)
		buf_add_char(w->out, ',');
	w->comma |= bit;
}

/* Before every value. In an object it must follow a key. */
static void
begin_value(struct json_writer *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	CHECK(!(w->object & level_bit(w)));
	separate(w);
}

static void
begin_container(struct json_writer *w, char bracket, bool object)
{
	begin_value(w);
	CHECK(w->depth < LEVELS);
	buf_add_char(w->out, bracket);
	w->depth++;
	w->comma &= ~level_bit(w);
	w->object &= ~level_bit(w);
	w->object |= object ? level_bit(w) : 0;
}

static void
end_container(struct json_writer *w, char bracket, bool object)
{
	CHECK(w->depth > 0 && !w->after_key);
	CHECK(((w->object & level_bit(w)) != 0) == object);
	buf_add_char(w->out, bracket);
	w->depth--;
}

void
jw_object(struct json_writer *w)
{
	begin_container(w, '{', true);
}

void
jw_array(struct json_writer *w)
{
	begin_container(w, '[', false);
}

void
jw_end_object(struct json_writer *w)
{
	end_container(w, '}', true);
}

void
jw_end_array(struct json_writer *w)
{
	end_container(w, ']', false);
}

/* Escaped contents; what is not UTF-8 becomes U+FFFD. */
static void
add_repaired(struct buf *out, struct span s)
{
	size_t from = 0;
	size_t at = 0;

	while (at < s.n) {
		size_t bad = 0;
		const size_t good = utf8_sequence(span_from(s, at), &bad);

		if (!good) {
			json_escape(out, span_of(s.p + from, at - from));
			buf_add_str(out, "\xef\xbf\xbd");
			from = at + bad;
		}
		at += good + bad;
	}
	json_escape(out, span_from(s, from));
}

static void
add_quoted(struct buf *out, struct span s)
{
	buf_add_char(out, '"');
	if (utf8_valid(s))
		json_escape(out, s);
	else
		add_repaired(out, s);
	buf_add_char(out, '"');
}

void
jw_key_span(struct json_writer *w, struct span key)
{
	CHECK((w->object & level_bit(w)) && !w->after_key);
	separate(w);
	add_quoted(w->out, key);
	buf_add_char(w->out, ':');
	w->after_key = true;
}

void
jw_key(struct json_writer *w, const char *key)
{
	jw_key_span(w, span_str(key));
}

void
jw_raw(struct json_writer *w, struct span json)
{
	begin_value(w);
	buf_add_span(w->out, json);
}

void
jw_null(struct json_writer *w)
{
	jw_raw(w, SPAN("null"));
}

void
jw_bool(struct json_writer *w, bool v)
{
	jw_raw(w, v ? SPAN("true") : SPAN("false"));
}

void
jw_span(struct json_writer *w, struct span s)
{
	if (!s.p) {
		jw_null(w);
		return;
	}
	begin_value(w);
	add_quoted(w->out, s);
}

void
jw_string(struct json_writer *w, const char *s)
{
	jw_span(w, span_str(s));
}

void
jw_u64(struct json_writer *w, uint64_t v)
{
	begin_value(w);
	buf_add_u64(w->out, v);
}

void
jw_i64(struct json_writer *w, int64_t v)
{
	begin_value(w);
	buf_add_i64(w->out, v);
}

void
jw_number(struct json_writer *w, double v, int decimals)
{
	char text[1 + 309 + 1 + 6 + 1];	/* sign, DBL_MAX's digits, point, decimals, NUL */

	CHECK(decimals >= 0 && decimals <= 6);
	if (!isfinite(v)) {
		jw_null(w);
		return;
	}
	size_t n = (size_t)snprintf(text, sizeof(text), "%.*f", decimals, v);

	CHECK(n < sizeof(text));
	if (decimals) {
		while (text[n - 1] == '0')
			n--;
		n -= text[n - 1] == '.';
	}
	struct span s = span_of(text, n);
	if (span_eq(s, SPAN("-0")))
		s = SPAN("0");
	jw_raw(w, s);
}

void
jw_kstring(struct json_writer *w, const char *key, const char *s)
{
	jw_key(w, key);
	jw_string(w, s);
}

void
jw_kspan(struct json_writer *w, const char *key, struct span s)
{
	jw_key(w, key);
	jw_span(w, s);
}

void
jw_ku64(struct json_writer *w, const char *key, uint64_t v)
{
	jw_key(w, key);
	jw_u64(w, v);
}

void
jw_ki64(struct json_writer *w, const char *key, int64_t v)
{
	jw_key(w, key);
	jw_i64(w, v);
}

void
jw_kbool(struct json_writer *w, const char *key, bool v)
{
	jw_key(w, key);
	jw_bool(w, v);
}

void
jw_knumber(struct json_writer *w, const char *key, double v, int decimals)
{
	jw_key(w, key);
	jw_number(w, v, decimals);
}
