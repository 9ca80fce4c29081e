#include "json/scan.h"

#include "base/utf8.h"
#include "json/inner.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define DEPTH_MAX 1024u
#define NODES_MAX ((1u << 27) - 1)	/* `count` of a node has 27 bits */

/* No stack: while a container is open, its node's `next` is the index of the
 * container around it. The functions below take the place they read at and
 * return the place after; NULL is a failure, told by `err`. */
struct scanner {
	const char *base;
	const char *end;
	struct json_node *nodes;
	uint32_t count;
	uint32_t cap;
	uint32_t open;		/* innermost open container, JSON_NONE outside all */
	uint32_t items;		/* its elements or members so far, the last one left out */
	bool object;		/* it is an object */
	uint32_t depth;		/* containers that may still be opened */
	uint32_t limit;		/* nodes */
	enum err err;		/* ERR_SYNTAX unless a limit or memory stopped it */
	struct arena *arena;
};

static const char *
stop(struct scanner *s, enum err e)
{
	s->err = e;
	return NULL;
}

/* The size a full tape is given: what the text so far predicts for all of it,
 * at least half as much again and at most four times. */
static uint32_t
next_cap(const struct scanner *s, const char *at)
{
	const uint64_t seen = (uint64_t)(at - s->base) + 1;
	const uint64_t all = (uint64_t)(s->end - s->base);
	uint64_t cap = (uint64_t)s->count * all / seen * 9 / 8;

	if (cap < s->cap + s->cap / 2 + 8)
		cap = s->cap + s->cap / 2 + 8;
	if (cap > (uint64_t)s->cap * 4 + 8)
		cap = (uint64_t)s->cap * 4 + 8;
	return cap < s->limit ? (uint32_t)cap : s->limit;
}

static __attribute__((noinline)) bool
grow(struct scanner *s, const char *at)
{
	if (s->cap >= s->limit) {
		s->err = ERR_LIMIT;
		return false;
	}
	const uint32_t cap = next_cap(s, at);
	struct json_node *const nodes =
		arena_grow(s->arena, s->nodes, s->cap * sizeof(*nodes), cap * sizeof(*nodes));
	if (!nodes) {
		s->err = ERR_NOMEM;
		return false;
	}
	s->nodes = nodes;
	s->cap = cap;
	return true;
}

/* A new node for the value at `at`; NULL when there is no room for it. */
static inline struct json_node *
push(struct scanner *s, const char *at)
{
	if (UNLIKELY(s->count == s->cap) && !grow(s, at))
		return NULL;
	return &s->nodes[s->count++];
}

static inline const char *
push_leaf(struct scanner *s, const char *from, const char *to, struct json_node node)
{
	struct json_node *const n = push(s, from);

	if (UNLIKELY(!n))
		return NULL;
	node.off = (uint32_t)(from - s->base);
	node.len = (uint32_t)(to - from);
	node.next = s->count;
	*n = node;
	return to;
}

static inline bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static __attribute__((noinline)) const char *
skip_run(const char *p, const char *end)
{
#if defined(__SSE2__)
	while (end - p >= 16) {
		const __m128i v = _mm_loadu_si128((const void *)p);
		const __m128i space = _mm_or_si128(
			_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')),
				     _mm_cmpeq_epi8(v, _mm_set1_epi8('\n'))),
			_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\r')),
				     _mm_cmpeq_epi8(v, _mm_set1_epi8('\t'))));
		const uint32_t other = (uint32_t)_mm_movemask_epi8(space) ^ 0xffffu;

		if (other)
			return p + __builtin_ctz(other);
		p += 16;
	}
#endif
	while (p < end && is_space(*p))
		p++;
	return p;
}

static inline const char *
skip_space(const char *p, const char *end)
{
	if (LIKELY(p < end && (uint8_t)*p > ' '))
		return p;
	if (end - p > 1 && *p == ' ' && (uint8_t)p[1] > ' ')
		return p + 1;
	return skip_run(p, end);
}

/* Most strings are short plain ASCII: one load finds their end. Returns the
 * closing quote, NULL when it takes a closer look. */
static inline const char *
short_plain_end(const char *p, const char *end)
{
#if defined(__SSE2__)
	if (end - p < 16)
		return NULL;
	const __m128i v = _mm_loadu_si128((const void *)p);
	const __m128i special = _mm_or_si128(
		_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
			     _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
		_mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));	/* signed: high bytes as well */
	const uint32_t mask = (uint32_t)_mm_movemask_epi8(special);
	const char *const first = mask ? p + __builtin_ctz(mask) : p;

	return mask && *first == '"' ? first : NULL;
#else
	(void)p, (void)end;
	return NULL;
#endif
}

static __attribute__((noinline)) const char *
long_string(struct scanner *s, const char *p)
{
	unsigned seen = 0;
	const char *const quote = inner_end(p + 1, s->end, &seen);

	if (!quote)
		return NULL;
	const struct span inner = span_of(p + 1, (size_t)(quote - p - 1));
	if ((seen & INNER_HIGH) && !utf8_valid(inner))
		return NULL;
	return push_leaf(s, p, quote + 1,
			 (struct json_node){ .type = JSON_STRING,
					     .escaped = (seen & INNER_ESCAPED) != 0,
					     .ascii = (seen & INNER_HIGH) == 0 });
}

/* `p` is the opening quote. */
static inline const char *
scan_string(struct scanner *s, const char *p)
{
	const char *const quote = short_plain_end(p + 1, s->end);

	if (LIKELY(quote != NULL))
		return push_leaf(s, p, quote + 1,
				 (struct json_node){ .type = JSON_STRING, .ascii = 1 });
	return long_string(s, p);
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The byte after one digit or more, NULL when there is none. */
static inline const char *
digits(const char *p, const char *end)
{
	if (p >= end || !is_digit(*p))
		return NULL;
	do
		p++;
	while (p < end && is_digit(*p));
	return p;
}

static inline const char *
exponent(const char *p, const char *end)
{
	if (p < end && (*p == '+' || *p == '-'))
		p++;
	return digits(p, end);
}

/* The byte after the number at `p`, NULL when it is none. */
static inline const char *
number_end(const char *p, const char *end)
{
	if (*p == '-')
		p++;
	if (p < end && *p == '0')
		p++;
	else
		p = digits(p, end);
	if (p && p < end && *p == '.')
		p = digits(p + 1, end);
	if (p && p < end && (*p | 0x20) == 'e')
		p = exponent(p + 1, end);
	return p;
}

static inline const char *
scan_number(struct scanner *s, const char *p)
{
	const char *const after = number_end(p, s->end);

	return after ? push_leaf(s, p, after, (struct json_node){ .type = JSON_NUMBER }) : NULL;
}

static inline const char *
scan_word(struct scanner *s, const char *p, struct span word, enum json_type type)
{
	if ((size_t)(s->end - p) < word.n || memcmp(p, word.p, word.n) != 0)
		return NULL;
	return push_leaf(s, p, p + word.n, (struct json_node){ .type = type });
}

/* The value at `p`, which is no container. */
static inline const char *
scan_leaf(struct scanner *s, const char *p)
{
	switch (*p) {
	case '"':
		return scan_string(s, p);
	case 't':
		return scan_word(s, p, SPAN("true"), JSON_TRUE);
	case 'f':
		return scan_word(s, p, SPAN("false"), JSON_FALSE);
	case 'n':
		return scan_word(s, p, SPAN("null"), JSON_NULL);
	default:
		return scan_number(s, p);
	}
}

/* A key and its colon, up to the first byte of the value. */
static inline const char *
scan_key(struct scanner *s, const char *p)
{
	if (UNLIKELY(p == s->end || *p != '"'))
		return NULL;
	p = scan_string(s, p);
	if (UNLIKELY(!p))
		return NULL;
	p = skip_space(p, s->end);
	if (UNLIKELY(p == s->end || *p != ':'))
		return NULL;
	return skip_space(p + 1, s->end);
}

static inline bool
closes(const struct scanner *s, char c)
{
	return c == (s->object ? '}' : ']');
}

/* Opens the container at `p` and goes to its first value; if there is none, to
 * its closing bracket, with *empty set. */
static inline const char *
open_container(struct scanner *s, const char *p, bool *empty)
{
	if (UNLIKELY(s->depth == 0))
		return stop(s, ERR_LIMIT);
	struct json_node *const n = push(s, p);
	if (UNLIKELY(!n))
		return NULL;
	if (s->open != JSON_NONE)
		s->nodes[s->open].count = s->items & NODES_MAX;
	s->object = *p == '{';
	s->items = 0;
	*n = (struct json_node){ .off = (uint32_t)(p - s->base),
				 .next = s->open,
				 .type = s->object ? JSON_OBJECT : JSON_ARRAY };
	s->open = s->count - 1;
	s->depth--;
	p = skip_space(p + 1, s->end);
	*empty = p < s->end && closes(s, *p);	/* so a comma is next only after a value */
	return s->object && !*empty ? scan_key(s, p) : p;
}

/* Closes the innermost container, whose bracket is at `p`. */
static inline const char *
close_container(struct scanner *s, const char *p)
{
	struct json_node *const n = &s->nodes[s->open];
	const uint32_t around = n->next;
	const uint32_t items = s->items + (s->count - s->open > 1);	/* the last has no comma */

	n->count = items & NODES_MAX;
	n->len = (uint32_t)(p + 1 - s->base) - n->off;
	n->next = s->count;
	s->open = around;
	s->depth++;
	if (around != JSON_NONE) {
		s->items = s->nodes[around].count;
		s->object = s->nodes[around].type == JSON_OBJECT;
	}
	return p + 1;
}

/* After a value, or at the bracket of an empty container: closes what closes
 * here and goes to the next value. Ends with s->open == JSON_NONE after the
 * root. */
static inline const char *
after_value(struct scanner *s, const char *p)
{
	while (s->open != JSON_NONE) {
		p = skip_space(p, s->end);
		if (UNLIKELY(p == s->end))
			return NULL;
		if (LIKELY(*p == ',')) {
			s->items++;
			p = skip_space(p + 1, s->end);
			return s->object ? scan_key(s, p) : p;
		}
		if (UNLIKELY(!closes(s, *p)))
			return NULL;
		p = close_container(s, p);
	}
	return p;
}

/* The value that begins at `p` with all it contains. */
static const char *
scan_tree(struct scanner *s, const char *p)
{
	for (;;) {
		bool ended = true;

		if (UNLIKELY(!p || p == s->end))
			return NULL;
		p = *p == '{' || *p == '[' ? open_container(s, p, &ended) : scan_leaf(s, p);
		if (p && ended) {
			p = after_value(s, p);
			if (p && s->open == JSON_NONE)
				return p;
		}
	}
}

/* Scans the value at `at`; *after is the byte after it. A guess of the tape's
 * size saves copying; a wrong one costs a few copies or is given back. */
static enum err
scan(struct span text, size_t at, uint32_t guess, const struct json_limits *lim, struct arena *a,
     struct json_doc *out, const char **after)
{
	if (text.n > UINT32_MAX)
		return ERR_LIMIT;
	if (at == text.n)
		return ERR_SYNTAX;
	struct scanner s = {
		.base = text.p, .end = text.p + text.n, .open = JSON_NONE, .err = ERR_SYNTAX,
		.depth = lim->depth < DEPTH_MAX ? lim->depth : DEPTH_MAX,
		.limit = lim->nodes < NODES_MAX ? lim->nodes : NODES_MAX, .arena = a,
	};
	s.cap = guess < s.limit ? guess : s.limit;
	s.nodes = ARENA_ARRAY(a, struct json_node, s.cap);
	if (!s.nodes)
		return ERR_NOMEM;
	const char *const p = scan_tree(&s, text.p + at);
	const uint32_t kept = p ? s.count : 0;

	/* Shortening the latest piece never moves it. */
	s.nodes = arena_grow(a, s.nodes, s.cap * sizeof(*s.nodes), kept * sizeof(*s.nodes));
	if (!p)
		return s.err;
	*out = (struct json_doc){ text, s.nodes, s.count };
	*after = p;
	return OK;
}

enum err
json_scan(struct span text, const struct json_limits *lim, struct arena *a, struct json_doc *out)
{
	const size_t at = text.n ? (size_t)(skip_space(text.p, text.p + text.n) - text.p) : 0;
	const char *after = NULL;
	struct json_doc doc;

	TRY(scan(text, at, (uint32_t)(text.n / 256) + 8, lim, a, &doc, &after));
	if (skip_space(after, text.p + text.n) != text.p + text.n) {
		(void)!arena_grow(a, doc.nodes, doc.count * sizeof(*doc.nodes), 0);
		return ERR_SYNTAX;
	}
	*out = doc;
	return OK;
}

enum err
json_scan_prefix(struct span text, const struct json_limits *lim, struct arena *a,
		 struct json_doc *out, size_t *used)
{
	const char *after = NULL;

	TRY(scan(text, 0, 8, lim, a, out, &after));
	*used = (size_t)(after - text.p);
	out->text.n = *used;
	return OK;
}
