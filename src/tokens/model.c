#include "tokens/model.h"

/* The longest row that a name holds where a word of it begins. Exact rows are OpenAI's
 * own list. The other factors are means over English, code and JSON, set
 * against o200k; a text can be 15 % off either way. */
static const struct {
	struct span name;
	struct tokens_model model;
} models[] = {
#define EXACT(name, encoding) { SPAN(name), { TOKENS_##encoding, true, 1.0 } }
#define ABOUT(name, factor) { SPAN(name), { TOKENS_O200K, false, factor } }
	EXACT("gpt-5", O200K),
	EXACT("gpt-4o", O200K),
	EXACT("gpt-4.1", O200K),
	EXACT("gpt-4.5", O200K),
	EXACT("gpt-oss", O200K),
	EXACT("chatgpt-4o", O200K),
	EXACT("codex-mini", O200K),
	EXACT("o1", O200K),
	EXACT("o3", O200K),
	EXACT("o4", O200K),
	EXACT("gpt-4", CL100K),
	EXACT("gpt-3.5", CL100K),
	EXACT("gpt-35", CL100K),
	EXACT("text-embedding-3", CL100K),
	EXACT("text-embedding-ada-002", CL100K),
	EXACT("davinci-002", CL100K),
	EXACT("babbage-002", CL100K),
	ABOUT("claude", 1.2),
	ABOUT("gemini", 1.1),
	ABOUT("gemma", 1.1),
#undef EXACT
#undef ABOUT
};

static const struct tokens_model unknown = { TOKENS_O200K, false, 1.0 };

/* What stands between the words of a name: "us.anthropic.claude-3", "ft:gpt-4o:acme". */
static bool
is_separator(char c)
{
	return c == '/' || c == '.' || c == ':' || c == '@' || c == '-' || c == '_';
}

static bool
begins_with_words(struct span name, struct span words)
{
	return name.n >= words.n && span_eq_nocase(span_head(name, words.n), words) &&
	       (name.n == words.n || is_separator(name.p[words.n]));
}

/* The longest row at the beginning of `name`, or `unknown`. */
static const struct tokens_model *
model_at(struct span name)
{
	const struct tokens_model *best = &unknown;
	size_t longest = 0;

	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		if (models[i].name.n > longest && begins_with_words(name, models[i].name)) {
			best = &models[i].model;
			longest = models[i].name.n;
		}
	}
	return best;
}

struct tokens_model
tokens_for_model(struct span name)
{
	for (size_t i = 0; i < name.n; i++) {
		/* Not after '-': "llama-o1-…" is nobody's o1. */
		if (i && (!is_separator(name.p[i - 1]) || name.p[i - 1] == '-'))
			continue;
		const struct tokens_model *const m = model_at(span_from(name, i));
		if (m != &unknown)
			return *m;
	}
	return unknown;
}

size_t
tokens_for(const struct tokens_model *m, struct span text)
{
	const size_t n = tokens_count(m->encoding, text);

	return m->exact ? n : (size_t)((double)n * m->scale + 0.5);
}
