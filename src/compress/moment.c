#include "compress/moment.h"

#include <stdio.h>

#define EPOCH_DIGITS_LEAST 10u
#define EPOCH_DIGITS_MOST 18u
#define DECIMALS_MOST 6u
#define DAY 86400
#define LAST_DAY 3652058	/* 9999-12-31, counted from 0001-01-01 */
#define STEP_MOST 1000000000000000

/* Takes `n` digits off *rest. */
static bool
take_digits(struct span *const rest, const size_t n, int64_t *const out)
{
	if (rest->n < n)
		return false;
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (rest->p[i] < '0' || rest->p[i] > '9')
			return false;
		*out = *out * 10 + (rest->p[i] - '0');
	}
	*rest = span_from(*rest, n);
	return true;
}

static bool
take_char(struct span *const rest, const char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = span_from(*rest, 1);
	return true;
}

static int64_t
days_before_year(const int64_t year)
{
	const int64_t y = year - 1;

	return y * 365 + y / 4 - y / 100 + y / 400;
}

static int64_t
days_before_month(const int64_t year, const int64_t month)
{
	static const int16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return before[month - 1] + (leap && month > 2);
}

/* "YYYY-MM-DD" as days since 0001-01-01. */
static bool
take_date(struct span *const rest, int64_t *const days)
{
	int64_t year, month, day;

	if (!take_digits(rest, 4, &year) || !take_char(rest, '-') ||
	    !take_digits(rest, 2, &month) || !take_char(rest, '-') || !take_digits(rest, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
	    day > days_before_month(year, month + 1) - days_before_month(year, month))
		return false;
	*days = days_before_year(year) + days_before_month(year, month) + day - 1;
	return true;
}

static bool
is_zone(struct span s)
{
	int64_t n;

	if (s.n == 0 || span_eq(s, SPAN("Z")))
		return true;
	if (!take_char(&s, '+') && !take_char(&s, '-'))
		return false;
	if (!take_digits(&s, 2, &n))
		return false;
	(void)take_char(&s, ':');
	return take_digits(&s, 2, &n) && s.n == 0;
}

static bool
read_time(struct span rest, const int64_t days, struct moment *const m)
{
	int64_t hours, minutes, seconds, digit;

	m->between = rest.p[0];
	if (!take_char(&rest, 'T') && !take_char(&rest, ' '))
		return false;
	if (!take_digits(&rest, 2, &hours) || !take_char(&rest, ':') ||
	    !take_digits(&rest, 2, &minutes) || !take_char(&rest, ':') ||
	    !take_digits(&rest, 2, &seconds) || hours > 23 || minutes > 59 || seconds > 59)
		return false;
	m->count = ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
	if (take_char(&rest, '.')) {
		while (m->decimals < DECIMALS_MOST && take_digits(&rest, 1, &digit)) {
			m->count = m->count * 10 + digit;
			m->decimals++;
		}
		if (m->decimals == 0)
			return false;
	}
	m->kind = MOMENT_TIME;
	m->zone = rest;
	return is_zone(rest);
}

bool
moment_read(const struct span text, const bool number, struct moment *const out)
{
	struct span rest = text;
	int64_t days;

	*out = (struct moment){ .kind = MOMENT_EPOCH };
	if (number)
		return text.n >= EPOCH_DIGITS_LEAST && text.n <= EPOCH_DIGITS_MOST &&
		       text.p[0] != '0' && take_digits(&rest, text.n, &out->count);
	if (!take_date(&rest, &days))
		return false;
	if (rest.n)
		return read_time(rest, days, out);
	out->kind = MOMENT_DATE;
	out->count = days;
	return true;
}

/* Appends the last `digits` digits of `value`. */
static void
put(char *const out, size_t *const n, const uint32_t digits, uint64_t value)
{
	for (uint32_t i = digits; i-- > 0; value /= 10)
		out[*n + i] = (char)('0' + value % 10);
	*n += digits;
}

static void
put_char(char *const out, size_t *const n, const char c)
{
	out[(*n)++] = c;
}

static size_t
write_date(const int64_t days, char *const out)
{
	/* Never too late, by the mean length of a year. */
	int64_t year = days * 400 / 146097, month = 12;

	while (days_before_year(year + 1) <= days)
		year++;
	const int64_t day = days - days_before_year(year);
	while (days_before_month(year, month) > day)
		month--;
	size_t n = 0;
	put(out, &n, 4, (uint64_t)year);
	put_char(out, &n, '-');
	put(out, &n, 2, (uint64_t)month);
	put_char(out, &n, '-');
	put(out, &n, 2, (uint64_t)(day - days_before_month(year, month) + 1));
	return n;
}

static int64_t
units_of(const struct moment *const m)
{
	int64_t units = 1;

	for (uint32_t i = 0; i < m->decimals; i++)
		units *= 10;
	return units;
}

static bool
write_epoch(const int64_t count, char *const out, size_t *const n)
{
	uint32_t digits = 0;

	for (int64_t c = count; c > 0; c /= 10)
		digits++;
	*n = 0;
	if (digits < EPOCH_DIGITS_LEAST || digits > EPOCH_DIGITS_MOST)
		return false;
	put(out, n, digits, (uint64_t)count);
	return true;
}

bool
moment_write(const struct moment *const m, char out[MOMENT_BYTES], size_t *const n)
{
	const int64_t units = units_of(m);
	const int64_t days = m->kind == MOMENT_DATE ? m->count : m->count / units / DAY;
	const int64_t second = m->count / units % DAY;

	if (m->kind == MOMENT_EPOCH)
		return write_epoch(m->count, out, n);
	if (m->count < 0 || days > LAST_DAY)
		return false;
	*n = write_date(days, out);
	if (m->kind == MOMENT_DATE)
		return true;
	put_char(out, n, m->between);
	put(out, n, 2, (uint64_t)(second / 3600));
	put_char(out, n, ':');
	put(out, n, 2, (uint64_t)(second / 60 % 60));
	put_char(out, n, ':');
	put(out, n, 2, (uint64_t)(second % 60));
	if (m->decimals) {
		put_char(out, n, '.');
		put(out, n, m->decimals, (uint64_t)(m->count % units));
	}
	memcpy(out + *n, m->zone.p, m->zone.n);
	*n += m->zone.n;
	return true;
}

void
moment_write_step(const struct moment *const m, const int64_t step, char out[MOMENT_BYTES],
		  size_t *const n)
{
	static const char *const names[] = { "", "d", "s" };
	const uint64_t units = (uint64_t)units_of(m);
	const uint64_t size = step < 0 ? -(uint64_t)step : (uint64_t)step;

	*n = (size_t)snprintf(out, MOMENT_BYTES, "%c%llu", step < 0 ? '-' : '+',
			      (unsigned long long)(size / units));
	if (m->decimals)
		*n += (size_t)snprintf(out + *n, MOMENT_BYTES - *n, ".%0*llu", (int)m->decimals,
				       (unsigned long long)(size % units));
	*n += (size_t)snprintf(out + *n, MOMENT_BYTES - *n, "%s", names[m->kind]);
}

bool
moment_read_step(const struct moment *const m, const struct span step, int64_t *const out)
{
	char again[MOMENT_BYTES];
	int64_t size = 0;
	size_t n;

	if (step.n < 2 || (step.p[0] != '+' && step.p[0] != '-'))
		return false;
	for (size_t i = 1; i < step.n; i++)
		if (step.p[i] >= '0' && step.p[i] <= '9' && size <= STEP_MOST)
			size = size * 10 + (step.p[i] - '0');
	*out = step.p[0] == '-' ? -size : size;
	/* There is one spelling. */
	moment_write_step(m, *out, again, &n);
	return size <= STEP_MOST && span_eq(step, span_of(again, n));
}
