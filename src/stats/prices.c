#include "stats/prices.h"

#include <errno.h>
#include <fnmatch.h>
#include <ini.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/regex.h"

#define NAME 128	/* longest model name or pattern; longer names are unknown models */
#define USER_ROWS 256	/* sections of a user's file */
#define CACHE 64	/* look-ups remembered */

struct table_row {
	const char *provider;
	const char *pattern;	/* regular expression */
	int64_t since;
	struct price_list list;
};

static const struct table_row table[] = {
#define PRICE(provider_, id_, pattern_, since_, above_, ...)                                       \
	{ .provider = provider_,                                                                   \
	  .pattern = pattern_,                                                                     \
	  .since = since_,                                                                         \
	  .list = { id_, __VA_ARGS__, .above = above_ } },
#include "stats/prices_gen.h"
#undef PRICE
};

#define ROWS (sizeof table / sizeof *table)

struct user_row {
	char pattern[NAME];
	unsigned given;		/* bit per rate */
	struct price_list list;
};

struct cached {
	char model[NAME];
	const char *provider;
	int64_t day;
	const struct price_list *list;
};

struct prices {
	struct user_row *user;
	uint32_t user_count;
	struct cached cache[CACHE];
	uint32_t cached;	/* ever; the oldest is overwritten */
};

/* ---- the user's file ---- */

static const struct rate {
	const char *name;
	size_t offset;
} rates[] = {
	{ "input", offsetof(struct price, input) },
	{ "cache-read", offsetof(struct price, cache_read) },
	{ "cache-write", offsetof(struct price, cache_write) },
	{ "cache-write-1h", offsetof(struct price, cache_write_1h) },
	{ "output", offsetof(struct price, output) },
};

enum { INPUT, CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H, OUTPUT, RATES };

struct file {
	struct prices *prices;
	const char *path;
	char *why;
	bool explained;
};

static uint64_t *
rate_of(struct price *p, unsigned i)
{
	return (uint64_t *)(void *)((char *)p + rates[i].offset);
}

static int __attribute__((format(printf, 2, 3)))
complain(struct file *f, const char *fmt, ...)
{
	va_list ap;

	if (!f->explained) {
		const int n = snprintf(f->why, PRICES_WHY, "The price file %s ", f->path);

		va_start(ap, fmt);
		if (n > 0 && n < PRICES_WHY)
			vsnprintf(f->why + n, PRICES_WHY - (size_t)n, fmt, ap);
		va_end(ap);
		f->explained = true;
	}
	return 0;
}

static struct user_row *
row_of_section(struct file *f, const char *section)
{
	struct prices *const p = f->prices;

	if (p->user_count && strcmp(p->user[p->user_count - 1].pattern, section) == 0)
		return &p->user[p->user_count - 1];
	if (p->user_count == USER_ROWS || strlen(section) >= NAME)
		return NULL;
	struct user_row *const row = &p->user[p->user_count++];
	*row = (struct user_row){ .given = 0 };
	memcpy(row->pattern, section, strlen(section) + 1);
	row->list.id = row->pattern;
	return row;
}

/* Dollars per million tokens, up to a million. */
static bool
parse_rate(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	const double v = strtod(text, &end);
	if (errno || end == text || *end || !(v >= 0 && v <= 1e6))
		return false;
	*out = (uint64_t)(v * PRICE_MILLION + 0.5);
	return true;
}

static int
pair(void *state, const char *section, const char *name, const char *value)
{
	struct file *const f = state;
	unsigned i = 0;

	if (!*section)
		return complain(f, "has \"%s\" before the first [model].", name);
	while (i < RATES && strcmp(rates[i].name, name) != 0)
		i++;
	if (i == RATES)
		return complain(f, "has \"%s\" under [%s]; rates are input, output, cache-read, "
				   "cache-write and cache-write-1h.", name, section);
	struct user_row *const row = row_of_section(f, section);
	if (!row)
		return complain(f, "has more than %d models, or one with a name over %d bytes.",
				USER_ROWS, NAME - 1);
	if (!parse_rate(value, rate_of(&row->list.base, i)))
		return complain(f, "says %s = \"%s\" under [%s]; a rate is in dollars per million "
				   "tokens, like 0.25.", name, value, section);
	row->given |= 1u << i;
	return 1;
}

/* Rates that were not said are those of the next plainer sort. */
static int
complete(struct file *f, struct user_row *row)
{
	struct price *const p = &row->list.base;

	if (!(row->given & 1u << INPUT) || !(row->given & 1u << OUTPUT))
		return complain(f, "lacks input or output under [%s].", row->pattern);
	if (!(row->given & 1u << CACHE_READ))
		p->cache_read = p->input;
	if (!(row->given & 1u << CACHE_WRITE))
		p->cache_write = p->input;
	if (!(row->given & 1u << CACHE_WRITE_1H))
		p->cache_write_1h = p->cache_write;
	row->list.high = *p;
	return 1;
}

static enum err
read_file(struct prices *p, const char *path, char why[PRICES_WHY])
{
	struct file f = { .prices = p, .path = path, .why = why };

	p->user = calloc(USER_ROWS, sizeof *p->user);
	if (!p->user)
		return ERR_NOMEM;
	const int line = ini_parse(path, pair, &f);
	if (line < 0) {
		complain(&f, "can not be read: %s.", strerror(errno));
		return ERR_IO;
	}
	if (line > 0)
		complain(&f, "is no INI file: see its line %d.", line);
	for (uint32_t i = 0; i < p->user_count && !f.explained; i++)
		complete(&f, &p->user[i]);
	return f.explained ? ERR_SYNTAX : OK;
}

enum err
prices_open(const char *file, struct prices **out, char why[PRICES_WHY])
{
	struct prices *p = calloc(1, sizeof *p);
	enum err e = p ? OK : ERR_NOMEM;

	why[0] = '\0';
	if (e == OK && file)
		e = read_file(p, file, why);
	if (e != OK) {
		if (e == ERR_NOMEM)
			snprintf(why, PRICES_WHY, "There is not enough memory for prices.");
		prices_close(&p);
		return e;
	}
	*out = p;
	return OK;
}

void
prices_close(struct prices **p)
{
	if (*p)
		free((*p)->user);
	free(*p);
	*p = NULL;
}

/* ---- finding ---- */

static bool
row_matches(const char *pattern, const char *model)
{
	struct regex_matcher *m = regex_matcher_make();
	struct regex *re = NULL;
	struct fuel fuel = { NAME + 1 };
	char why[REGEX_WHY];
	bool is = false;

	if (m && regex_compile(span_str(pattern), true, &re, why) == OK)
		is = regex_search(re, m, span_str(model), &fuel, NULL) == OK;
	regex_free(&re);
	regex_matcher_free(&m);
	return is;
}

static const struct price_list *
search(const struct prices *p, const char *provider, const char *model, int64_t when)
{
	for (uint32_t i = 0; i < p->user_count; i++)
		if (fnmatch(p->user[i].pattern, model, 0) == 0)
			return &p->user[i].list;
	for (int own = 1; own >= 0; own--)
		for (size_t i = 0; i < ROWS; i++)
			if ((strcmp(table[i].provider, provider) == 0) == own &&
			    table[i].since <= when && row_matches(table[i].pattern, model))
				return &table[i].list;
	return NULL;
}

/* The table's own spelling, which outlives the request; "" for other names. */
static const char *
provider_spelling(struct span provider)
{
	for (size_t i = 0; i < ROWS; i++)
		if (span_eq(span_str(table[i].provider), provider))
			return table[i].provider;
	return "";
}

static struct span
without_vendor(struct span model)
{
	for (size_t i = model.n; i > 0; i--)
		if (model.p[i - 1] == '/')
			return span_of(model.p + i, model.n - i);
	return model;
}

#define DAY 86400

const struct price_list *
prices_find(struct prices *p, struct span provider, struct span model, int64_t when)
{
	const char *const by = provider_spelling(provider);
	const struct span name = without_vendor(model);
	char text[NAME];

	if (name.n == 0 || name.n >= NAME || memchr(name.p, '\0', name.n))
		return NULL;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	for (uint32_t i = 0; i < CACHE && i < p->cached; i++) {
		const struct cached *const c = &p->cache[i];

		if (c->provider == by && c->day == when / DAY && strcmp(c->model, text) == 0)
			return c->list;
	}
	struct cached *const c = &p->cache[p->cached++ % CACHE];
	c->provider = by;
	c->day = when / DAY;
	memcpy(c->model, text, name.n + 1);
	c->list = search(p, by, text, when);
	return c->list;
}

/* ---- arithmetic ---- */

const struct price *
price_for(const struct price_list *l, const struct price_tokens *t)
{
	const uint64_t prompt = t->input + t->cache_read + t->cache_write + t->cache_write_1h;

	return l->above && prompt > l->above ? &l->high : &l->base;
}

static void
add_product(int64_t *sum, uint64_t tokens, uint64_t rate)
{
	int64_t product;

	if (__builtin_mul_overflow(tokens, rate, &product) ||
	    __builtin_add_overflow(*sum, product, sum))
		*sum = INT64_MAX;
}

int64_t
price_of(const struct price *p, const struct price_tokens *t)
{
	int64_t sum = 0;

	add_product(&sum, t->input, p->input);
	add_product(&sum, t->cache_read, p->cache_read);
	add_product(&sum, t->cache_write, p->cache_write);
	add_product(&sum, t->cache_write_1h, p->cache_write_1h);
	add_product(&sum, t->output, p->output);
	return sum;
}
