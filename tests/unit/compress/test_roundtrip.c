#include "unit.h"

#include "compress/compress.h"
#include "compress/elide.h"
#include "compress/form.h"
#include "compress/ladder.h"
#include "compress/minify.h"
#include "compress/same.h"
#include "generate.h"

#define MEMORY ((size_t)64 << 20)

/* Forms are built and proven whether or not they pay. */
struct tried {
	size_t sources, lines, relaxed, tables, derived, parts, nulls, keyed, wordings, named, kinds,
	       like, ranges, sequences, gaps, elided, usual;
	size_t named_rows, named_texts;	/* among the named */
};

static void
write_and_prove(const struct source *s, struct plan *plan, struct arena *a, struct fuel *fuel,
		struct buf *form)
{
	assert_int_equal(form_write(plan, a, fuel, form), OK);
	const enum err e = ladder_prove(s, buf_span(form), a, fuel);
	if (e != OK)
		fail_msg("%s: not proven:\n%.*s\nfrom\n%.*s", err_name(e),
			 SPAN_ARG(buf_span(form)), SPAN_ARG(s->doc.text));
}

/* The form with rows left out as elision chooses them. */
static void
try_elided(struct plan *plan, struct arena *a, struct fuel *fuel, struct tried *tried)
{
	const struct compress_in in = {
		.text = plan->source->doc.text,
		.profile = plan->count % 2 ? PROFILE_BALANCED : PROFILE_AGGRESSIVE,
		.hash = "0123456789abcdef01234567",
		.hints = { .user = SPAN("value 2 of \"hello world\", item-3"), .arguments = SPAN("{\"a\":[7]}") },
	};
	struct buf form;

	const enum err e = elide_choose(plan, &in, elide_level(in.profile), a, fuel);
	if (e == ERR_NOT_FOUND)
		return;
	assert_int_equal(e, OK);
	buf_init(&form, 1 << 24);
	assert_int_equal(form_write(plan, a, fuel, &form), OK);
	assert_int_equal(elide_prove(plan, buf_span(&form), a, fuel), OK);
	tried->elided++;
	buf_free(&form);
}

/* Items of lists that are no tables, none that may hold one. Equal lists lose the same
 * ones: they may be written once. */
static uint8_t *
random_items(const struct source *s, const struct plan *plan, struct arena *a)
{
	const struct json_node *const nodes = s->doc.nodes;
	uint8_t *const left_out = arena_zalloc(a, s->doc.count);

	assert_non_null(left_out);
	for (uint32_t i = s->lines; i < s->doc.count; i++) {
		struct generator g = { .seed = nodes[i].count * 7919 };

		if (nodes[i].type == JSON_ARRAY && nodes[i].count && !plan->table_of[i] &&
		    nodes[i + 1].type != JSON_OBJECT)
			for (uint32_t k = i + 1; k < nodes[i].next; k = nodes[k].next)
				left_out[k] = nodes[k].type < JSON_ARRAY && gen_below(&g, 3) == 0;
	}
	return left_out;
}

/* The form with rows left out at random, but for the first of each table: it must
 * give the others back, and no proof may hold for other gaps than it has. */
static void
try_gaps(const struct source *s, struct plan *plan, struct arena *a, struct fuel *fuel,
	 struct tried *tried)
{
	struct generator g = { .seed = s->doc.text.n + plan->count };
	uint8_t *last = NULL;
	struct buf form;

	for (uint32_t i = 0; i < plan->count; i++) {
		struct table *const t = &plan->tables[i];

		if (t->keyed || gen_below(&g, 4) == 0)
			continue;
		t->reasons = arena_zalloc(a, t->row_count);
		assert_non_null(t->reasons);
		for (uint32_t r = 0; r < t->row_count; r++)
			t->reasons[r] = r == 0 || gen_below(&g, 3) == 0;
		for (uint32_t r = 0; r < t->row_count; r++)
			if (i == 0 && !t->reasons[r] && json_type(&s->doc, t->rows[r].node))
				last = &t->reasons[r];
	}
	plan->hash = "0123456789abcdef01234567";
	plan->left_out = random_items(s, plan, a);
	buf_init(&form, 1 << 24);
	assert_int_equal(form_write(plan, a, fuel, &form), OK);
	const enum err e = elide_prove(plan, buf_span(&form), a, fuel);
	if (e != OK)
		fail_msg("%s: not proven:\n%.*s\nfrom\n%.*s", err_name(e),
			 SPAN_ARG(buf_span(&form)), SPAN_ARG(s->doc.text));
	if (last) {
		*last = ELIDE_TROUBLE;
		assert_int_equal(elide_prove(plan, buf_span(&form), a, fuel), ERR_CONFLICT);
		tried->gaps++;
	}
	buf_free(&form);
}

/* The form with names for repeated values. */
static void
try_named(const struct source *s, const struct plan *plain, struct arena *a, struct fuel *fuel,
	  struct tried *tried)
{
	struct definitions defs;
	struct plan plan;
	struct buf form;

	assert_int_equal(define_choose(plain, a, fuel, &defs), OK);
	if (defs.count == 0)
		return;
	buf_init(&form, 1 << 24);
	assert_int_equal(plan_tables(s, &defs, a, fuel, &plan), OK);
	write_and_prove(s, &plan, a, fuel, &form);
	tried->named++;
	tried->named_rows += memmem(form.p, form.n, "\n*login: ", 9) || memmem(form.p, form.n, "\n*: ", 4);
	tried->named_texts += memmem(form.p, form.n, "=\"*Text ", 8) != NULL;
	buf_free(&form);
}

static void
try_source(const struct source *s, struct arena *a, struct tried *tried)
{
	struct fuel fuel = { 1 << 26 };
	struct plan plan;
	struct buf form;

	tried->sources++;
	tried->lines += s->lines;
	buf_init(&form, 1 << 24);
	minify_source(s, &form);
	assert_int_equal(buf_err(&form), OK);
	assert_int_equal(ladder_prove(s, buf_span(&form), a, &fuel), OK);
	buf_clear(&form);
	assert_int_equal(plan_tables(s, NULL, a, &fuel, &plan), OK);
	try_named(s, &plan, a, &fuel, tried);
	write_and_prove(s, &plan, a, &fuel, &form);
	if (plan.count == 0) {
		tried->relaxed++;
	} else {
		tried->tables++;
		/* Past the rules of the first line, which have spaces around it. */
		tried->nulls += memmem(form.p, form.n, "-separated, empty = null\n", 25) != NULL;
		tried->ranges += memmem(form.p, form.n, "; {7..9:x}", 10) != NULL;
		tried->like += memmem(form.p, form.n, " like table ", 12) != NULL;
		tried->kinds += memmem(form.p, form.n, " kinds, ", 8) != NULL;
		tried->keyed += memmem(form.p, form.n, " members, ", 10) != NULL;
		tried->derived += memmem(form.p, form.n, "url:=", 5) || memmem(form.p, form.n, "note:=", 6) ||
				  memmem(form.p, form.n, "host:=", 6);
		tried->parts += memmem(form.p, form.n, "{login after", 12) != NULL;
		tried->usual += memmem(form.p, form.n, "page?:=", 7) != NULL;
		tried->sequences += memmem(form.p, form.n, "\n@ ", 3) != NULL;
		tried->wordings += memmem(form.p, form.n, "message:short", 13) != NULL;
		try_elided(&plan, a, &fuel, tried);
		try_gaps(s, &plan, a, &fuel, tried);
	}
	buf_free(&form);
}

static void
try_text(struct span text, struct tried *tried)
{
	struct fuel fuel = { 1 << 26 };
	struct source s;
	struct arena a;

	arena_init(&a, MEMORY);
	if (source_read(text, &a, &fuel, &s) == OK)
		try_source(&s, &a, tried);
	arena_free(&a);
}

static void
random_blocks_come_back(void **state)
{
	(void)state;
	struct tried tried = { 0 };
	struct buf text;

	buf_init(&text, 1 << 24);
	for (uint64_t seed = 0; seed < 7500; seed++) {
		struct generator g = { .seed = seed * 2654435761u + 1, .out = &text };

		buf_clear(&text);
		gen_block(&g);
		assert_int_equal(buf_err(&text), OK);
		try_text(buf_span(&text), &tried);
	}
	buf_free(&text);
	/* The generator must reach what it is for. */
	assert_true(tried.sources > 4000);
	assert_true(tried.lines > 800);
	assert_true(tried.relaxed > 400);
	assert_true(tried.tables > 1500);
	assert_true(tried.derived > 500);
	assert_true(tried.parts > 100);
	assert_true(tried.nulls > 100);
	assert_true(tried.named > 60);
	assert_true(tried.gaps > 800);
	assert_true(tried.elided > 200);
	assert_true(tried.keyed > 300);
	assert_true(tried.wordings > 300);
	assert_true(tried.kinds > 300);
	assert_true(tried.like > 50);
	assert_true(tried.ranges > 100);
	assert_true(tried.sequences > 300);
	assert_true(tried.usual > 300);
}

static struct span
compress(struct span text, struct arena *a, struct compress_out *out)
{
	const struct compress_in in = { text, PROFILE_LOSSLESS, 0 };
	struct fuel fuel = { compress_fuel_for(text.n) };

	compress_block(&in, a, &fuel, out);
	return out->text;
}

/* What compress_block gives decodes to the same values, whatever it chose. */
static void
chosen_forms_come_back(void **state)
{
	(void)state;
	struct buf text;
	size_t replaced = 0;

	buf_init(&text, 1 << 24);
	for (uint64_t seed = 1; seed < 2000; seed++) {
		struct generator g = { .seed = seed * 40503u, .out = &text };
		struct compress_out out;
		struct source before, after;
		struct fuel fuel = { COMPRESS_DECODE_FUEL };
		struct span back;
		struct arena a;

		buf_clear(&text);
		gen_block(&g);
		arena_init(&a, MEMORY);
		compress(buf_span(&text), &a, &out);
		assert_int_not_equal(out.reason, COMPRESS_REASON_UNPROVEN);
		assert_int_not_equal(out.reason, COMPRESS_REASON_FUEL);
		assert_int_not_equal(out.reason, COMPRESS_REASON_LIMIT);
		/* What is JSON in parts only is for test_prose. */
		if (out.form != COMPRESS_VERBATIM &&
		    source_read(buf_span(&text), &a, &fuel, &before) == OK) {
			replaced++;
			assert_int_equal(compress_decode(out.text, &a, &fuel, &back), OK);
			assert_int_equal(source_read(back, &a, &fuel, &after), OK);
			assert_int_equal(before.lines, after.lines);
			assert_int_equal(json_same(&before.doc, &after.doc, &a, &fuel), OK);
			assert_true(out.tokens_after + COMPRESS_MIN_SAVED_TOKENS <= out.tokens_before);
			assert_true(out.tokens_after * 100 <= out.tokens_before * 95);
		}
		arena_free(&a);
	}
	buf_free(&text);
	assert_true(replaced > 300);
}

/* The same bytes in the same bytes out, wherever the memory lies. */
static void
forms_are_deterministic(void **state)
{
	(void)state;
	struct buf text;

	buf_init(&text, 1 << 24);
	for (uint64_t seed = 1; seed < 200; seed++) {
		struct generator g = { .seed = seed * 7919u, .out = &text };
		struct compress_out one, two;
		struct arena a, b;

		buf_clear(&text);
		gen_block(&g);
		arena_init(&a, MEMORY);
		arena_init(&b, MEMORY / 4);
		assert_non_null(arena_alloc(&b, (size_t)(1 + seed * 13)));
		compress(buf_span(&text), &a, &one);
		compress(arena_copy(&b, buf_span(&text)), &b, &two);
		assert_int_equal(one.form, two.form);
		assert_true(span_eq(one.text, two.text));
		assert_int_equal(one.tokens_after, two.tokens_after);
		arena_free(&a);
		arena_free(&b);
	}
	buf_free(&text);
}

static void
repeat(struct buf *b, const char *s, size_t n)
{
	while (n--)
		buf_add_str(b, s);
}

/* Shapes that stretch one limit each. */
static void
extremes_come_back(void **state)
{
	(void)state;
	struct tried tried = { 0 };
	struct buf b;

	buf_init(&b, 1 << 24);
	/* 500 arrays, then 500 objects within one another, around rows. */
	repeat(&b, "[", 500);
	repeat(&b, "]", 500);
	try_text(buf_span(&b), &tried);
	buf_clear(&b);
	repeat(&b, "{\"a\":", 500);
	buf_add_str(&b, "[{\"long_key\":0}");
	repeat(&b, ",{\"long_key\":1}", 20);
	buf_add_char(&b, ']');
	repeat(&b, "}", 500);
	try_text(buf_span(&b), &tried);
	/* Rows of 10,000 columns. */
	buf_clear(&b);
	for (unsigned r = 0; r < 4; r++) {
		buf_add_str(&b, r ? ",{" : "[{");
		for (unsigned c = 0; c < 10000; c++)
			buf_addf(&b, "%s\"column_%u\":%u", c ? "," : "", c, r * c);
		buf_add_char(&b, '}');
	}
	buf_add_char(&b, ']');
	try_text(buf_span(&b), &tried);
	/* A column of its own for every row. */
	buf_clear(&b);
	for (unsigned r = 0; r < 2000; r++)
		buf_addf(&b, "%c{\"column_%u\":%u}", r ? ',' : '[', r, r);
	buf_add_char(&b, ']');
	try_text(buf_span(&b), &tried);
	/* Two orders of the same keys. */
	buf_clear(&b);
	for (unsigned r = 0; r < 50; r++)
		buf_add_str(&b, r % 3 ? ",{\"first\":1,\"second\":2}" : r ? ",{\"second\":3,\"first\":4}"
									 : "[{\"first\":1,\"second\":2}");
	buf_add_char(&b, ']');
	try_text(buf_span(&b), &tried);
	/* Tables within cells within tables. */
	buf_clear(&b);
	for (unsigned r = 0; r < 30; r++) {
		buf_addf(&b, "%c{\"group\":\"g%u\",\"members\":[", r ? ',' : '[', r);
		for (unsigned m = 0; m < 20; m++)
			buf_addf(&b, "%s{\"member_name\":\"m%u\",\"member_age\":%u}", m ? "," : "", m, m + r);
		buf_add_str(&b, "]}");
	}
	buf_add_char(&b, ']');
	try_text(buf_span(&b), &tried);
	buf_free(&b);
	assert_int_equal(tried.sources, 6);
	assert_int_equal(tried.tables, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_blocks_come_back),
		cmocka_unit_test(chosen_forms_come_back),
		cmocka_unit_test(forms_are_deterministic),
		cmocka_unit_test(extremes_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
