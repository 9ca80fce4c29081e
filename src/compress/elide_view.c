#include "compress/elide_view.h"

static const struct {
	const char *name;
	enum meaning meaning;
} meanings[] = {
	{ "level", MEANING_LEVEL }, { "lvl", MEANING_LEVEL }, { "levelno", MEANING_LEVEL },
	{ "loglevel", MEANING_LEVEL }, { "severity", MEANING_LEVEL },
	{ "status", MEANING_STATUS }, { "statuscode", MEANING_STATUS }, { "httpstatus", MEANING_STATUS },
	{ "httpcode", MEANING_STATUS }, { "httpstatuscode", MEANING_STATUS }, { "code", MEANING_STATUS },
	{ "responsecode", MEANING_STATUS }, { "responsestatus", MEANING_STATUS },
	{ "exitcode", MEANING_EXIT }, { "exitstatus", MEANING_EXIT }, { "returncode", MEANING_EXIT },
	{ "success", MEANING_GOOD }, { "succeeded", MEANING_GOOD }, { "successful", MEANING_GOOD },
	{ "ok", MEANING_GOOD }, { "passed", MEANING_GOOD }, { "healthy", MEANING_GOOD },
	{ "failed", MEANING_BAD }, { "iserror", MEANING_BAD }, { "haserror", MEANING_BAD },
	{ "timedout", MEANING_BAD }, { "crashed", MEANING_BAD }, { "killed", MEANING_BAD },
	{ "error", MEANING_ERROR }, { "errors", MEANING_ERROR }, { "err", MEANING_ERROR },
	{ "errormessage", MEANING_ERROR }, { "errorcode", MEANING_ERROR }, { "exception", MEANING_ERROR },
	{ "exceptions", MEANING_ERROR }, { "failure", MEANING_ERROR }, { "failures", MEANING_ERROR },
	{ "failuremessage", MEANING_ERROR }, { "failuremessages", MEANING_ERROR },
	{ "stacktrace", MEANING_ERROR }, { "stack", MEANING_ERROR }, { "traceback", MEANING_ERROR },
	{ "id", MEANING_ID }, { "uuid", MEANING_ID }, { "guid", MEANING_ID }, { "trace", MEANING_ID },
	{ "request", MEANING_ID }, { "session", MEANING_ID },
};

static bool
ends_in_id(const struct span name)
{
	if (name.n <= 2)
		return false;
	const char *const end = name.p + name.n;

	return (end[-1] == 'd' || end[-1] == 'D') &&
	       (end[-2] == 'I' || (end[-2] == 'i' && (end[-3] == '_' || end[-3] == '-' || end[-3] == '.')));
}

static enum meaning
meaning_of(const struct table *const t, const uint32_t column)
{
	const struct span name = t->columns[column].name;
	const uint64_t hash = name_hash(name);

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (hash == name_hash(span_str(meanings[i].name)))
			return meanings[i].meaning;
	return ends_in_id(name) ? MEANING_ID : MEANING_NONE;
}

bool
name_is_id(const struct span name)
{
	return ends_in_id(name) || span_eq_nocase(name, SPAN("id"));
}

/* What a member of an error is says nothing else: err.type, error.message. */
static enum meaning
column_meaning(const struct table *const t, const uint32_t column)
{
	for (uint32_t up = t->columns[column].parent; up; up = t->columns[up].parent)
		if (!t->columns[up].is_item && meaning_of(t, up) == MEANING_ERROR)
			return MEANING_ERROR;
	return t->columns[column].is_item ? MEANING_NONE : meaning_of(t, column);
}

struct span
view_text(const struct view *const v, const struct value *const value)
{
	return json_type(v->d, value->node) == JSON_STRING ? json_inner(v->d, value->node)
							   : json_raw(v->d, value->node);
}

static struct value
read_value(const struct view *const v, const struct lexicon *const x, const uint32_t node,
	   const uint32_t row, uint64_t *const phrases)
{
	struct value value = { .row = row, .node = node };
	struct reading r;

	lexicon_read(x, view_text(v, &value), &r);
	value.exact = r.exact * 8 + json_type(v->d, node);
	value.shape = r.shape * 8 + json_type(v->d, node);
	value.words = r.words;
	value.severity = json_type(v->d, node) >= JSON_STRING ? r.severity : SEVERITY_NONE;
	*phrases = r.phrases;
	return value;
}

static bool
same_name(const struct column *const x, const struct column *const y)
{
	return x->is_item == y->is_item && x->item == y->item && x->raw_name == y->raw_name &&
	       span_eq(x->name, y->name);
}

/* The place of a column's path: that of an earlier one with the same path, which
 * only tables with kinds have, or a new one. */
static uint32_t
place_path(struct view *const v, const uint32_t c)
{
	const struct column *const columns = v->t->columns;

	for (uint32_t i = 1; v->t->kinds && i < v->column_count; i++) {
		const struct column *const known = &columns[v->columns[i].column];

		if (v->path_of[known->parent] == v->path_of[columns[c].parent] &&
		    same_name(known, &columns[c])) {
			v->columns[i].constant = false;
			v->columns[i].has_cells = true;
			return i;
		}
	}
	v->columns[v->column_count] = (struct view_column){
		.column = c,
		.constant = columns[c].constant,
		.has_cells = column_has_cells(&columns[c]),
		.meaning = column_meaning(v->t, c),
	};
	return v->column_count++;
}

/* The path of a member of an object at path `parent`; 0: no column has it. */
static uint32_t
find_path(const struct view *const v, const uint32_t parent, const struct span name)
{
	for (uint32_t i = 1; i < v->column_count; i++) {
		const struct column *const c = &v->t->columns[v->columns[i].column];

		if (v->path_of[c->parent] == parent && !c->is_item && span_eq(c->name, name))
			return i;
	}
	return 0;
}

static bool
has_paths_below(const struct view *const v, const uint32_t path)
{
	return v->t->columns[v->columns[path].column].child != 0;
}

/* Room for another value of the path; once there is room, its place. */
static void
add_value(struct view *const v, const struct lexicon *const x, const uint32_t path,
	  const uint32_t node, const uint32_t row)
{
	struct view_column *const c = &v->columns[path];

	/* One a row, though a member may be there twice. */
	if (c->last_row == row + 1)
		return;
	c->last_row = row + 1;
	if (!v->values) {
		c->end++;
		return;
	}
	struct value *const value = &v->values[c->end++];
	/* A constant is read once. */
	if (c->constant && c->end - 1 > c->first) {
		*value = v->values[c->first];
		value->row = row;
	} else {
		*value = read_value(v, x, node, row, &c->phrases);
	}
	v->phrases[row] |= c->phrases;
}

/* Adds the members of a row that stands as JSON as far as columns have their paths. */
static void
add_members(struct view *const v, const struct lexicon *const x, const uint32_t row)
{
	struct { uint32_t end, path; } stack[TABLE_DEPTH + 1];
	const struct json_node *const nodes = v->d->nodes;
	uint32_t depth = 1, i = v->t->rows[row].node;

	if (nodes[i].type != JSON_OBJECT)
		return;
	stack[0].end = nodes[i++].next;
	stack[0].path = 0;
	while (depth) {
		if (i >= stack[depth - 1].end) {
			depth--;
			continue;
		}
		const uint32_t path = find_path(v, stack[depth - 1].path, json_inner(v->d, i));
		const uint32_t node = i + 1;

		i = nodes[node].next;
		if (!path)
			continue;
		if (nodes[node].type == JSON_OBJECT && has_paths_below(v, path) && depth <= TABLE_DEPTH) {
			stack[depth].end = i;
			stack[depth++].path = path;
			i = node + 1;
		} else {
			add_value(v, x, path, node, row);
		}
	}
}

static void
add_row(struct view *const v, const struct lexicon *const x, const uint32_t r)
{
	const struct table *const t = v->t;

	if (t->rows[r].json)
		add_members(v, x, r);
	for (uint32_t i = t->rows[r].cells; i < t->rows[r + 1].cells; i++)
		add_value(v, x, v->path_of[t->cells[i].column], t->cells[i].node, r);
}

static void
find_paths(struct view *const v)
{
	v->column_count = 1;
	v->path_of[0] = 0;
	for (uint32_t c = 1; c < v->t->column_count; c++)
		v->path_of[c] = place_path(v, c);
}

/* Reads all rows, each path's values one after the other: the first walk counts them. */
static enum err
read_rows(struct view *const v, const struct lexicon *const x, struct arena *const a)
{
	const struct table *const t = v->t;
	uint32_t at = 0;

	for (uint32_t r = 0; r < t->row_count; r++)
		add_row(v, x, r);
	for (uint32_t i = 0; i < v->column_count; i++) {
		const uint32_t n = v->columns[i].end;

		v->columns[i].first = v->columns[i].end = at;
		v->columns[i].last_row = 0;
		at += n;
	}
	v->value_count = at;
	v->values = ARENA_ARRAY(a, struct value, (size_t)at + 1);
	if (!v->values)
		return ERR_NOMEM;
	for (uint32_t r = 0; r < t->row_count; r++) {
		if (t->rows[r].json)
			v->json_rows[v->json_count++] =
				read_value(v, x, t->rows[r].node, r, &v->phrases[r]);
		add_row(v, x, r);
	}
	return OK;
}

/* The column with the most words a row, two at least, which differ. */
static void
find_message(struct view *const v)
{
	uint64_t most = 0;

	for (uint32_t c = 1; c < v->column_count; c++) {
		uint64_t words = 0;

		if (v->columns[c].constant)
			continue;
		for (uint32_t i = v->columns[c].first; i < v->columns[c].end; i++)
			words += json_type(v->d, v->values[i].node) == JSON_STRING ? v->values[i].words : 0;
		if (words > most && words >= 2 * (uint64_t)(v->columns[c].end - v->columns[c].first)) {
			most = words;
			v->message = c;
		}
	}
}

/* The words of a row but for its message. */
static struct known_words
words_of(const struct view *const v, const uint32_t row)
{
	const struct table *const t = v->t;
	struct known_words k = { .count = 0 };

	for (uint32_t i = t->rows[row].cells; i < t->rows[row + 1].cells; i++)
		if (v->path_of[t->cells[i].column] != v->message &&
		    json_type(v->d, t->cells[i].node) == JSON_STRING)
			known_words_add(&k, json_inner(v->d, t->cells[i].node));
	return k;
}

/* Messages that differ in nothing but what other columns say, too, are of one shape. */
static void
shape_messages(const struct view *const v)
{
	const struct view_column *const c = &v->columns[v->message];

	for (uint32_t i = c->first; v->message && i < c->end; i++) {
		const struct known_words k = words_of(v, v->values[i].row);

		if (json_type(v->d, v->values[i].node) == JSON_STRING)
			v->values[i].shape = shape_without(view_text(v, &v->values[i]), &k) * 8 + JSON_STRING;
	}
}

/* Members, at most, of rows that stand as JSON. */
static uint32_t
json_members(const struct json_doc *const d, const struct table *const t)
{
	uint32_t n = 0;

	for (uint32_t r = 0; r < t->row_count; r++)
		n += t->rows[r].json ? d->nodes[t->rows[r].node].next - t->rows[r].node : 0;
	return n;
}

enum err
view_read(const struct json_doc *const d, const struct table *const t, const struct lexicon *const x,
	  struct arena *const a, struct fuel *const fuel, struct view *const out)
{
	struct view v = { .d = d, .t = t };

	const uint64_t names = (t->kinds ? t->column_count : 0) + (uint64_t)json_members(d, t);
	const uint64_t steps = 3 * (uint64_t)d->nodes[t->container].len + t->cell_count;

	if (!fuel_use(fuel, steps + names * t->column_count / 8))
		return ERR_FUEL;
	v.columns = arena_zalloc(a, (t->column_count + (size_t)1) * sizeof *v.columns);
	v.path_of = arena_zalloc(a, (t->column_count + (size_t)1) * sizeof *v.path_of);
	v.phrases = arena_zalloc(a, t->row_count * sizeof *v.phrases);
	v.json_rows = ARENA_ARRAY(a, struct value, (size_t)t->json_rows + 1);
	if (!v.columns || !v.path_of || !v.phrases || !v.json_rows)
		return ERR_NOMEM;
	find_paths(&v);
	TRY(read_rows(&v, x, a));
	find_message(&v);
	shape_messages(&v);
	*out = v;
	return OK;
}

static bool
is_nothing(const struct view *const v, const struct value *const value)
{
	const struct span raw = json_raw(v->d, value->node);

	switch (json_type(v->d, value->node)) {
	case JSON_NULL:
	case JSON_FALSE:
		return true;
	case JSON_NUMBER:
		return span_eq(raw, SPAN("0"));
	case JSON_STRING:
		return raw.n == 2;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return v->d->nodes[value->node].count == 0;
	default:
		return false;
	}
}

/* A whole number in text; 0 for anything else. */
static uint32_t
small_number(const struct span s)
{
	uint32_t n = 0;

	if (s.n > 6)
		return 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		n = 10 * n + (uint32_t)(s.p[i] - '0');
	}
	return n;
}

/* Pino's and bunyan's numbers; Python's say 30 and 40 for what is 40 and 50 there. */
static enum severity
level_severity(const struct span text, const enum severity spoken)
{
	const uint32_t n = small_number(text);

	if (text.n == 1 && strchr("EFC", text.p[0]))
		return SEVERITY_ERROR;
	if (text.n == 1 && text.p[0] == 'W')
		return SEVERITY_WARNING;
	if (n >= 40 && n <= 60)
		return n >= 50 ? SEVERITY_ERROR : SEVERITY_WARNING;
	return spoken;
}

enum severity
view_severity(const struct view *const v, const struct view_column *const c,
	      const struct value *const value)
{
	const enum json_type type = json_type(v->d, value->node);
	const struct span text = view_text(v, value);
	uint32_t n;

	switch (c->meaning) {
	case MEANING_LEVEL:
		return level_severity(text, value->severity);
	case MEANING_STATUS:
		n = small_number(text);
		if (n >= 400 && n <= 599)
			return n >= 500 ? SEVERITY_ERROR : SEVERITY_WARNING;
		return value->severity;
	case MEANING_EXIT:
		return small_number(text) ? SEVERITY_ERROR : value->severity;
	case MEANING_GOOD:
		return type == JSON_FALSE ? SEVERITY_ERROR : value->severity;
	case MEANING_BAD:
		return type == JSON_TRUE ? SEVERITY_ERROR : value->severity;
	case MEANING_ERROR:
		return is_nothing(v, value) ? SEVERITY_NONE : SEVERITY_ERROR;
	default:
		return value->severity;
	}
}
