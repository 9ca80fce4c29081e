/* Table encode → decode. The first byte says what the rest is:
 *   even   a block: its minified form and its form with tables, whether they pay
 *          or not, must decode to the same values, with and without enough fuel
 *   odd    a form of somebody else's: decoding ends, and gives JSON or an error */
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"
#include "compress/compress.h"
#include "compress/elide.h"
#include "compress/form.h"
#include "compress/ladder.h"
#include "compress/minify.h"

#define MEMORY ((size_t)256 << 20)

/* The form with names for repeated values, if there are some. */
static void
check_named(const struct source *s, const struct plan *plain, struct arena *a, struct fuel *fuel)
{
	struct definitions defs;
	struct plan plan;
	struct buf form;

	buf_init(&form, 4 * s->doc.text.n + 4096);
	if (define_choose(plain, a, fuel, &defs) == OK && defs.count &&
	    plan_tables(s, &defs, a, fuel, &plan) == OK && form_write(&plan, a, fuel, &form) == OK)
		CHECK(ladder_prove(s, buf_span(&form), a, fuel) == OK);
	buf_free(&form);
}

/* The form with rows left out, if some can be. */
static void
check_elided(struct plan *plan, struct arena *a, struct fuel *fuel)
{
	const struct span text = plan->source->doc.text;
	const struct compress_in in = {
		.text = text,
		.profile = text.n % 2 ? PROFILE_BALANCED : PROFILE_AGGRESSIVE,
		.hash = "0123456789abcdef01234567",
		.hints = { .user = span_head(text, 200) },
	};
	struct buf form;

	buf_init(&form, 4 * text.n + 4096);
	if (elide_choose(plan, &in, elide_level(in.profile), a, fuel) == OK && form_write(plan, a, fuel, &form) == OK)
		CHECK(elide_prove(plan, buf_span(&form), a, fuel) == OK);
	buf_free(&form);
}

static void
check_forms(struct span text)
{
	struct fuel fuel = { (uint64_t)1 << 30 };
	struct source s;
	struct plan plan;
	struct arena a;
	struct buf form;

	arena_init(&a, MEMORY);
	buf_init(&form, 4 * text.n + 4096);
	if (source_read(text, &a, &fuel, &s) == OK) {
		minify_source(&s, &form);
		CHECK(ladder_prove(&s, buf_span(&form), &a, &fuel) == OK);
		buf_clear(&form);
		if (plan_tables(&s, NULL, &a, &fuel, &plan) == OK) {
			if (form_write(&plan, &a, &fuel, &form) == OK)
				CHECK(ladder_prove(&s, buf_span(&form), &a, &fuel) == OK);
			check_named(&s, &plan, &a, &fuel);
			check_elided(&plan, &a, &fuel);
		}
	}
	buf_free(&form);
	arena_free(&a);
}

static void
check_block(struct span text)
{
	const struct compress_in in = { text, PROFILE_LOSSLESS, 0 };
	const uint64_t steps = compress_fuel_for(text.n);
	struct compress_out out;
	struct fuel fuel = { steps };
	struct arena a;

	arena_init(&a, MEMORY);
	compress_block(&in, &a, &fuel, &out);
	CHECK(out.reason != COMPRESS_REASON_UNPROVEN);
	CHECK(out.form != COMPRESS_VERBATIM || out.text.p == text.p);
	/* A budget on the way to that. */
	fuel.left = (steps - fuel.left) * (text.n % 17) / 17;
	arena_free(&a);
	compress_block(&in, &a, &fuel, &out);
	CHECK(out.reason != COMPRESS_REASON_UNPROVEN);
	arena_free(&a);
}

static void
check_decode(struct span form)
{
	struct fuel fuel = { 64 * (uint64_t)form.n + 100000 };
	struct span out, again;
	struct arena a;

	arena_init(&a, MEMORY);
	/* What is no container is a string that holds one: fuzz_strings. */
	if (compress_decode(form, &a, &fuel, &out) == OK && (out.p[0] == '{' || out.p[0] == '[')) {
		fuel.left = COMPRESS_DECODE_FUEL;
		CHECK(compress_decode(out, &a, &fuel, &again) == OK);
		CHECK(span_eq(out, again));
	}
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	/* A copy of its own, so that reading past the end is seen. */
	char *const p = malloc(size - 1 ? size - 1 : 1);
	if (!p)
		return 0;
	memcpy(p, data + 1, size - 1);
	const struct span text = { p, size - 1 };
	if (data[0] % 2) {
		check_decode(text);
	} else {
		check_forms(text);
		check_block(text);
	}
	free(p);
	return 0;
}
