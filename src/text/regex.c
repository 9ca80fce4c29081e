#include "text/regex.h"

#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Backtracking steps a byte of text may cost, and some for short ones: honest
 * patterns take fewer than ten. */
#define STEPS_PER_BYTE 64u
#define STEPS_BASE 4096u
/* KB that the remembered places of one search may take. */
#define HEAP_KB 4096u

struct regex {
	pcre2_code *code;
};

struct regex_matcher {
	pcre2_match_context *context;
	pcre2_match_data *data;
};

static void
explain(int code, PCRE2_SIZE at, char why[REGEX_WHY])
{
	PCRE2_UCHAR text[128];

	if (pcre2_get_error_message(code, text, sizeof text) < 0)
		snprintf((char *)text, sizeof text, "error %d", code);
	snprintf(why, REGEX_WHY, "The regular expression is wrong at character %zu: %s.",
		 (size_t)at + 1, (const char *)text);
}

enum err
regex_compile(struct span pattern, bool ignore_case, struct regex **out, char why[REGEX_WHY])
{
	const uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C |
				 (ignore_case ? PCRE2_CASELESS : 0);
	PCRE2_SIZE at = 0;
	int code;

	if (pattern.n > REGEX_PATTERN_BYTES) {
		snprintf(why, REGEX_WHY, "The regular expression is longer than %d bytes.",
			 REGEX_PATTERN_BYTES);
		return ERR_LIMIT;
	}
	struct regex *const re = malloc(sizeof *re);
	if (!re)
		return ERR_NOMEM;
	re->code = pcre2_compile((PCRE2_SPTR)(pattern.n ? pattern.p : ""), pattern.n, options,
				 &code, &at, NULL);
	if (!re->code) {
		free(re);
		if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY)
			return ERR_NOMEM;
		explain(code, at, why);
		return ERR_SYNTAX;
	}
	*out = re;
	return OK;
}

void
regex_free(struct regex **re)
{
	if (*re)
		pcre2_code_free((*re)->code);
	free(*re);
	*re = NULL;
}

struct regex_matcher *
regex_matcher_make(void)
{
	struct regex_matcher *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->context = pcre2_match_context_create(NULL);
	/* Room for the whole match; what groups matched is not asked for. */
	m->data = pcre2_match_data_create(1, NULL);
	if (!m->context || !m->data)
		regex_matcher_free(&m);
	else
		pcre2_set_heap_limit(m->context, HEAP_KB);
	return m;
}

void
regex_matcher_free(struct regex_matcher **m)
{
	if (*m) {
		pcre2_match_data_free((*m)->data);
		pcre2_match_context_free((*m)->context);
	}
	free(*m);
	*m = NULL;
}

/* Steps for a text of `n` bytes. */
static uint32_t
match_limit(size_t n)
{
	return n < (UINT32_MAX - STEPS_BASE) / STEPS_PER_BYTE
		       ? (uint32_t)n * STEPS_PER_BYTE + STEPS_BASE
		       : UINT32_MAX;
}

enum err
regex_search(const struct regex *re, struct regex_matcher *m, struct span text, struct fuel *fuel,
	     struct span *found)
{
	if (!fuel_use(fuel, text.n + 1))
		return ERR_FUEL;
	pcre2_set_match_limit(m->context, match_limit(text.n));
	const int n = pcre2_match(re->code, (PCRE2_SPTR)(text.n ? text.p : ""), text.n, 0,
				  PCRE2_NO_JIT, m->data, m->context);
	if (n == PCRE2_ERROR_NOMATCH)
		return ERR_NOT_FOUND;
	if (n == PCRE2_ERROR_NOMEMORY)
		return ERR_NOMEM;
	/* Of the other errors only the limits can come about. */
	if (n < 0)
		return ERR_FUEL;
	if (found) {
		const PCRE2_SIZE *const at = pcre2_get_ovector_pointer(m->data);

		/* \K in a look-ahead may put the start behind the end. */
		*found = at[0] <= at[1] ? span_of(text.p + at[0], at[1] - at[0])
					: span_of(text.p + at[1], 0);
	}
	return OK;
}
