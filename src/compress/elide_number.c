#include "compress/elide_number.h"

#include "compress/cell.h"

bool
elide_number(const struct span s, double *const out)
{
	double value = 0, scale = 1;
	int exponent = 0, given = 0;
	size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
	const bool negative = i && s.p[0] == '-';
	bool point = false;

	if (!cell_is_numeric(s))
		return false;
	for (; i < s.n && (s.p[i] | 0x20) != 'e'; i++) {
		if (s.p[i] == '.') {
			point = true;
			continue;
		}
		value = value * 10 + (s.p[i] - '0');
		exponent -= point;
	}
	if (i < s.n) {
		const bool down = s.p[++i] == '-';

		for (i += down || s.p[i] == '+'; i < s.n && given < 1000; i++)
			given = given * 10 + (s.p[i] - '0');
		exponent += down ? -given : given;
	}
	for (int e = exponent < 0 ? -exponent : exponent; e > 0 && scale < 1e300; e--)
		scale *= 10;
	value = exponent < 0 ? value / scale : value * scale;
	*out = negative ? -value : value;
	return value < 1e300;
}
