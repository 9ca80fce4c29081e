#include "store/condition.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/number.h"
#include "json/text.h"
#include "json/walk.h"

/* A condition is kept as postfix: terms push whether they hold, the others take from there. */
#define PROGRAM (CONDITION_TERMS * 4)
#define NESTING 32	/* of "not" and parentheses */
#define SCRATCH_KEPT ((size_t)1 << 20)

enum op {
	OP_PRESENT,	/* the column alone: it stands there and is not null */
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_MATCH,
	OP_NO_MATCH,
};

struct term {
	enum op op;
	struct span column;
	struct span value;
	bool quoted;		/* the value: it stands for text only */
	bool number;		/* the value is one */
	struct regex *regex;
};

/* What the program holds beside the numbers of terms. */
enum {
	DO_NOT = CONDITION_TERMS,
	DO_AND,
	DO_OR,
	OPEN,	/* only while parsing */
};

struct condition {
	struct term terms[CONDITION_TERMS];
	uint32_t term_count;
	uint8_t program[PROGRAM];
	uint32_t program_length;
	char words[CONDITION_BYTES];	/* what columns and values point into */
};

/* ---- words ---- */

enum token {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_QUOTED,
	TOKEN_OP,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_BAD,
};

struct parsing {
	struct condition *condition;
	struct span text;
	size_t at;
	size_t word_bytes;	/* of condition->words in use */
	uint8_t stack[NESTING];	/* operators that wait */
	uint32_t depth;
	struct span word;	/* of the latest token */
	enum op op;
	char *why;
};

static enum err __attribute__((format(printf, 2, 3)))
fault(struct parsing *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, CONDITION_WHY, fmt, ap);
	va_end(ap);
	return ERR_SYNTAX;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_blanks(struct parsing *p)
{
	while (p->at < p->text.n && is_blank(p->text.p[p->at]))
		p->at++;
}

/* "…" or '…'; the quote itself is spelled twice. */
static enum token
read_quoted(struct parsing *p)
{
	const char quote = p->text.p[p->at++];
	char *const word = p->condition->words + p->word_bytes;
	size_t n = 0;

	for (; p->at < p->text.n; p->at++) {
		if (p->text.p[p->at] == quote) {
			if (p->at + 1 >= p->text.n || p->text.p[p->at + 1] != quote) {
				p->at++;
				p->word = span_of(word, n);
				p->word_bytes += n;
				return TOKEN_QUOTED;
			}
			p->at++;
		}
		word[n++] = p->text.p[p->at];
	}
	return TOKEN_BAD;
}

static enum token
read_op(struct parsing *p)
{
	static const struct {
		const char *spelled;
		enum op op;
	} ops[] = {
		{ "==", OP_EQ }, { "!=", OP_NE }, { "<=", OP_LE },    { ">=", OP_GE }, { "!~", OP_NO_MATCH },
		{ "=", OP_EQ },	 { "<", OP_LT },  { ">", OP_GT },     { "~", OP_MATCH },
	};
	const struct span rest = span_from(p->text, p->at);

	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (span_starts(rest, span_str(ops[i].spelled))) {
			p->op = ops[i].op;
			p->at += strlen(ops[i].spelled);
			return TOKEN_OP;
		}
	return TOKEN_BAD;
}

static bool
ends_column(char c)
{
	return is_blank(c) || memchr("()=!<>~\"'", c, 9) != NULL;
}

/* A bare word: of a column up to an operator, of a value up to a blank or a bracket that
 * it did not open. */
static enum token
read_word(struct parsing *p, bool value)
{
	const size_t from = p->at;
	char *const word = p->condition->words + p->word_bytes;
	uint32_t open = 0;

	for (; p->at < p->text.n; p->at++) {
		const char c = p->text.p[p->at];

		if (value ? is_blank(c) || (c == ')' && open == 0) : ends_column(c))
			break;
		open += c == '(';
		open -= c == ')';
	}
	p->word = span_of(word, p->at - from);
	memcpy(word, p->text.p + from, p->word.n);
	p->word_bytes += p->word.n;
	return p->word.n ? TOKEN_WORD : TOKEN_BAD;
}

static bool
is_word(const struct parsing *p, enum token token, struct span word)
{
	return token == TOKEN_WORD && span_eq_nocase(p->word, word);
}

static enum token
next_token(struct parsing *p, bool value)
{
	skip_blanks(p);
	if (p->at == p->text.n)
		return TOKEN_END;
	switch (p->text.p[p->at]) {
	case '"':
	case '\'':
		return read_quoted(p);
	case '(':
		if (value)
			break;
		p->at++;
		return TOKEN_OPEN;
	case ')':
		p->at++;
		return TOKEN_CLOSE;
	case '=': case '!': case '<': case '>': case '~':
		if (value)
			break;
		return read_op(p);
	}
	return read_word(p, value);
}

/* ---- parsing ---- */

static enum err
emit(struct parsing *p, uint8_t what)
{
	if (p->condition->program_length == PROGRAM)
		return fault(p, "the condition is too long.");
	p->condition->program[p->condition->program_length++] = what;
	return OK;
}

static enum err
push(struct parsing *p, uint8_t what)
{
	if (p->depth == NESTING)
		return fault(p, "brackets and \"not\" nest deeper than %d levels.", NESTING);
	p->stack[p->depth++] = what;
	return OK;
}

/* Emits what waits and binds at least as tightly as `least`. */
static enum err
unwind(struct parsing *p, uint8_t loosest)
{
	while (p->depth && p->stack[p->depth - 1] <= loosest)
		TRY(emit(p, p->stack[--p->depth]));
	return OK;
}

static enum err
compile_regex(struct parsing *p, struct term *t)
{
	char reason[REGEX_WHY] = "";
	const enum err e = regex_compile(t->value, false, &t->regex, reason);

	if (e == OK || e == ERR_NOMEM)
		return e;
	return fault(p, "%s", reason);
}

/* "op value" after a column, if it stands there. */
static enum err
parse_value(struct parsing *p, struct term *t)
{
	skip_blanks(p);
	if (p->at == p->text.n || !memchr("=!<>~", p->text.p[p->at], 5))
		return OK;
	if (next_token(p, false) != TOKEN_OP)
		return fault(p, "\"!\" is no operator; there are = != < <= > >= ~ and !~.");
	t->op = p->op;
	const enum token token = next_token(p, true);
	if (token != TOKEN_WORD && token != TOKEN_QUOTED)
		return fault(p, "a value is missing after the operator at character %zu, or its quote is "
				"not closed.", p->at);
	t->value = p->word;
	t->quoted = token == TOKEN_QUOTED;
	t->number = !t->quoted && json_is_number(t->value);
	return t->op == OP_MATCH || t->op == OP_NO_MATCH ? compile_regex(p, t) : OK;
}

static enum err
parse_term(struct parsing *p)
{
	struct condition *const c = p->condition;

	if (c->term_count == CONDITION_TERMS)
		return fault(p, "more than %d comparisons.", CONDITION_TERMS);
	struct term *const t = &c->terms[c->term_count];
	t->column = p->word;
	TRY(emit(p, (uint8_t)c->term_count++));
	return parse_value(p, t);
}

/* Where a term may begin; *term is false after "not" and "(". */
static enum err
parse_operand(struct parsing *p, bool *term)
{
	const enum token token = next_token(p, false);

	*term = false;
	if (is_word(p, token, SPAN("not")))
		return push(p, DO_NOT);
	if (token == TOKEN_OPEN)
		return push(p, OPEN);
	*term = true;
	if (token == TOKEN_BAD)
		return fault(p, "the quote is not closed, or \"!\" stands alone, at character %zu.", p->at);
	if ((token != TOKEN_WORD && token != TOKEN_QUOTED) || is_word(p, token, SPAN("and")) ||
	    is_word(p, token, SPAN("or")))
		return fault(p, "a column as in level=ERROR is missing at character %zu.", p->at);
	return parse_term(p);
}

/* After a term: "and", "or", ")" or the end; *term says whether another must follow. */
static enum err
parse_joint(struct parsing *p, bool *more, bool *end)
{
	const enum token token = next_token(p, false);

	*more = false;
	*end = token == TOKEN_END;
	if (token == TOKEN_END)
		return unwind(p, DO_OR);
	if (token == TOKEN_CLOSE) {
		TRY(unwind(p, DO_OR));
		if (p->depth == 0)
			return fault(p, "\")\" at character %zu closes nothing.", p->at);
		p->depth--;
		return OK;
	}
	*more = true;
	const bool both = is_word(p, token, SPAN("and"));
	if (!both && !is_word(p, token, SPAN("or")))
		return fault(p, "\"and\" or \"or\" must stand between comparisons (character %zu); a value "
				"with blanks needs quotes.", p->at);
	TRY(unwind(p, both ? DO_AND : DO_OR));
	return push(p, both ? DO_AND : DO_OR);
}

static enum err
parse(struct parsing *p)
{
	bool operand = true, end = false;

	while (!end) {
		bool term = false;

		if (operand)
			TRY(parse_operand(p, &term));
		if (operand && term)
			operand = false;
		else if (!operand)
			TRY(parse_joint(p, &operand, &end));
	}
	return p->depth ? fault(p, "a \")\" is missing at the end.") : OK;
}

enum err
condition_parse(struct span text, struct condition **out, char why[CONDITION_WHY])
{
	struct parsing p = { .text = text, .why = why };

	if (text.n > CONDITION_BYTES)
		return fault(&p, "the condition is longer than %d bytes.", CONDITION_BYTES);
	p.condition = calloc(1, sizeof *p.condition);
	if (!p.condition)
		return ERR_NOMEM;
	const enum err e = parse(&p);
	if (e == OK)
		*out = p.condition;
	else
		condition_free(&p.condition);
	return e;
}

void
condition_free(struct condition **c)
{
	if (*c)
		for (uint32_t i = 0; i < CONDITION_TERMS; i++)
			regex_free(&(*c)->terms[i].regex);
	free(*c);
	*c = NULL;
}

/* ---- testing ---- */

/* The value of a column: the member of that name, else the way that its dots lead;
 * "@" is the row itself. */
static enum err
find_cell(struct condition_run *run, uint32_t row, struct span column, uint32_t *cell)
{
	const struct json_doc *const d = run->doc;

	*cell = row;
	if (span_eq(column, SPAN("@")))
		return OK;
	for (;;) {
		const uint32_t at = *cell;
		const size_t dot = span_find(column, '.');

		if (json_type(d, at) != JSON_OBJECT) {
			*cell = JSON_NONE;
			return OK;
		}
		if (!fuel_use(run->fuel, 2 * (uint64_t)d->nodes[at].count + 1))
			return ERR_FUEL;
		*cell = json_get(d, at, column);
		if (*cell != JSON_NONE || dot == column.n)
			return OK;
		*cell = json_get(d, at, span_head(column, dot));
		if (*cell == JSON_NONE)
			return OK;
		column = span_from(column, dot + 1);
	}
}

/* What a cell says: the text of a string, else its JSON as it is spelled. */
static enum err
cell_text(struct condition_run *run, uint32_t cell, struct span *out)
{
	*out = json_raw(run->doc, cell);
	if (!fuel_use(run->fuel, out->n))
		return ERR_FUEL;
	if (json_type(run->doc, cell) != JSON_STRING)
		return OK;
	const enum err e = json_string(run->doc, cell, &run->scratch, out);
	if (e == ERR_UNSUPPORTED)
		*out = json_inner(run->doc, cell);	/* a lone surrogate: as it is spelled */
	return e == ERR_UNSUPPORTED ? OK : e;
}

static bool
equals(const struct term *t, enum json_type type, struct span text)
{
	if (t->quoted && type != JSON_STRING && type != JSON_NUMBER)
		return false;
	if (t->number && type == JSON_NUMBER)
		return json_number_compare(text, t->value) == 0;
	return span_eq(text, t->value);
}

/* As numbers when both are, else byte by byte; only text and numbers have an order. */
static bool
in_order(const struct term *t, enum json_type type, struct span text)
{
	int order;

	if (type != JSON_STRING && type != JSON_NUMBER)
		return false;
	if (json_is_number(text) && json_is_number(t->value)) {
		order = json_number_compare(text, t->value);
	} else {
		const size_t n = text.n < t->value.n ? text.n : t->value.n;

		order = n ? memcmp(text.p, t->value.p, n) : 0;
		if (order == 0)
			order = (text.n > t->value.n) - (text.n < t->value.n);
	}
	return t->op == OP_LT   ? order < 0
	       : t->op == OP_LE ? order <= 0
	       : t->op == OP_GT ? order > 0
				: order >= 0;
}

static enum err
test_term(struct condition_run *run, const struct term *t, uint32_t cell, bool *holds)
{
	const enum json_type type = json_type(run->doc, cell);
	struct span text;
	enum err e;

	*holds = type != JSON_NULL;
	if (t->op == OP_PRESENT)
		return OK;
	TRY(cell_text(run, cell, &text));
	switch (t->op) {
	case OP_EQ:
	case OP_NE:
		*holds = equals(t, type, text) == (t->op == OP_EQ);
		return OK;
	case OP_MATCH:
	case OP_NO_MATCH:
		e = regex_search(t->regex, run->matcher, text, run->fuel, NULL);
		*holds = (e == OK) == (t->op == OP_MATCH);
		return e == ERR_NOT_FOUND ? OK : e;
	default:
		*holds = in_order(t, type, text);
		return OK;
	}
}

static enum err
test_nth(struct condition_run *run, uint32_t i, uint32_t row, bool *holds)
{
	const struct term *const t = &run->condition->terms[i];
	uint32_t cell;

	TRY(find_cell(run, row, t->column, &cell));
	if (cell == JSON_NONE) {
		*holds = t->op == OP_NE || t->op == OP_NO_MATCH;
		return OK;
	}
	run->seen[i] = true;
	return test_term(run, t, cell, holds);
}

enum err
condition_test(struct condition_run *run, uint32_t row, bool *holds)
{
	const struct condition *const c = run->condition;
	uint64_t stack = 0;	/* the topmost is the lowest bit; at most CONDITION_TERMS deep */

	if (run->scratch.used > SCRATCH_KEPT)
		arena_free(&run->scratch);
	for (uint32_t i = 0; i < c->program_length; i++) {
		const uint8_t what = c->program[i];
		bool value;

		if (what < CONDITION_TERMS) {
			TRY(test_nth(run, what, row, &value));
			stack = stack << 1 | value;
		} else if (what == DO_NOT) {
			stack ^= 1;
		} else {
			value = what == DO_AND ? (stack & stack >> 1 & 1) : ((stack | stack >> 1) & 1);
			stack = (stack >> 1 & ~(uint64_t)1) | value;
		}
	}
	*holds = stack & 1;
	return OK;
}

/* ---- runs ---- */

enum err
condition_begin(struct condition_run *run, const struct condition *c, const struct json_doc *d,
		size_t memory, struct fuel *fuel)
{
	*run = (struct condition_run){ .condition = c, .doc = d, .fuel = fuel };
	run->matcher = regex_matcher_make();
	if (!run->matcher)
		return ERR_NOMEM;
	arena_init(&run->scratch, memory);
	return OK;
}

void
condition_end(struct condition_run *run)
{
	regex_matcher_free(&run->matcher);
	arena_free(&run->scratch);
}

bool
condition_unknown_column(const struct condition_run *run, struct span *column)
{
	for (uint32_t i = 0; i < run->condition->term_count; i++)
		if (!run->seen[i]) {
			*column = run->condition->terms[i].column;
			return true;
		}
	return false;
}
