#include "base/clock.h"

#include <string.h>
#include <time.h>

uint64_t
clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int64_t
clock_wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Writes `v` as exactly `n` digits. */
static void
digits(char *to, unsigned v, int n)
{
	while (n-- > 0) {
		to[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

/* Every log line asks: arithmetic on the calendar costs a twentieth of
 * gmtime_r, strftime and snprintf. Years begin in March here, so that the leap
 * day is the last one; 146,097 days make 400 years. */
static void
put_date(char *to, int64_t days)
{
	const int64_t z = days + 719468;
	const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	const unsigned of_era = (unsigned)(z - era * 146097);
	const unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	const unsigned from_march = (5 * of_year + 2) / 153;
	const unsigned day = of_year - (153 * from_march + 2) / 5 + 1;
	const unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;

	digits(to, (unsigned)(era * 400) + year + (month <= 2), 4);
	digits(to + 5, month, 2);
	digits(to + 8, day, 2);
}

void
clock_iso(int64_t wall_ms, char out[25])
{
	const int64_t day_ms = 24 * 60 * 60 * 1000;
	const int64_t days = (wall_ms >= 0 ? wall_ms : wall_ms - day_ms + 1) / day_ms;
	const unsigned ms = (unsigned)(wall_ms - days * day_ms);

	memcpy(out, "0000-00-00T00:00:00.000Z", 25);
	put_date(out, days);
	digits(out + 11, ms / 3600000, 2);
	digits(out + 14, ms / 60000 % 60, 2);
	digits(out + 17, ms / 1000 % 60, 2);
	digits(out + 20, ms % 1000, 3);
}
