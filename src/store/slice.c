#include <stdio.h>
#include <stdlib.h>

#include "store/slice_parts.h"

#define CONTEXT_DEFAULT 2u
#define CONTEXT_MAX 1000u
/* Steps a byte: every term of a condition may look at it, and a long line is searched
 * again behind each match. */
#define STEPS_PER_BYTE 128u
#define STEPS_BASE 65536u

static const char *const names[] = {
	[SLICE_LINES] = "lines", [SLICE_GREP] = "grep", [SLICE_CONTEXT] = "context",
	[SLICE_PATH] = "path",	 [SLICE_ROWS] = "rows", [SLICE_HEAD] = "head",
	[SLICE_TAIL] = "tail",
};

const char *
slice_option_name(enum slice_option o)
{
	return (size_t)o < SLICE_OPTIONS ? names[o] : "unknown";
}

bool
slice_option_find(struct span name, enum slice_option *out)
{
	for (int i = 0; i < SLICE_OPTIONS; i++)
		if (span_eq(name, span_str(names[i]))) {
			*out = (enum slice_option)i;
			return true;
		}
	return false;
}

bool
slice_query_is_empty(const struct slice_query *q)
{
	for (int i = 0; i < SLICE_OPTIONS; i++)
		if (q->value[i].p)
			return false;
	return true;
}

uint64_t
slice_fuel_for(size_t n)
{
	return STEPS_BASE + (uint64_t)n * STEPS_PER_BYTE;
}

/* ---- understanding a query ---- */

/* Reads digits at *at, at most 12 of them; false when there is none. */
static bool
read_count(struct span s, size_t *at, uint64_t *out)
{
	const size_t from = *at;

	for (*out = 0; *at < s.n && *at - from < 12 && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at)
		*out = *out * 10 + (uint64_t)(s.p[*at] - '0');
	return *at > from;
}

/* Reads "200-260", "200-" or "200" at the front; *used 0 when there is none. */
static void
read_range(struct span s, struct slice_range *out, size_t *used)
{
	struct slice_range r;
	size_t at = 0;

	*used = 0;
	if (!read_count(s, &at, &r.first))
		return;
	r.last = r.first;
	if (at < s.n && s.p[at] == '-') {
		at++;
		if (!read_count(s, &at, &r.last))
			r.last = UINT64_MAX;
	}
	if (r.first == 0 || r.last < r.first)
		return;
	*out = r;
	*used = at;
}

/* For printf's "%.*s": the front of what somebody wrote. */
#define SHOWN(v) (int)((v).n < 40 ? (v).n : 40), (v).p

static enum err
parse_lines(struct slice *s, struct span v, char *why)
{
	size_t used;

	read_range(v, &s->lines, &used);
	if (used && used == v.n)
		return OK;
	snprintf(why, SLICE_WHY,
		 "lines takes a range counted from 1, as \"200-260\", \"200-\" or \"200\"; \"%.*s\" is none.",
		 SHOWN(v));
	return ERR_SYNTAX;
}

static enum err
parse_count(const char *name, struct span v, uint64_t least, uint64_t most, uint64_t *out, char *why)
{
	size_t at = 0;
	uint64_t n;

	if (read_count(v, &at, &n) && at == v.n && n >= least && n <= most) {
		*out = n;
		return OK;
	}
	snprintf(why, SLICE_WHY, "%s takes a number from %llu to %llu; \"%.*s\" is none.", name,
		 (unsigned long long)least, (unsigned long long)most, SHOWN(v));
	return ERR_SYNTAX;
}

static enum err
parse_grep(struct slice *s, struct span v, char *why)
{
	char reason[REGEX_WHY] = "";

	if (v.n == 0) {
		snprintf(why, SLICE_WHY, "grep takes a regular expression; it is empty.");
		return ERR_SYNTAX;
	}
	const enum err e = regex_compile(v, false, &s->grep, reason);
	if (e == ERR_NOMEM)
		return e;
	if (e != OK)
		snprintf(why, SLICE_WHY, "grep: %s", reason);
	return e == OK ? OK : ERR_SYNTAX;
}

/* Does a word of nothing but digits and '-' stand at the front? */
static bool
looks_like_range(struct span word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] != '-' && (word.p[i] < '0' || word.p[i] > '9'))
			return false;
	return word.n && word.p[0] != '-';
}

/* "212-640", "where level=ERROR", or both in this order. */
static enum err
parse_rows(struct slice *s, struct span v, char *why)
{
	char reason[CONDITION_WHY] = "";
	struct span rest = span_trim(v);
	const struct span word = span_head(rest, span_find(rest, ' '));
	size_t used = 0;

	if (looks_like_range(word)) {
		read_range(word, &s->rows, &used);
		if (used != word.n) {
			snprintf(why, SLICE_WHY, "rows: a range is counted from 1, as \"212-640\"; \"%.*s\" is none.",
				 SHOWN(word));
			return ERR_SYNTAX;
		}
		rest = span_trim(span_from(rest, used));
		if (rest.n == 0)
			return OK;
	}
	if (span_eq_nocase(span_head(rest, span_find(rest, ' ')), SPAN("where")))
		rest = span_trim(span_from(rest, 5));
	const enum err e = condition_parse(rest, &s->where, reason);
	if (e == ERR_SYNTAX)
		snprintf(why, SLICE_WHY, "rows: %s", reason);
	return e;
}

static enum err
parse_path(struct slice *s, struct span v, char *why)
{
	char reason[JSON_PATH_WHY] = "";
	const enum err e = json_path_parse(v, &s->path, reason);

	if (e == ERR_SYNTAX)
		snprintf(why, SLICE_WHY, "path: %s", reason);
	return e;
}

static enum err
parse_option(struct slice *s, enum slice_option o, struct span v, char *why)
{
	switch (o) {
	case SLICE_LINES:
		return parse_lines(s, v, why);
	case SLICE_GREP:
		return parse_grep(s, v, why);
	case SLICE_CONTEXT:
		return parse_count("context", v, 0, CONTEXT_MAX, &s->context, why);
	case SLICE_PATH:
		return parse_path(s, v, why);
	case SLICE_ROWS:
		return parse_rows(s, v, why);
	case SLICE_HEAD:
		return parse_count("head", v, 1, UINT32_MAX, &s->head, why);
	case SLICE_TAIL:
		return parse_count("tail", v, 1, UINT32_MAX, &s->tail, why);
	case SLICE_OPTIONS:
		break;
	}
	return ERR_SYNTAX;
}

/* Where, which and how many may be said together; two answers to one of these may not,
 * nor may lines of text and values of JSON. */
static enum err
check_together(const struct slice *s, char *why)
{
	static const struct {
		enum slice_option one, other;
		const char *reason;
	} apart[] = {
		{ SLICE_LINES, SLICE_PATH, "lines are of text, a path leads into JSON" },
		{ SLICE_LINES, SLICE_ROWS, "rows have a range of their own, as in \"200-260 where level=ERROR\"" },
		{ SLICE_GREP, SLICE_PATH, "grep looks at lines, a path leads into JSON; rows can be searched with ~" },
		{ SLICE_GREP, SLICE_ROWS, "rows can be searched themselves, as in \"where message~timeout\"" },
		{ SLICE_HEAD, SLICE_TAIL, "ask for one of them, or for lines or rows by range" },
	};

	for (size_t i = 0; i < sizeof apart / sizeof *apart; i++) {
		if (!s->asks[apart[i].one] || !s->asks[apart[i].other])
			continue;
		snprintf(why, SLICE_WHY, "%s and %s do not go together: %s.", names[apart[i].one],
			 names[apart[i].other], apart[i].reason);
		return ERR_SYNTAX;
	}
	if (s->asks[SLICE_CONTEXT] && !s->asks[SLICE_GREP]) {
		snprintf(why, SLICE_WHY, "context goes with grep only.");
		return ERR_SYNTAX;
	}
	if (s->asks[SLICE_PATH] && !s->asks[SLICE_ROWS] && (s->asks[SLICE_HEAD] || s->asks[SLICE_TAIL])) {
		snprintf(why, SLICE_WHY,
			 "head and tail do not go with a path alone: end it with [0:10] or [-10:] for elements of an array.");
		return ERR_SYNTAX;
	}
	return OK;
}

enum err
slice_parse(const struct slice_query *q, struct slice **out, char why[SLICE_WHY])
{
	struct slice *s = calloc(1, sizeof *s);
	enum err e = OK;

	if (!s)
		return ERR_NOMEM;
	s->lines = s->rows = (struct slice_range){ 1, UINT64_MAX };
	s->context = CONTEXT_DEFAULT;
	s->head = s->tail = UINT64_MAX;
	for (int i = 0; i < SLICE_OPTIONS && e == OK; i++) {
		s->asks[i] = q->value[i].p != NULL;
		if (s->asks[i])
			e = parse_option(s, (enum slice_option)i, q->value[i], why);
	}
	if (e == OK)
		e = check_together(s, why);
	if (e == OK)
		*out = s;
	else
		slice_free(&s);
	return e;
}

void
slice_free(struct slice **s)
{
	if (!*s)
		return;
	regex_free(&(*s)->grep);
	json_path_free(&(*s)->path);
	condition_free(&(*s)->where);
	free(*s);
	*s = NULL;
}

/* ---- taking it ---- */

enum err
slicing_fail(struct slicing *s, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, SLICE_WHY, fmt, ap);
	va_end(ap);
	return e;
}

void
slice_window(const struct slice *s, uint64_t n, uint64_t *from, uint64_t *to)
{
	*from = s->asks[SLICE_TAIL] && s->tail < n ? n - s->tail : 0;
	*to = s->asks[SLICE_HEAD] && s->head < n ? s->head : n;
}

enum err
slice_take(const struct slice *slice, struct span text, struct arena *a, struct fuel *fuel,
	   struct buf *out, struct slice_result *result, char why[SLICE_WHY])
{
	struct slicing s = { slice, text, a, fuel, out, result, why };
	enum err e;

	why[0] = '\0';
	*result = (struct slice_result){ .unit = "lines" };
	if (slice->asks[SLICE_PATH] || slice->asks[SLICE_ROWS])
		e = slice_take_json(&s);
	else if (slice->asks[SLICE_GREP])
		e = slice_take_grep(&s);
	else
		e = slice_take_lines(&s);
	if (e == ERR_FUEL && !why[0])
		return slicing_fail(&s, e, "This takes too many steps on this text; ask for something simpler.");
	return e == OK ? buf_err(out) : e;
}
