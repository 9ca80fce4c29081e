#include "compress/elide_hints.h"

#include "json/scan.h"

#define TEXT_BYTES ((size_t)8 << 10)	/* of a text, whose end says most */
#define QUOTED_BYTES 120u
#define LEAST_DIGITS 3u			/* smaller numbers are everywhere */
#define LEAST_LETTERS 3u

/* Words of questions and calls that say nothing of what is asked for. */
static const char *const stop_words[] = {
	"about", "add", "after", "again", "all", "also", "analysis", "analyze", "and", "any",
	"anything", "are", "based", "because", "been", "before", "being", "but", "call", "can",
	"cannot", "check", "could", "data", "describe", "did", "does", "done", "each", "every",
	"explain", "fetch", "find", "first", "for", "from", "get", "give", "going", "had", "has",
	"have", "help", "here", "how", "identify", "info", "information", "into", "investigate",
	"its", "just", "know", "last", "latest", "let", "like", "list", "look", "make", "matter",
	"may", "might", "more", "most", "much", "must", "need", "not", "now", "off", "once", "one",
	"only", "other", "our", "out", "output", "over", "please", "query", "read", "really",
	"recent", "recommendation", "relevant", "result", "run", "same", "search", "see", "should",
	"show", "since", "some", "such", "summarize", "summary", "sure", "tell", "text", "than",
	"thank", "that", "the", "their", "them", "then", "there", "these", "they", "thing", "this",
	"those", "tool", "try", "understand", "use", "using", "very", "want", "was", "way", "were",
	"what", "when", "where", "which", "while", "who", "why", "will", "with", "work", "would",
	"you", "your",
};

enum kind { QUOTED, NAMES, WORDS, KINDS };

static bool
is_stop_word(const uint64_t hash)
{
	for (size_t i = 0; i < sizeof stop_words / sizeof *stop_words; i++) {
		struct span rest = span_str(stop_words[i]);
		struct word w;

		if (word_next(&rest, &w) && w.hash == hash)
			return true;
	}
	return false;
}

/* Its first words; a longer one is found by them. */
static struct phrase
phrase_of(struct span text)
{
	struct phrase p = { .count = 0 };

	for (struct word w; p.count < PHRASE_WORDS && word_next(&text, &w);)
		p.words[p.count++] = w.hash;
	return p;
}

static void
add_token(struct lexicon *const x, const struct span token, const enum kind kind)
{
	const struct phrase p = phrase_of(token);
	struct span rest = token;
	struct word w;

	if (p.count == 0 || !word_next(&rest, &w))
		return;
	const bool name = p.count > 1 || w.digits;
	if (kind == NAMES && name && (p.count > 1 || w.length >= LEAST_DIGITS))
		lexicon_add(x, &p);
	if (kind == WORDS && !name && w.length >= LEAST_LETTERS && !is_stop_word(w.hash))
		lexicon_add(x, &p);
}

static bool
is_space(const char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
add_tokens(struct lexicon *const x, const struct span text, const enum kind kind)
{
	for (size_t i = 0, from; i < text.n;) {
		while (i < text.n && is_space(text.p[i]))
			i++;
		for (from = i; i < text.n && !is_space(text.p[i]);)
			i++;
		add_token(x, span_of(text.p + from, i - from), kind);
	}
}

/* "…", '…', `…` on one line; an apostrophe within a word quotes nothing. */
static void
add_quoted(struct lexicon *const x, const struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char quote = text.p[i];

		if ((quote != '"' && quote != '\'' && quote != '`') ||
		    (i && (is_space(text.p[i - 1]) || strchr("([{=:,", text.p[i - 1])) == 0))
			continue;
		const struct span rest = span_head(span_from(text, i + 1), QUOTED_BYTES);
		const size_t n = span_find(rest, quote);
		if (n == 0 || n == rest.n || span_find(rest, '\n') < n)
			continue;
		const struct phrase p = phrase_of(span_head(rest, n));
		if (p.count > 1)
			lexicon_add(x, &p);
		i += n + 1;
	}
}

static void
add_text(struct lexicon *const x, struct span text, const enum kind kind)
{
	if (text.n > TEXT_BYTES)
		text = span_from(text, text.n - TEXT_BYTES);
	if (kind == QUOTED)
		add_quoted(x, text);
	else
		add_tokens(x, text, kind);
}

/* Is the string a member's name? A value is followed by a comma or a bracket. */
static bool
is_name(const struct json_doc *const d, const uint32_t node)
{
	size_t i = d->nodes[node].off + (size_t)d->nodes[node].len;

	while (i < d->text.n && is_space(d->text.p[i]))
		i++;
	return i < d->text.n && d->text.p[i] == ':';
}

/* The strings and numbers of a call's arguments, not the members' names. */
static void
add_arguments(struct lexicon *const x, const struct json_doc *const d, const enum kind kind)
{
	for (uint32_t i = 0; i < d->count; i++) {
		if (json_type(d, i) == JSON_NUMBER)
			add_text(x, json_raw(d, i), kind);
		else if (json_type(d, i) == JSON_STRING && !is_name(d, i))
			add_text(x, json_inner(d, i), kind);
	}
}

enum err
hints_add(const struct compress_hints *const h, struct lexicon *const x, struct arena *const a,
	  struct fuel *const fuel)
{
	static const struct json_limits limits = { .depth = 64, .nodes = 1u << 12 };
	struct json_doc arguments = { .count = 0 };

	if (!fuel_use(fuel, 3 * (uint64_t)(h->tool.n + h->arguments.n + h->user.n)))
		return ERR_FUEL;
	const enum err e = h->arguments.n ? json_scan(h->arguments, &limits, a, &arguments)
					  : ERR_NOT_FOUND;
	if (e == ERR_NOMEM)
		return e;
	for (enum kind kind = 0; kind < KINDS; kind++) {
		add_text(x, h->user, kind);
		if (e == OK)
			add_arguments(x, &arguments, kind);
		else
			add_text(x, h->arguments, kind);
		add_text(x, h->tool, kind);
	}
	return OK;
}
