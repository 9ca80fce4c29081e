/* Whatever runs out, the block stays as it was or gets a form that decodes. */
#include "unit.h"

#include "base/buf.h"
#include "compress/compress.h"
#include "compress/same.h"
#include "compress/source.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FAIL_MALLOC 1

/* glibc's own; the names below take their place for the whole program. */
void *__libc_malloc(size_t n);
void *__libc_realloc(void *p, size_t n);

/* Allocations that still succeed; SIZE_MAX: all. */
static size_t allocations_left = SIZE_MAX;

static bool
may_allocate(void)
{
	if (allocations_left == SIZE_MAX)
		return true;
	if (allocations_left == 0)
		return false;
	allocations_left--;
	return true;
}

void *
malloc(size_t n)
{
	return may_allocate() ? __libc_malloc(n) : NULL;
}

void *
realloc(void *p, size_t n)
{
	return may_allocate() ? __libc_realloc(p, n) : NULL;
}
#endif

/* Heterogeneous rows, a list within, text that needs quotes, a constant. */
static void
add_text(struct buf *b)
{
	buf_add_str(b, "{ \"total\": 24, \"rows\": [");
	for (unsigned i = 0; i < 24; i++) {
		buf_addf(b, "%s\n  { \"id\": %u, \"kind\": \"push\", \"at\": \"2024-01-%02uT10:00:00Z\"",
			 i ? "," : "", i, i + 1);
		if (i % 3 == 0)
			buf_addf(b, ", \"note\": \"said \\\"%u\\\", then\\nleft\"", i);
		if (i % 5 == 0)
			buf_add_str(b, ", \"files\": [ { \"name\": \"a.c\", \"size\": 1 },"
				       " { \"name\": \"b.c\", \"size\": 2 }, { \"name\": \"c.c\", \"size\": 3 },"
				       " { \"name\": \"d.c\", \"size\": 4 }, { \"name\": \"e.c\", \"size\": 5 } ]");
		if (i == 7)
			buf_add_str(b, ", \"id\": 7");
		buf_add_str(b, " }");
	}
	buf_add_str(b, "\n] }");
}

/* The result is the input itself, or decodes to its values; true if replaced. */
static bool
check_result(struct span text, const struct compress_out *out)
{
	struct fuel fuel = { COMPRESS_DECODE_FUEL };
	struct source before, after;
	struct span back;
	struct arena a;

	if (out->form == COMPRESS_VERBATIM) {
		assert_ptr_equal(out->text.p, text.p);
		assert_int_equal(out->text.n, text.n);
		assert_int_not_equal(out->reason, COMPRESS_REASON_NONE);
		return false;
	}
	assert_int_equal(out->reason, COMPRESS_REASON_NONE);
	arena_init(&a, 64 << 20);
	assert_int_equal(compress_decode(out->text, &a, &fuel, &back), OK);
	assert_int_equal(source_read(text, &a, &fuel, &before), OK);
	assert_int_equal(source_read(back, &a, &fuel, &after), OK);
	assert_int_equal(json_same(&before.doc, &after.doc, &a, &fuel), OK);
	arena_free(&a);
	return true;
}

static struct compress_out
compress(struct span text, struct arena *a, uint64_t steps, uint64_t *used)
{
	const struct compress_in in = { text, PROFILE_LOSSLESS, 100 };
	struct fuel fuel = { steps };
	struct compress_out out;

	compress_block(&in, a, &fuel, &out);
	*used = steps - fuel.left;
	return out;
}

/* Every budget from none to enough; with less than enough for the table there
 * is one that still pays for the minified form. */
static void
every_fuel_budget(void **state)
{
	(void)state;
	size_t of_form[COMPRESS_FORMS] = { 0 };
	uint64_t enough, used;
	struct buf text;
	struct arena a;

	buf_init(&text, 1 << 20);
	add_text(&text);
	arena_init(&a, 64 << 20);
	assert_int_equal(compress(buf_span(&text), &a, compress_fuel_for(text.n), &enough).form,
			 COMPRESS_JSON_TABLE);
	arena_free(&a);
	assert_true(enough < compress_fuel_for(text.n) / 3);
	for (uint64_t steps = 0; steps <= enough + 9 * text.n; steps += 1 + (steps > 2 * text.n) * 5) {
		const struct compress_out out = compress(buf_span(&text), &a, steps, &used);

		assert_true(used <= steps);
		if (!check_result(buf_span(&text), &out))
			assert_int_equal(out.reason, COMPRESS_REASON_FUEL);
		of_form[out.form]++;
		arena_free(&a);
	}
	assert_true(of_form[COMPRESS_VERBATIM] > 0);
	assert_true(of_form[COMPRESS_JSON_MINIFIED] > 0);
	assert_true(of_form[COMPRESS_JSON_TABLE] > 0);
	buf_free(&text);
}

static void
every_arena_limit(void **state)
{
	(void)state;
	size_t replaced = 0, verbatim = 0;
	uint64_t used;
	struct buf text;

	buf_init(&text, 1 << 20);
	add_text(&text);
	for (size_t limit = 0; limit < 400000; limit += 97) {
		struct arena a;

		arena_init(&a, limit);
		const struct compress_out out =
			compress(buf_span(&text), &a, compress_fuel_for(text.n), &used);
		if (check_result(buf_span(&text), &out))
			replaced++;
		else
			verbatim++;
		/* Memory is one thing that may leave a block verbatim, but it
		 * never chooses another form. */
		assert_true(out.form != COMPRESS_JSON_MINIFIED);
		assert_true(out.form == COMPRESS_JSON_TABLE || out.reason == COMPRESS_REASON_LIMIT);
		arena_free(&a);
	}
	assert_true(replaced > 100 && verbatim > 100);
	buf_free(&text);
}

static void
every_allocation_failure(void **state)
{
	(void)state;
#ifdef FAIL_MALLOC
	uint64_t used;
	struct buf text;
	struct arena a;
	size_t n = 0;

	buf_init(&text, 1 << 20);
	add_text(&text);
	arena_init(&a, 64 << 20);
	for (;; n++) {
		allocations_left = n;
		const struct compress_out out =
			compress(buf_span(&text), &a, compress_fuel_for(text.n), &used);
		allocations_left = SIZE_MAX;
		if (check_result(buf_span(&text), &out)) {
			assert_int_equal(out.form, COMPRESS_JSON_TABLE);
			break;
		}
		assert_int_equal(out.reason, COMPRESS_REASON_LIMIT);
		arena_free(&a);
	}
	arena_free(&a);
	buf_free(&text);
	assert_true(n > 10);
#else
	skip();
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fuel_budget),
		cmocka_unit_test(every_arena_limit),
		cmocka_unit_test(every_allocation_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
