#include "compress/must_keep.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/glob.h"

struct pattern {
	char *tool;		/* a glob; NULL: every tool */
	struct regex *regex;
};

struct must_keep {
	struct pattern patterns[MUST_KEEP_PATTERNS];
	uint32_t count;
};

static bool
is_tool_char(const char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("_-.*?", c) != NULL);
}

/* Bytes of the tool's name that a pattern begins with; 0: none. */
static size_t
tool_length(const struct span s)
{
	size_t n = 0;

	while (n < s.n && is_tool_char(s.p[n]))
		n++;
	if (n == 0 || n == s.n || s.p[n] != ':')
		return 0;
	const struct span rest = span_from(s, n + 1);
	return rest.n == 0 || rest.p[0] == ' ' || span_starts(rest, SPAN("//")) ? 0 : n;
}

static enum err
add(struct must_keep *const k, const struct span s, char why[MUST_KEEP_WHY])
{
	struct pattern *const p = &k->patterns[k->count];
	const size_t n = tool_length(s);
	char fault[REGEX_WHY] = "";

	if (k->count == MUST_KEEP_PATTERNS) {
		snprintf(why, MUST_KEEP_WHY, "There are more than %u must-keep patterns.",
			 MUST_KEEP_PATTERNS);
		return ERR_LIMIT;
	}
	const enum err e = regex_compile(n ? span_from(s, n + 1) : s, false, &p->regex, fault);
	if (e != OK) {
		snprintf(why, MUST_KEEP_WHY, "must-keep pattern %u, \"%.*s\": %s", k->count + 1,
			 (int)(s.n < 80 ? s.n : 80), s.p, fault);
		return e;
	}
	k->count++;
	p->tool = n ? strndup(s.p, n) : NULL;
	return n && !p->tool ? ERR_NOMEM : OK;
}

/* Takes what stands before the next semicolon or line end off *rest. */
static struct span
next_pattern(struct span *const rest)
{
	size_t n = 0;

	while (n < rest->n && rest->p[n] != ';' && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	const struct span s = span_trim(span_head(*rest, n));
	*rest = span_from(*rest, n + 1);
	return s;
}

enum err
must_keep_compile(const struct span patterns, struct must_keep **const out, char why[MUST_KEEP_WHY])
{
	struct must_keep *k = calloc(1, sizeof *k);
	enum err e = k ? OK : ERR_NOMEM;

	for (struct span rest = patterns; e == OK && rest.n;) {
		const struct span s = next_pattern(&rest);

		if (s.n)
			e = add(k, s, why);
	}
	if (k && (e != OK || k->count == 0))
		must_keep_free(&k);
	if (e == OK)
		*out = k;
	return e;
}

void
must_keep_free(struct must_keep **const k)
{
	for (uint32_t i = 0; *k && i < (*k)->count; i++) {
		regex_free(&(*k)->patterns[i].regex);
		free((*k)->patterns[i].tool);
	}
	free(*k);
	*k = NULL;
}

static bool
is_for(const struct pattern *const p, const struct span tool)
{
	return !p->tool || glob_match(span_str(p->tool), tool);
}

bool
must_keep_applies(const struct must_keep *const k, const struct span tool)
{
	for (uint32_t i = 0; k && i < k->count; i++)
		if (is_for(&k->patterns[i], tool))
			return true;
	return false;
}

enum err
must_keep_search(const struct must_keep *const k, const struct span tool,
		 struct regex_matcher *const m, const struct span text, struct fuel *const fuel)
{
	for (uint32_t i = 0; i < k->count; i++) {
		if (!is_for(&k->patterns[i], tool))
			continue;
		const enum err e = regex_search(k->patterns[i].regex, m, text, fuel, NULL);
		if (e != ERR_NOT_FOUND)
			return e;
	}
	return ERR_NOT_FOUND;
}
