#include "compress/elide_words.h"

#define FNV_BASIS 14695981039346656037u
#define FNV_PRIME 1099511628211u

enum letter { OTHER, SMALL, CAPITAL, DIGIT };

static enum letter
letter_of(const unsigned char c)
{
	if ((c >= 'a' && c <= 'z') || c >= 0x80)
		return SMALL;
	if (c >= 'A' && c <= 'Z')
		return CAPITAL;
	return c >= '0' && c <= '9' ? DIGIT : OTHER;
}

bool
word_next(struct span *const rest, struct word *const out)
{
	const char *p = rest->p, *const end = rest->p + rest->n;
	struct word w = { FNV_BASIS, false };
	enum letter last = OTHER;
	uint64_t before = 0;

	while (p < end && letter_of((unsigned char)*p) == OTHER)
		p++;
	const char *const from = p;
	for (; p < end; p++) {
		const unsigned char c = (unsigned char)*p;
		const enum letter kind = letter_of(c);

		if (kind == OTHER || (kind == CAPITAL && last == SMALL))
			break;
		before = w.hash;
		w.hash = (w.hash ^ (kind == CAPITAL ? c | 0x20u : c)) * FNV_PRIME;
		w.digits |= kind == DIGIT;
		last = kind;
	}
	const size_t n = (size_t)(p - from);
	if (n > 3 && (p[-1] == 's' || p[-1] == 'S') && p[-2] != 's' && p[-2] != 'S')
		w.hash = before;
	*rest = span_of(p, (size_t)(end - p));
	*out = w;
	return n > 0;
}

static const char *const troubles[] = {
	"abort", "aborted", "cannot", "corrupt", "corrupted", "crash", "crashed", "crit", "critical",
	"deadlock", "denied", "eaccess", "eacces", "econnrefused", "econnreset", "emerg", "emergency",
	"enoent", "enomem", "enospc", "epipe", "err", "error", "etimedout", "exception", "exhausted",
	"fail", "failed", "failing", "failure", "fatal", "fault", "forbidden", "invalid", "killed",
	"mismatch", "oom", "overflow", "panic", "refused", "rejected", "segfault", "severe", "timeout",
	"traceback", "unable", "unauthorized", "unavailable", "uncaught", "unexpected", "unhandled",
	"unhealthy", "unreachable", "violation", "warn", "warning",
};

static uint64_t
hash_of(const char *const word)
{
	struct span rest = span_str(word);
	struct word w;

	(void)word_next(&rest, &w);
	return w.hash;
}

static bool
is_trouble(const struct trouble_words *const t, const uint64_t hash)
{
	for (uint64_t i = hash % TROUBLE_SLOTS; t->slots[i]; i = (i + 1) % TROUBLE_SLOTS)
		if (t->slots[i] == hash)
			return true;
	return false;
}

void
trouble_words_init(struct trouble_words *const t)
{
	*t = (struct trouble_words){ 0 };
	for (size_t k = 0; k < sizeof troubles / sizeof troubles[0]; k++) {
		const uint64_t hash = hash_of(troubles[k]);
		uint64_t i = hash % TROUBLE_SLOTS;

		while (t->slots[i] && t->slots[i] != hash)
			i = (i + 1) % TROUBLE_SLOTS;
		t->slots[i] = hash;
	}
}

bool
trouble_in(const struct trouble_words *const t, struct span text)
{
	const uint64_t no = hash_of("no"), zero = hash_of("0");
	struct word w;

	for (uint64_t last = 0; word_next(&text, &w); last = w.hash)
		if (!w.digits && last != no && last != zero && is_trouble(t, w.hash))
			return true;
	return false;
}
