/* Requests for originals: the first byte says whether the rest is a query of a URL, a body
 * with a hash and options, or a model's call. What is taken has a hash of the right form,
 * what is refused a reason; a query and the members that say the same ask the same. */
#include <stdint.h>
#include <stdlib.h>

#include "admin/tool_call.h"
#include "base/check.h"
#include "json/walk.h"
#include "wire/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HASH SPAN("0123456789abcdef01234567")

static const struct json_limits limits = { 64, 1u << 16 };

static void
check(int status, const struct retrieve_ask *ask, const struct refusal *why)
{
	CHECK(status == 0 || (status == 400 && why->status == 400 && why->text[0]));
	CHECK(status != 0 || (ask->hash.n == STORE_HASH_DIGITS && ask->ignored_count <= RETRIEVE_IGNORED));
}

/* The pairs of a query, the last of each name, as an object. */
static void
write_members(struct span query, struct arena *a, struct buf *out)
{
	struct json_writer w;
	struct span name, value;

	jw_init(&w, out);
	jw_object(&w);
	jw_kspan(&w, "hash", HASH);
	while (query_next(&query, a, &name, &value) == OK) {
		jw_key_span(&w, name);
		jw_span(&w, value.p ? value : SPAN(""));
	}
	jw_end_object(&w);
}

static void
check_query(struct span query, struct arena *a)
{
	struct retrieve_ask one, two;
	struct refusal why = { 0 };
	struct json_doc d;
	struct buf members;

	const int status = retrieve_ask_url(HASH, query, a, &one, &why);
	check(status, &one, &why);
	buf_init(&members, 1 << 24);
	write_members(query, a, &members);
	if (status == 0 && json_scan(buf_span(&members), &limits, a, &d) == OK &&
	    retrieve_ask_members(&d, 0, a, &two, &why) == 0 && span_eq(two.hash, HASH))
		for (int i = 0; i < SLICE_OPTIONS; i++)
			CHECK(!one.part.value[i].p == !two.part.value[i].p);
	buf_free(&members);
}

static void
check_body(struct span body, struct arena *a)
{
	struct retrieve_ask ask;
	struct refusal why = { 0 };
	struct json_doc d;

	if (json_scan(body, &limits, a, &d) == OK && json_type(&d, 0) == JSON_OBJECT)
		check(retrieve_ask_members(&d, 0, a, &ask, &why), &ask, &why);
}

static void
check_call(struct span body, struct arena *a)
{
	struct tool_call call;
	struct refusal why = { 0 };
	struct json_writer w;
	struct json_doc d;
	struct buf out;

	const int status = tool_call_read(body, a, &call, &why);
	check(status, &call.ask, &why);
	if (status != 0)
		return;
	buf_init(&out, 1 << 24);
	jw_init(&w, &out);
	tool_call_write(&w, &call, true, SPAN("{}"));
	CHECK(json_scan(buf_span(&out), &limits, a, &d) == OK);
	buf_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	/* On the heap, so that reading past the end is seen. */
	char *const copy = malloc(size);
	memcpy(copy, data + 1, size - 1);
	const struct span rest = span_of(copy, size - 1);
	struct arena a;

	arena_init(&a, (size_t)1 << 28);
	if (data[0] == 'q')
		check_query(rest, &a);
	else if (data[0] == 'b')
		check_body(rest, &a);
	else
		check_call(rest, &a);
	arena_free(&a);
	free(copy);
	return 0;
}
