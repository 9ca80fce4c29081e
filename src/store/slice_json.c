/* Values of JSON: by path, rows of an array by number and condition. */
#include <stdio.h>

#include "compress/source.h"
#include "json/walk.h"
#include "store/slice_parts.h"

#define NAMES_SHOWN ((size_t)160)	/* bytes of names in a sentence */

static enum err
read_json(struct slicing *s, struct source *out)
{
	const enum err e = source_read(s->text, s->arena, s->fuel, out);

	if (e == ERR_UNSUPPORTED || e == ERR_LIMIT)
		return slicing_fail(s, ERR_UNSUPPORTED,
				    "The original is neither JSON nor JSON Lines; path and rows need that. "
				    "Ask for lines or grep.");
	return e;
}

/* Keys of an object, those with an array for a value only where asked; how many in *count. */
static void
list_keys(const struct json_doc *d, uint32_t object, bool arrays, char out[NAMES_SHOWN], uint32_t *count)
{
	size_t n = 0;

	*count = 0;
	out[0] = '\0';
	for (JSON_MEMBERS(d, object, key)) {
		const struct span name = json_inner(d, key);

		if (arrays && json_type(d, key + 1) != JSON_ARRAY)
			continue;
		++*count;
		if (n + name.n + 8 > NAMES_SHOWN)
			continue;
		n += (size_t)snprintf(out + n, NAMES_SHOWN - n, "%s%.*s", n ? ", " : "", SPAN_ARG(name));
	}
}

/* ---- which values are the rows ---- */

struct rows {
	const struct json_doc *doc;
	const uint32_t *nodes;	/* of a path to several values; NULL: the elements of `array` */
	uint32_t array;
	uint32_t count;
};

static void
elements_of(struct rows *rows, uint32_t array)
{
	rows->array = array;
	rows->count = rows->doc->nodes[array].count;
}

/* Without a path that says it: the text itself, or its only array. */
static enum err
only_array(struct slicing *s, struct rows *rows, uint32_t root)
{
	const struct json_doc *const d = rows->doc;
	char names[NAMES_SHOWN];
	uint32_t count;

	if (json_type(d, root) == JSON_ARRAY) {
		elements_of(rows, root);
		return OK;
	}
	if (json_type(d, root) != JSON_OBJECT)
		return slicing_fail(s, ERR_UNSUPPORTED, "rows: there is no array here, so there are no rows.");
	list_keys(d, root, true, names, &count);
	if (count == 0)
		return slicing_fail(s, ERR_UNSUPPORTED,
				    "rows: this is an object without an array; name one by path; path $.* "
				    "takes all its values as rows.");
	if (count > 1)
		return slicing_fail(s, ERR_UNSUPPORTED,
				    "rows: there are %u arrays; name one by path: %s.", count, names);
	for (JSON_MEMBERS(d, root, key))
		if (json_type(d, key + 1) == JSON_ARRAY)
			elements_of(rows, key + 1);
	return OK;
}

static enum err
find_path(struct slicing *s, const struct json_doc *d, uint32_t **nodes, uint32_t *count)
{
	char reason[JSON_PATH_WHY] = "";
	const enum err e = json_path_find(s->slice->path, d, s->arena, s->fuel, nodes, count, reason);

	return e == ERR_NOT_FOUND ? slicing_fail(s, e, "path: %s", reason) : e;
}

static enum err
find_rows(struct slicing *s, const struct json_doc *d, struct rows *rows)
{
	uint32_t *nodes, count;

	*rows = (struct rows){ .doc = d };
	if (!s->slice->path)
		return only_array(s, rows, 0);
	TRY(find_path(s, d, &nodes, &count));
	if (!json_path_is_plural(s->slice->path))
		return only_array(s, rows, nodes[0]);
	rows->nodes = nodes;
	rows->count = count;
	return OK;
}

/* ---- which of them are asked for ---- */

/* Goes through the rows in order; false at the end. */
static bool
next_row(const struct rows *rows, uint32_t *i, uint32_t *node)
{
	if (*i == rows->count)
		return false;
	if (rows->nodes)
		*node = rows->nodes[*i];
	else
		*node = *i ? rows->doc->nodes[*node].next : rows->array + 1;
	++*i;
	return true;
}

static enum err
choose(struct slicing *s, const struct rows *rows, struct condition_run *run, uint32_t *chosen,
       uint32_t *count)
{
	const struct slice_range *const range = &s->slice->rows;
	uint32_t i = 0, node = 0;

	while (next_row(rows, &i, &node) && i <= range->last) {
		bool holds = true;

		if (!fuel_use(s->fuel, 1))
			return ERR_FUEL;
		if (i < range->first)
			continue;
		if (run)
			TRY(condition_test(run, node, &holds));
		if (holds)
			chosen[(*count)++] = node;
	}
	return OK;
}

static enum err
unknown_column(struct slicing *s, const struct rows *rows, struct span column)
{
	char names[NAMES_SHOWN] = "";
	uint32_t i = 0, node = 0, count = 0;

	while (count == 0 && next_row(rows, &i, &node))
		if (json_type(rows->doc, node) == JSON_OBJECT)
			list_keys(rows->doc, node, false, names, &count);
	return slicing_fail(s, ERR_NOT_FOUND, "rows: no row has a column %.*s; %s%s.",
			    (int)(column.n < 60 ? column.n : 60), column.p,
			    count ? "there are " : "@ is the row itself", names);
}

static enum err
choose_where(struct slicing *s, const struct rows *rows, uint32_t *chosen, uint32_t *count)
{
	struct condition_run run;
	struct span column;

	if (!s->slice->where)
		return choose(s, rows, NULL, chosen, count);
	TRY(condition_begin(&run, s->slice->where, rows->doc, arena_room(s->arena), s->fuel));
	enum err e = choose(s, rows, &run, chosen, count);
	if (e == OK && rows->count && *count == 0 && condition_unknown_column(&run, &column))
		e = unknown_column(s, rows, column);
	condition_end(&run);
	return e;
}

/* ---- the answer ---- */

/* As an array of one value a line, or as JSON Lines. */
static void
add_values(struct slicing *s, const struct source *source, const uint32_t *nodes, uint64_t n)
{
	if (!source->lines)
		buf_add_char(s->out, '[');
	for (uint64_t i = 0; i < n; i++) {
		if (i && !source->lines)
			buf_add_str(s->out, ",\n");
		buf_add_span(s->out, json_raw(&source->doc, nodes[i]));
		if (source->lines)
			buf_add_char(s->out, '\n');
	}
	if (!source->lines)
		buf_add_char(s->out, ']');
}

static enum err
take_rows(struct slicing *s, const struct source *source)
{
	uint32_t count = 0;
	uint64_t from, to;
	struct rows rows;

	TRY(find_rows(s, &source->doc, &rows));
	s->result->unit = "rows";
	s->result->total = rows.count;
	if (s->slice->rows.first > 1 && s->slice->rows.first > rows.count)
		return slicing_fail(s, ERR_NOT_FOUND, "rows: there are %u; there is no row %llu.", rows.count,
				    (unsigned long long)s->slice->rows.first);
	uint32_t *const chosen = ARENA_ARRAY(s->arena, uint32_t, rows.count);
	if (!chosen)
		return ERR_NOMEM;
	TRY(choose_where(s, &rows, chosen, &count));
	s->result->matched = count;
	slice_window(s->slice, count, &from, &to);
	s->result->given = to - from;
	add_values(s, source, chosen + from, to - from);
	return OK;
}

static enum err
take_path(struct slicing *s, const struct source *source)
{
	uint32_t *nodes, count;

	TRY(find_path(s, &source->doc, &nodes, &count));
	*s->result = (struct slice_result){ "values", count, count, count };
	if (json_path_is_plural(s->slice->path))
		add_values(s, source, nodes, count);
	else if (nodes[0] == 0 && source->lines)
		buf_add_span(s->out, s->text);
	else
		buf_add_span(s->out, json_raw(&source->doc, nodes[0]));
	return OK;
}

enum err
slice_take_json(struct slicing *s)
{
	struct source source;

	TRY(read_json(s, &source));
	return s->slice->asks[SLICE_ROWS] ? take_rows(s, &source) : take_path(s, &source);
}
