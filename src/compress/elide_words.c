#include "compress/elide_words.h"

#include <string.h>

#include "base/hash.h"

#define FNV_BASIS 14695981039346656037u
#define FNV_PRIME 1099511628211u

enum letter { OTHER, SMALL, CAPITAL, DIGIT };

/* Bytes beyond ASCII are parts of small letters. */
static const unsigned char letters[256] = {
	['0' ... '9'] = DIGIT,
	['A' ... 'Z'] = CAPITAL,
	['a' ... 'z'] = SMALL,
	[0x80 ... 0xff] = SMALL,
};

static enum letter
letter_of(const unsigned char c)
{
	return (enum letter)letters[c];
}

static uint64_t
mix(const uint64_t hash, const uint64_t more)
{
	return (hash ^ more) * FNV_PRIME;
}

bool
word_next(struct span *const rest, struct word *const out)
{
	const char *p = rest->p, *const end = rest->p + rest->n;
	struct word w = { .hash = FNV_BASIS, .hex = true };
	enum letter last = OTHER;
	uint64_t before = 0;

	while (p < end && letter_of((unsigned char)*p) == OTHER)
		p++;
	w.joined = p == rest->p;
	const char *const from = p;
	for (; p < end; p++) {
		const unsigned char c = (unsigned char)*p;
		const enum letter kind = letter_of(c);
		const unsigned char small = kind == CAPITAL ? c | 0x20u : c;

		if (kind == OTHER || (kind == CAPITAL && last == SMALL))
			break;
		before = w.hash;
		w.hash = mix(w.hash, small);
		w.digits |= kind == DIGIT;
		w.hex &= small <= 'f';
		last = kind;
	}
	w.length = (uint32_t)(p - from);
	if (w.length > 3 && (p[-1] == 's' || p[-1] == 'S') && p[-2] != 's' && p[-2] != 'S')
		w.hash = before;
	*rest = span_of(p, (size_t)(end - p));
	*out = w;
	return w.length > 0;
}

static const char *const errors[] = {
	"abort", "aborted", "cannot", "corrupt", "corrupted", "crash", "crashed", "crit", "critical",
	"deadlock", "denied", "eacces", "econnrefused", "econnreset", "ehostunreach", "emerg",
	"emergency", "enoent", "enomem", "enospc", "enotfound", "epipe", "eperm", "err", "error",
	"etimedout", "exception", "exhausted", "fail", "failed", "failing", "failure", "fatal", "fault",
	"forbidden", "invalid", "killed", "mismatch", "oom", "overflow", "panic", "refused", "rejected",
	"segfault", "severe", "sigabrt", "sigkill", "sigsegv", "timeout", "traceback", "unable",
	"unauthorized", "unavailable", "uncaught", "unexpected", "unhandled", "unhealthy",
	"unreachable", "violation",
};
static const char *const warnings[] = { "caution", "deprecated", "warn", "warning" };
static const char *const denials[] = { "0", "no", "non", "not", "without", "zero" };

static uint64_t
hash_of(const char *const word)
{
	struct span rest = span_str(word);
	struct word w;

	(void)word_next(&rest, &w);
	return w.hash;
}

/* Where the word is, or the free slot where it belongs. */
static uint32_t
slot_of(const struct lexicon *const x, const uint64_t hash)
{
	uint32_t i = (uint32_t)hash % LEXICON_SLOTS;

	while (x->slots[i].hash && x->slots[i].hash != hash)
		i = (i + 1) % LEXICON_SLOTS;
	return i;
}

static struct lexicon_entry *
enter(struct lexicon *const x, const uint64_t hash)
{
	struct lexicon_entry *const e = &x->slots[slot_of(x, hash)];

	e->hash = hash;
	return e;
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

void
lexicon_init(struct lexicon *const x)
{
	*x = (struct lexicon){ .phrase_count = 0 };
	for (size_t i = 0; i < COUNT(errors); i++)
		enter(x, hash_of(errors[i]))->severity = SEVERITY_ERROR;
	for (size_t i = 0; i < COUNT(warnings); i++)
		enter(x, hash_of(warnings[i]))->severity = SEVERITY_WARNING;
	for (size_t i = 0; i < COUNT(denials); i++)
		enter(x, hash_of(denials[i]))->denies = true;
}

void
lexicon_add(struct lexicon *const x, const struct phrase *const p)
{
	if (x->phrase_count == LEXICON_PHRASES || p->count == 0)
		return;
	for (uint32_t i = 0; i < x->phrase_count; i++)
		if (x->phrases[i].count == p->count &&
		    memcmp(x->phrases[i].words, p->words, p->count * sizeof *p->words) == 0)
			return;
	enter(x, p->words[p->count - 1])->phrases |= (uint64_t)1 << x->phrase_count;
	x->phrases[x->phrase_count++] = *p;
}

/* Does what follows a word say that there is none: `": null`, `=0`? */
static bool
is_nothing(struct span s)
{
	static const char *const nothings[] = { "null", "none", "None", "nil", "false", "\"\"", "[]", "{}" };

	if (s.n && s.p[0] == '"')
		s = span_from(s, 1);
	s = span_trim(s);
	if (s.n == 0 || (s.p[0] != ':' && s.p[0] != '='))
		return false;
	s = span_trim(span_from(s, 1));
	for (size_t i = 0; i < COUNT(nothings); i++)
		if (span_starts(s, span_str(nothings[i])))
			return true;
	return s.n && s.p[0] == '0' && (s.n == 1 || letter_of((unsigned char)s.p[1]) != DIGIT) &&
	       !(s.n > 1 && s.p[1] == '.');
}

/* The last words read, for phrases. */
struct recent {
	uint64_t words[PHRASE_WORDS];
	uint32_t count;
};

static uint64_t
find_phrases(const struct lexicon *const x, uint64_t candidates, const struct recent *const r)
{
	uint64_t found = 0;

	for (uint32_t i = 0; candidates; i++, candidates >>= 1) {
		const struct phrase *const p = &x->phrases[i];
		uint32_t k = 0;

		if (!(candidates & 1) || p->count > r->count)
			continue;
		while (k < p->count && p->words[p->count - 1 - k] ==
					       r->words[(r->count - 1 - k) % PHRASE_WORDS])
			k++;
		if (k == p->count)
			found |= (uint64_t)1 << i;
	}
	return found;
}

/* A run of letters and digits, camel humps together, as part of a shape. */
struct run {
	uint64_t hash;
	uint32_t length;
	bool digits, hex;
};

static uint64_t
shape_of(const struct run *const r)
{
	return r->digits || (r->hex && r->length >= 4) ? '#' : r->hash;
}

void
lexicon_read(const struct lexicon *const x, const struct span text, struct reading *const out)
{
	struct reading r = { .exact = hash_stable(text), .shape = FNV_BASIS };
	struct run run = { FNV_BASIS, 0, false, true };
	struct recent recent = { .count = 0 };
	struct span rest = text;
	const char *from = text.p;
	bool denied = false;

	for (struct word w; word_next(&rest, &w); from = rest.p) {
		const struct lexicon_entry *const e = &x->slots[slot_of(x, w.hash)];

		if (!w.joined) {
			r.shape = mix(r.shape, shape_of(&run));
			for (; from < rest.p - w.length; from++)
				r.shape = mix(r.shape, (unsigned char)*from);
			run = (struct run){ FNV_BASIS, 0, false, true };
		}
		run.hash = mix(run.hash, w.hash);
		run.length += w.length;
		run.digits |= w.digits;
		run.hex &= w.hex;
		r.words += !w.digits;
		recent.words[recent.count++ % PHRASE_WORDS] = w.hash;
		if (e->severity > r.severity && !denied && !is_nothing(rest))
			r.severity = e->severity;
		if (e->phrases)
			r.phrases |= find_phrases(x, e->phrases, &recent);
		denied = e->denies;
	}
	r.shape = mix(r.shape, shape_of(&run));
	for (; from < text.p + text.n; from++)
		r.shape = mix(r.shape, (unsigned char)*from);
	*out = r;
}

void
known_words_add(struct known_words *const k, struct span text)
{
	for (struct word w; k->count < KNOWN_WORDS && word_next(&text, &w);)
		k->words[k->count++] = w.hash;
}

static bool
is_known(const struct known_words *const k, const uint64_t hash)
{
	for (uint32_t i = 0; i < k->count; i++)
		if (k->words[i] == hash)
			return true;
	return false;
}

uint64_t
shape_without(struct span text, const struct known_words *const k)
{
	uint64_t shape = FNV_BASIS, last = 0;

	for (struct word w; word_next(&text, &w);) {
		const struct run run = { w.hash, w.length, w.digits, w.hex };
		const uint64_t next = is_known(k, w.hash) ? '#' : shape_of(&run);

		/* auth-service and api-gateway-2 are as good as one word. */
		if (next != '#' || last != '#')
			shape = mix(shape, next);
		last = next;
	}
	return shape;
}

uint64_t
name_hash(const struct span name)
{
	uint64_t hash = FNV_BASIS;

	for (size_t i = 0; i < name.n; i++) {
		const unsigned char c = (unsigned char)name.p[i];

		if (letter_of(c) != OTHER)
			hash = mix(hash, letter_of(c) == CAPITAL ? c | 0x20u : c);
	}
	return hash;
}
