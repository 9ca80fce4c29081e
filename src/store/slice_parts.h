/* What the files of a slice share. */
#ifndef HR_STORE_SLICE_PARTS_H
#define HR_STORE_SLICE_PARTS_H

#include "store/condition.h"
#include "store/json_path.h"
#include "store/slice.h"
#include "text/regex.h"

/* Units from `first` to `last`, counted from 1, both included. */
struct slice_range {
	uint64_t first;
	uint64_t last;	/* UINT64_MAX: to the end */
};

struct slice {
	bool asks[SLICE_OPTIONS];
	struct slice_range lines;
	struct slice_range rows;
	struct regex *grep;
	uint64_t context;
	struct json_path *path;
	struct condition *where;	/* NULL: every row of the range */
	uint64_t head;
	uint64_t tail;
};

/* One piece of work of slice_take. */
struct slicing {
	const struct slice *slice;
	struct span text;
	struct arena *arena;
	struct fuel *fuel;
	struct buf *out;
	struct slice_result *result;
	char *why;
};

/* Writes the sentence and gives `e` back. */
enum err slicing_fail(struct slicing *s, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Of `n` units that were chosen, those that head or tail leave: [*from, *to). */
void slice_window(const struct slice *s, uint64_t n, uint64_t *from, uint64_t *to);

/* The line at *at with its line feed, which is moved behind it; false at the end. */
bool slice_next_line(struct span text, size_t *at, struct span *line);

enum err slice_take_lines(struct slicing *s) MUST_CHECK;
enum err slice_take_grep(struct slicing *s) MUST_CHECK;
enum err slice_take_json(struct slicing *s) MUST_CHECK;	/* path, rows or both */

#endif
