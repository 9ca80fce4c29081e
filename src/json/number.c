#include "json/number.h"

#include <stdint.h>

#define EXPONENT_MAX ((int64_t)1000000000000000)

/* A value as 0.d1d2d3… × 10^exponent, d1 not 0. */
struct decimal {
	bool negative;
	struct span digits;	/* from d1 on, perhaps with a '.' between; empty: zero */
	int64_t exponent;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits_at(struct span s, size_t at)
{
	size_t n = 0;

	while (at + n < s.n && is_digit(s.p[at + n]))
		n++;
	return n;
}

bool
json_is_number(struct span s)
{
	size_t at = s.n && s.p[0] == '-';
	size_t n = digits_at(s, at);

	if (n == 0 || (n > 1 && s.p[at] == '0'))
		return false;
	at += n;
	if (at < s.n && s.p[at] == '.') {
		n = digits_at(s, at + 1);
		if (n == 0)
			return false;
		at += 1 + n;
	}
	if (at < s.n && (s.p[at] == 'e' || s.p[at] == 'E')) {
		at++;
		at += at < s.n && (s.p[at] == '-' || s.p[at] == '+');
		n = digits_at(s, at);
		if (n == 0)
			return false;
		at += n;
	}
	return at == s.n;
}

static int64_t
read_exponent(struct span s)
{
	const bool negative = s.n && s.p[0] == '-';
	int64_t e = 0;

	for (size_t i = negative || (s.n && s.p[0] == '+'); i < s.n; i++)
		if (e < EXPONENT_MAX)
			e = e * 10 + (s.p[i] - '0');
	if (e > EXPONENT_MAX)
		e = EXPONENT_MAX;
	return negative ? -e : e;
}

static struct decimal
read_decimal(struct span s)
{
	struct decimal d = { .negative = s.n && s.p[0] == '-' };
	size_t end = 0, point, first;

	s = span_from(s, d.negative);
	while (end < s.n && s.p[end] != 'e' && s.p[end] != 'E')
		end++;
	if (end < s.n)
		d.exponent = read_exponent(span_from(s, end + 1));
	s = span_head(s, end);
	point = span_find(s, '.');
	for (first = 0; first < s.n && (s.p[first] == '0' || s.p[first] == '.'); first++)
		;
	if (first >= s.n)
		return (struct decimal){ .exponent = 0 };
	d.digits = span_from(s, first);
	d.exponent += first < point ? (int64_t)(point - first) : (int64_t)point + 1 - (int64_t)first;
	return d;
}

/* The next digit, '0' after the last one. */
static char
next_digit(struct span digits, size_t *at)
{
	if (*at < digits.n && digits.p[*at] == '.')
		++*at;
	return *at < digits.n ? digits.p[(*at)++] : '0';
}

static int
compare_digits(struct span a, struct span b)
{
	size_t i = 0, k = 0;

	while (i < a.n || k < b.n) {
		const int difference = next_digit(a, &i) - next_digit(b, &k);

		if (difference)
			return difference;
	}
	return 0;
}

static int
sign_of(const struct decimal *d)
{
	return d->digits.n == 0 ? 0 : d->negative ? -1 : 1;
}

int
json_number_compare(struct span x, struct span y)
{
	const struct decimal a = read_decimal(x);
	const struct decimal b = read_decimal(y);
	const int sign = sign_of(&a);

	if (sign != sign_of(&b))
		return sign - sign_of(&b);
	if (a.exponent != b.exponent)
		return a.exponent < b.exponent ? -sign : sign;
	return sign * compare_digits(a.digits, b.digits);
}
