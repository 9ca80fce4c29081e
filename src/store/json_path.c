#include "store/json_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "json/walk.h"

#define STEPS 64
#define KEYS_SHOWN 120	/* bytes of keys in a sentence */

enum step_kind {
	STEP_NAME,
	STEP_INDEX,
	STEP_RANGE,
	STEP_ALL,
};

struct step {
	enum step_kind kind;
	struct span name;
	int64_t from, to;	/* index, or range with `to` INT64_MAX for the end */
	size_t end;		/* of the step in the text of the path */
};

struct json_path {
	struct step steps[STEPS];
	uint32_t count;
	bool plural;
	size_t n;
	char text[JSON_PATH_BYTES];
	char names[JSON_PATH_BYTES];	/* quoted ones, where they stand in `text` */
};

/* ---- parsing ---- */

struct parsing {
	struct json_path *path;
	size_t at;
	char *why;
};

static enum err __attribute__((format(printf, 2, 3)))
fault(struct parsing *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, JSON_PATH_WHY, fmt, ap);
	va_end(ap);
	return ERR_SYNTAX;
}

static bool
is_at(const struct parsing *p, char c)
{
	return p->at < p->path->n && p->path->text[p->at] == c;
}

static enum err
add_step(struct parsing *p, struct step step)
{
	if (p->path->count == STEPS)
		return fault(p, "more than %d steps.", STEPS);
	step.end = p->at;
	if (step.kind == STEP_RANGE || step.kind == STEP_ALL)
		p->path->plural = true;
	p->path->steps[p->path->count++] = step;
	return OK;
}

/* ".name" or ".*"; `at` is behind the dot. */
static enum err
parse_member(struct parsing *p)
{
	const size_t from = p->at;
	const char *const text = p->path->text;

	if (is_at(p, '.'))
		return fault(p, "\"..\" (search at any depth) is not supported; spell the path out.");
	while (p->at < p->path->n && text[p->at] != '.' && text[p->at] != '[' && text[p->at] != ']')
		p->at++;
	const struct span name = span_of(text + from, p->at - from);
	if (name.n == 0)
		return fault(p, "a name is missing at character %zu.", from + 1);
	if (span_eq(name, SPAN("*")))
		return add_step(p, (struct step){ .kind = STEP_ALL });
	return add_step(p, (struct step){ .kind = STEP_NAME, .name = name });
}

static bool
read_index(struct parsing *p, int64_t *out)
{
	const bool negative = is_at(p, '-');
	const size_t from = p->at + negative;
	int64_t n = 0;
	size_t at = from;

	while (at < p->path->n && at - from < 12 && p->path->text[at] >= '0' && p->path->text[at] <= '9')
		n = n * 10 + (p->path->text[at++] - '0');
	if (at == from)
		return false;
	p->at = at;
	*out = negative ? -n : n;
	return true;
}

/* A quoted name; a backslash keeps a quote or a backslash from being one. */
static enum err
parse_quoted(struct parsing *p)
{
	const char *const text = p->path->text;
	char *const name = p->path->names + p->at;
	const char quote = text[p->at++];
	const size_t from = p->at;
	size_t n = 0;

	while (p->at < p->path->n && text[p->at] != quote) {
		if (text[p->at] == '\\' && p->at + 1 < p->path->n &&
		    (text[p->at + 1] == quote || text[p->at + 1] == '\\'))
			p->at++;
		name[n++] = text[p->at++];
	}
	if (p->at == p->path->n)
		return fault(p, "the quote at character %zu is not closed.", from);
	p->at++;
	if (!is_at(p, ']'))
		return fault(p, "\"]\" is missing at character %zu.", p->at + 1);
	p->at++;
	return add_step(p, (struct step){ .kind = STEP_NAME, .name = span_of(name, n) });
}

/* "[…]"; `at` is behind the bracket. */
static enum err
parse_bracket(struct parsing *p)
{
	struct step step = { .kind = STEP_INDEX, .to = INT64_MAX };

	if (is_at(p, '\'') || is_at(p, '"'))
		return parse_quoted(p);
	if (is_at(p, '?'))
		return fault(p, "filters are not supported; ask for rows, as in \"where level=ERROR\".");
	const bool indexed = read_index(p, &step.from);
	if (is_at(p, ':')) {
		step.kind = STEP_RANGE;
		p->at++;
		read_index(p, &step.to);
	} else if (!indexed) {
		if (!is_at(p, '*'))
			return fault(p, "an index, a range as 0:10, \"*\" or a quoted name must stand at "
					"character %zu.", p->at + 1);
		step.kind = STEP_ALL;
		p->at++;
	}
	if (!is_at(p, ']'))
		return fault(p, "\"]\" is missing at character %zu.", p->at + 1);
	p->at++;
	return add_step(p, step);
}

static enum err
parse(struct parsing *p)
{
	if (is_at(p, '$'))
		p->at++;
	else if (!is_at(p, '.') && !is_at(p, '['))
		TRY(parse_member(p));
	while (p->at < p->path->n) {
		const size_t at = p->at++;
		enum err e;

		if (p->path->text[at] == '.')
			e = parse_member(p);
		else if (p->path->text[at] == '[')
			e = parse_bracket(p);
		else
			e = fault(p, "\".\" or \"[\" must stand at character %zu.", at + 1);
		if (e != OK)
			return e;
	}
	return OK;
}

enum err
json_path_parse(struct span text, struct json_path **out, char why[JSON_PATH_WHY])
{
	struct parsing p = { .why = why };

	if (text.n == 0)
		return fault(&p, "a path as $.items[3].error is missing.");
	if (text.n > JSON_PATH_BYTES)
		return fault(&p, "longer than %d bytes.", JSON_PATH_BYTES);
	p.path = calloc(1, sizeof *p.path);
	if (!p.path)
		return ERR_NOMEM;
	memcpy(p.path->text, text.p, text.n);
	p.path->n = text.n;
	const enum err e = parse(&p);
	if (e == OK)
		*out = p.path;
	else
		json_path_free(&p.path);
	return e;
}

void
json_path_free(struct json_path **p)
{
	free(*p);
	*p = NULL;
}

bool
json_path_is_plural(const struct json_path *p)
{
	return p->plural;
}

/* ---- finding ---- */

struct finding {
	const struct json_doc *doc;
	struct arena *arena;
	struct fuel *fuel;
	uint32_t *nodes;	/* what the steps so far lead to */
	uint32_t count;
	uint32_t room;
};

static enum err
add_node(struct finding *f, uint32_t node)
{
	if (f->count == f->room) {
		const uint32_t room = f->room ? f->room * 2 : 16;
		uint32_t *const grown = arena_grow(f->arena, f->nodes, f->room * sizeof *f->nodes,
						   room * sizeof *f->nodes);

		if (!grown)
			return ERR_NOMEM;
		f->nodes = grown;
		f->room = room;
	}
	f->nodes[f->count++] = node;
	return OK;
}

static int64_t
from_end(int64_t index, uint32_t count)
{
	if (index < 0)
		index += count;
	return index < 0 ? 0 : index > count ? count : index;
}

/* Elements from `from` up to `to` of an array, or all values of an object. */
static enum err
add_children(struct finding *f, uint32_t node, const struct step *step)
{
	const struct json_doc *const d = f->doc;
	const bool object = json_type(d, node) == JSON_OBJECT;
	int64_t from = 0, to = INT64_MAX, i = 0;

	if (step->kind == STEP_RANGE) {
		from = from_end(step->from, d->nodes[node].count);
		to = from_end(step->to, d->nodes[node].count);
	}
	for (uint32_t k = node + 1; k < d->nodes[node].next && i < to; i++) {
		const uint32_t value = object ? k + 1 : k;

		if (!fuel_use(f->fuel, 1))
			return ERR_FUEL;
		if (i >= from)
			TRY(add_node(f, value));
		k = d->nodes[value].next;
	}
	return OK;
}

static enum err
add_element(struct finding *f, uint32_t node, int64_t index)
{
	const struct json_doc *const d = f->doc;
	int64_t i = 0;

	if (index < 0)
		index += d->nodes[node].count;
	if (index < 0 || index >= d->nodes[node].count)
		return OK;
	if (!fuel_use(f->fuel, (uint64_t)index + 1))
		return ERR_FUEL;
	for (JSON_EACH(d, node, element))
		if (i++ == index)
			return add_node(f, element);
	return OK;
}

static enum err
take_step(struct finding *f, uint32_t node, const struct step *step)
{
	const enum json_type type = json_type(f->doc, node);

	if (step->kind == STEP_NAME) {
		if (type != JSON_OBJECT)
			return OK;
		if (!fuel_use(f->fuel, f->doc->nodes[node].count + 1))
			return ERR_FUEL;
		const uint32_t value = json_get(f->doc, node, step->name);
		return value == JSON_NONE ? OK : add_node(f, value);
	}
	if (step->kind == STEP_ALL)
		return type == JSON_ARRAY || type == JSON_OBJECT ? add_children(f, node, step) : OK;
	if (type != JSON_ARRAY)
		return OK;
	return step->kind == STEP_RANGE ? add_children(f, node, step) : add_element(f, node, step->from);
}

/* The keys of an object as they are spelled, or what else the node is. */
static void
describe(const struct json_doc *d, uint32_t node, char *out, size_t room)
{
	static const char *const kinds[] = {
		[JSON_NULL] = "null",	  [JSON_FALSE] = "false",   [JSON_TRUE] = "true",
		[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
	};
	size_t n = 0;

	if (json_type(d, node) == JSON_ARRAY) {
		snprintf(out, room, "an array of %u", d->nodes[node].count);
		return;
	}
	if (json_type(d, node) != JSON_OBJECT) {
		snprintf(out, room, "%s", kinds[json_type(d, node)]);
		return;
	}
	n = (size_t)snprintf(out, room, "an object of %u:", d->nodes[node].count);
	for (JSON_MEMBERS(d, node, key)) {
		const struct span inner = json_inner(d, key);

		if (n + inner.n + 8 > room) {
			snprintf(out + n, room - n, " …");
			return;
		}
		n += (size_t)snprintf(out + n, room - n, " %.*s", SPAN_ARG(inner));
	}
}

static enum err
not_there(const struct json_path *p, const struct step *step, const struct json_doc *d, uint32_t node,
	  char *why)
{
	const size_t before = step == p->steps ? 0 : step[-1].end;
	char what[KEYS_SHOWN];

	describe(d, node, what, sizeof what);
	snprintf(why, JSON_PATH_WHY, "there is no %.*s in %s%.*s, which is %s.",
		 (int)(step->end - before < 60 ? step->end - before : 60), p->text + before,
		 before == 0 ? "the original" : "", (int)(before < 60 ? before : 60), p->text, what);
	return ERR_NOT_FOUND;
}

enum err
json_path_find(const struct json_path *p, const struct json_doc *d, struct arena *a,
	       struct fuel *fuel, uint32_t **nodes, uint32_t *count, char why[JSON_PATH_WHY])
{
	struct finding f = { .doc = d, .arena = a, .fuel = fuel };

	TRY(add_node(&f, 0));
	for (uint32_t i = 0; i < p->count; i++) {
		const struct finding last = f;

		f.nodes = NULL;
		f.count = f.room = 0;
		for (uint32_t k = 0; k < last.count; k++)
			TRY(take_step(&f, last.nodes[k], &p->steps[i]));
		if (f.count == 0 && !p->plural)
			return not_there(p, &p->steps[i], d, last.nodes[0], why);
	}
	*nodes = f.nodes;
	*count = f.count;
	return OK;
}
