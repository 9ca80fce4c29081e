/* Rows are made at random, with some that must survive planted among them. Every row has
 * a mark of its own, so what the text shows can be told without reading the form. */
#include "unit.h"

#include <stdio.h>

#include "base/buf.h"
#include "compress/compress.h"

#define MOST_ROWS 700u
#define TEXT_BYTES ((size_t)1 << 20)

static const char hash[] = "0123456789abcdef01234567";
static const char *const levels[] = { "INFO", "DEBUG", "WARN", "ERROR" };

enum wrapping { BARE, NESTED, LINES, WRAPPINGS };

struct row {
	uint64_t mark;
	unsigned level;
	double ms;
	const char *must;	/* why it must be in line; NULL: it need not */
};

struct log {
	uint64_t seed;
	uint32_t count;
	enum wrapping wrapping;
	struct row rows[MOST_ROWS];
	struct buf text;
	struct arena a;
	struct compress_out out;
};

static uint32_t
below(struct log *l, uint32_t n)
{
	l->seed = l->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(l->seed >> 33) % n;
}

/* A row in the middle that is not planted yet. */
static uint32_t
plant(struct log *l, const char *why)
{
	uint32_t r;

	do
		r = 20 + below(l, l->count - 40);
	while (l->rows[r].must);
	l->rows[r].must = why;
	return r;
}

struct planted {
	uint32_t errors[3], warning, region, member, type, slow[2], negative, asked, phrase, pattern;
	uint32_t stray;		/* an error in a row whose level is INFO */
	uint32_t related;	/* has the request of errors[0] */
};

static struct planted
plant_all(struct log *l)
{
	struct planted p;

	for (unsigned i = 0; i < 3; i++)
		p.errors[i] = plant(l, "error");
	p.warning = plant(l, "warning");
	p.region = plant(l, "rare value");
	p.member = plant(l, "rare member");
	p.type = plant(l, "rare type");
	p.slow[0] = plant(l, "outlier");
	p.slow[1] = plant(l, "outlier");
	p.negative = plant(l, "outlier below");
	p.asked = plant(l, "named by the user");
	p.phrase = plant(l, "quoted by the user");
	p.pattern = plant(l, "must-keep");
	p.stray = plant(l, "error in a message");
	p.related = plant(l, "shares the id of an error");
	return p;
}

static const char *
message_of(const struct planted *p, uint32_t r)
{
	static const char *const routine[] = { "request served from cache", "user signed in",
					       "heartbeat received", "job finished in time" };

	if (r == p->stray)
		return "upstream connection refused";
	if (r == p->phrase)
		return "ledger closed for the quarter";
	if (r == p->pattern)
		return "code ZX-81 entered";
	return r == p->errors[1] ? "disk quota exceeded" : routine[(r * 7 + r / 5) % 4];
}

static void
add_row(struct log *l, const struct planted *p, uint32_t r)
{
	static const char *const regions[] = { "north", "south", "west" };
	struct row *const row = &l->rows[r];
	const bool slow = r == p->slow[0] || r == p->slow[1];
	const uint32_t request = r == p->related ? p->errors[0] : r;

	row->mark = (uint64_t)below(l, UINT32_MAX) << 31 | below(l, UINT32_MAX);
	row->level = below(l, 8) == 0;
	for (unsigned i = 0; i < 3; i++)
		row->level = r == p->errors[i] ? 3 : row->level;
	row->level = r == p->warning ? 2 : row->level;
	row->ms = 40 + below(l, 21) + below(l, 20);
	row->ms = slow ? 900 + r : r == p->negative ? -700 : row->ms;
	buf_addf(&l->text, "{\"mark\":\"%016llx\",\"at\":\"2024-03-01T%02u:%02u:00Z\",\"level\":\"%s\",",
		 (unsigned long long)row->mark, r / 60 % 24, r % 60, levels[row->level]);
	buf_addf(&l->text, "\"request_id\":\"rq%05u\",\"region\":\"%s\",\"message\":\"%s\",", request,
		 r == p->region ? "east" : regions[below(l, 3)], message_of(p, r));
	if (r == p->type)
		buf_add_str(&l->text, "\"ms\":null");
	else
		buf_addf(&l->text, "\"ms\":%g", row->ms);
	if (r == p->member)
		buf_add_str(&l->text, ",\"note\":\"by hand\"");
	/* The first row has it, too, before what all rows have. */
	const bool asked = r == p->asked || r == 0;
	buf_addf(&l->text, ",\"owner\":\"group-%u\",\"site\":\"main\"}",
		 asked ? 4711 : 10000 + below(l, 80000));
}

static void
make(struct log *l, uint64_t seed, enum wrapping wrapping)
{
	struct planted p;

	*l = (struct log){ .seed = seed * 2654435761u + 17, .wrapping = wrapping };
	l->count = 120 + below(l, MOST_ROWS - 120);
	p = plant_all(l);
	buf_init(&l->text, TEXT_BYTES);
	buf_add_str(&l->text, (const char *const[]){ "[", "{\"total\":7,\"rows\":[", "" }[wrapping]);
	for (uint32_t r = 0; r < l->count; r++) {
		if (r)
			buf_add_char(&l->text, wrapping == LINES ? '\n' : ',');
		add_row(l, &p, r);
	}
	buf_add_str(&l->text, (const char *const[]){ "]", "],\"ok\":true}", "\n" }[wrapping]);
	assert_int_equal(buf_err(&l->text), OK);
}

static void
compress(struct log *l, enum profile profile, uint32_t target)
{
	char why[MUST_KEEP_WHY];
	struct must_keep *patterns;
	struct fuel fuel = { compress_fuel_for(l->text.n) };

	assert_int_equal(must_keep_compile(SPAN("ZX-\\d+;other:served"), &patterns, why), OK);
	const struct compress_in in = {
		.text = buf_span(&l->text),
		.profile = profile,
		.hash = hash,
		.hints = { SPAN("search_logs"), SPAN("{\"owner\":\"group-4711\"}"),
			   SPAN("Why was \"ledger closed\" logged?") },
		.must_keep = patterns,
		.target_tokens = target,
	};
	arena_init(&l->a, 256 << 20);
	compress_block(&in, &l->a, &fuel, &l->out);
	must_keep_free(&patterns);
}

static void
release(struct log *l)
{
	arena_free(&l->a);
	buf_free(&l->text);
}

static bool
shows(struct span text, const struct row *row)
{
	char mark[17];

	snprintf(mark, sizeof mark, "%016llx", (unsigned long long)row->mark);
	return memmem(text.p, text.n, mark, 16) != NULL;
}

static void
check_survivors(const struct log *l)
{
	for (uint32_t r = 0; r < l->count; r++)
		if ((l->rows[r].must || r == 0 || r == l->count - 1) && !shows(l->out.text, &l->rows[r]))
			fail_msg("row %u of %u is not in line: %s\n%.*s", r + 1, l->count,
				 l->rows[r].must ? l->rows[r].must : "edge", SPAN_ARG(l->out.text));
}

static struct span
next_line(struct span *rest)
{
	const struct span line = span_head(*rest, span_find(*rest, '\n'));

	*rest = span_from(*rest, line.n + 1);
	return line;
}

/* The counts behind a gap's rows, "…3-9: 5 INFO, 2 DEBUG", are those of these rows. */
static void
check_counts(const struct log *l, struct span counts, uint32_t from, uint32_t to)
{
	for (unsigned k = 0; k < 4; k++) {
		char want[32];
		uint32_t n = 0;

		for (uint32_t r = from; r < to; r++)
			n += l->rows[r].level == k;
		snprintf(want, sizeof want, " %u %s", n, levels[k]);
		const bool said = memmem(counts.p, counts.n, want, strlen(want)) != NULL;
		if (said != (n > 0))
			fail_msg("rows %u to %u have%s but say%.*s", from + 1, to, want, SPAN_ARG(counts));
	}
}

/* Walks lines of rows and gaps: each row is shown once or lies in one gap. Returns how
 * many are shown. */
static uint32_t
check_coverage(const struct log *l)
{
	struct span rest = l->out.text;
	struct span line = next_line(&rest);
	uint32_t r = 0, shown = 0;

	while (!shows(line, &l->rows[0]))
		line = next_line(&rest);
	for (; r < l->count; line = next_line(&rest)) {
		unsigned from, to;
		char copy[256];

		assert_true(line.n > 0);
		if (!span_starts(line, SPAN("…"))) {
			/* Moments in equal steps may stand on lines of their own. */
			if (!shows(line, &l->rows[r]))
				fail_msg("row %u is not \"%.*s\"", r + 1, SPAN_ARG(line));
			shown++;
			r++;
			continue;
		}
		snprintf(copy, sizeof copy, "%.*s", SPAN_ARG(line));
		const int n = sscanf(copy, "…%u-%u", &from, &to);
		assert_true(n >= 1);
		to = n == 1 ? from : to;
		assert_int_equal(from, r + 1);
		assert_true(to >= from && to <= l->count);
		for (; r < to; r++)
			assert_false(shows(l->out.text, &l->rows[r]));
		if (span_find(line, ':') < line.n)
			check_counts(l, span_from(line, span_find(line, ':')), from - 1, to);
	}
	return shown;
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The line that says what all rows hold has the right figures. */
static void
check_totals(const struct log *l)
{
	double *const ms = calloc(l->count, sizeof *ms);
	uint32_t counts[4] = { 0 }, n = 0;
	char want[96];

	assert_non_null(ms);
	for (uint32_t r = 0; r < l->count; r++) {
		counts[l->rows[r].level]++;
		if (!l->rows[r].must || strcmp(l->rows[r].must, "rare type") != 0)
			ms[n++] = l->rows[r].ms;
	}
	qsort(ms, n, sizeof *ms, by_value);
	snprintf(want, sizeof want, "ms %g to %g, median %g", ms[0], ms[n - 1], ms[n / 2]);
	if (!memmem(l->out.text.p, l->out.text.n, want, strlen(want)))
		fail_msg("no \"%s\" in\n%.*s", want, SPAN_ARG(l->out.text));
	snprintf(want, sizeof want, "\n…all %u rows: level %u INFO, %u DEBUG, 3 ERROR, 1 WARN;", l->count,
		 counts[0], counts[1]);
	if (!memmem(l->out.text.p, l->out.text.n, want, strlen(want)))
		fail_msg("no \"%s\" in\n%.*s", want, SPAN_ARG(l->out.text));
	free(ms);
}

static void
check_marker(const struct log *l, uint32_t shown)
{
	char want[128];

	snprintf(want, sizeof want, "\n[%u rows compressed to %u. Retrieve more: hash=%s]", l->count, shown,
		 hash);
	if (!span_ends(l->out.text, span_str(want)))
		fail_msg("%s is not how it ends: %.*s", want, SPAN_ARG(l->out.text));
}

static void
planted_rows_survive_and_gaps_add_up(void **state)
{
	(void)state;
	struct log *const l = malloc(sizeof *l);

	assert_non_null(l);
	for (uint64_t seed = 0; seed < 120; seed++) {
		make(l, seed, (enum wrapping)(seed % WRAPPINGS));
		compress(l, seed % 4 ? PROFILE_BALANCED : PROFILE_AGGRESSIVE, 0);
		assert_true(l->out.elided);
		check_survivors(l);
		const uint32_t shown = check_coverage(l);
		assert_true(shown < l->count * 2 / 3);
		check_totals(l);
		check_marker(l, shown);
		release(l);
	}
	free(l);
}

static void
the_same_rows_have_the_same_text(void **state)
{
	(void)state;
	struct log *const l = malloc(2 * sizeof *l);

	assert_non_null(l);
	for (unsigned i = 0; i < 2; i++) {
		make(&l[i], 5, NESTED);
		compress(&l[i], PROFILE_BALANCED, 0);
	}
	assert_true(span_eq(l[0].out.text, l[1].out.text));
	release(&l[0]);
	release(&l[1]);
	free(l);
}

/* More tokens show more rows, never more than asked for unless what must survive takes
 * them, and what must survive always does. */
static void
a_target_steers_the_sample_alone(void **state)
{
	(void)state;
	struct log *const l = malloc(sizeof *l);
	uint32_t least = 0, lossless = 0, last = 0;

	assert_non_null(l);
	for (uint32_t target = 1; !lossless; target = least + (target == 1 ? 0 : target - least + 700)) {
		make(l, 11, BARE);
		compress(l, PROFILE_BALANCED, target);
		check_survivors(l);
		if (target == 1)
			least = l->out.tokens_after;
		if (!l->out.elided) {
			lossless = l->out.tokens_after;
			assert_true(target > lossless / 2);
		} else {
			check_marker(l, check_coverage(l));
			assert_true(l->out.tokens_after <= target || l->out.tokens_after == least);
			assert_true(l->out.tokens_after >= last);
			last = l->out.tokens_after;
		}
		release(l);
	}
	assert_true(last > 2 * least && last <= lossless * 5 / 6);
	free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planted_rows_survive_and_gaps_add_up),
		cmocka_unit_test(the_same_rows_have_the_same_text),
		cmocka_unit_test(a_target_steers_the_sample_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
