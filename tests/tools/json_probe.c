/* Reads JSON texts from stdin, each after its length as four little-endian
 * bytes, and prints one line for each: the error's name when it is refused, else
 * what the tape says, as JSON that needs no deep look to be compared:
 *   ["O",members,key,value,…] ["A",elements,…] ["N","raw"] ["T"] ["F"] ["Z"]
 *   ["S",escaped,ascii,"text"], and ["L","raw"] with a lone surrogate in it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "json/scan.h"
#include "json/text.h"

static const struct json_limits lim = { 1024, 1u << 26 };

static void
dump_string(struct buf *b, const struct json_doc *d, uint32_t node, struct arena *a)
{
	struct span text;

	if (json_string(d, node, a, &text) == OK) {
		buf_addf(b, "[\"S\",%d,%d,\"", d->nodes[node].escaped, d->nodes[node].ascii);
	} else {
		buf_add_str(b, "[\"L\",\"");
		text = json_inner(d, node);
	}
	json_escape(b, text);
	buf_add_str(b, "\"]");
}

/* Opens a container's list, or says a whole leaf. */
static void
dump_node(struct buf *b, const struct json_doc *d, uint32_t node, struct arena *a)
{
	switch (json_type(d, node)) {
	case JSON_NULL:
		buf_add_str(b, "[\"Z\"]");
		break;
	case JSON_FALSE:
		buf_add_str(b, "[\"F\"]");
		break;
	case JSON_TRUE:
		buf_add_str(b, "[\"T\"]");
		break;
	case JSON_NUMBER:
		buf_addf(b, "[\"N\",\"%.*s\"]", SPAN_ARG(json_raw(d, node)));
		break;
	case JSON_STRING:
		dump_string(b, d, node, a);
		break;
	case JSON_ARRAY:
		buf_addf(b, "[\"A\",%u", d->nodes[node].count);
		break;
	case JSON_OBJECT:
		buf_addf(b, "[\"O\",%u", d->nodes[node].count);
		break;
	}
}

static void
dump(struct buf *b, const struct json_doc *d, struct arena *a)
{
	uint32_t ends[1025];	/* of the containers open here */
	uint32_t open = 0;

	for (uint32_t i = 0; i < d->count; i++) {
		if (i)
			buf_add_char(b, ',');
		dump_node(b, d, i, a);
		if (json_type(d, i) >= JSON_ARRAY)
			ends[open++] = d->nodes[i].next;
		while (open && ends[open - 1] == i + 1) {
			buf_add_char(b, ']');
			open--;
		}
	}
}

static void
answer(struct span text)
{
	struct arena a;
	struct json_doc d;
	struct buf b;

	arena_init(&a, (size_t)1 << 30);
	buf_init(&b, (size_t)1 << 30);
	const enum err e = json_scan(text, &lim, &a, &d);
	if (e == OK)
		dump(&b, &d, &a);
	else
		buf_add_str(&b, err_name(e));
	buf_add_char(&b, '\n');
	fwrite(b.p, 1, b.n, stdout);
	buf_free(&b);
	arena_free(&a);
}

int
main(void)
{
	unsigned char head[4];

	while (fread(head, 1, sizeof head, stdin) == sizeof head) {
		const uint32_t n = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 |
				   (uint32_t)head[3] << 24;
		char *const text = malloc(n ? n : 1);

		if (!text || fread(text, 1, n, stdin) != n) {
			free(text);
			return 1;
		}
		answer(span_of(text, n));
		free(text);
	}
	return 0;
}
