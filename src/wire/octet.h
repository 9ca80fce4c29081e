/* Which octets may stand where in HTTP/1.1 (RFC 9110 §5.5, §5.6.2; RFC 9112 §3). */
#ifndef HR_WIRE_OCTET_H
#define HR_WIRE_OCTET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum {
	OCTET_TOKEN = 1,	/* in methods and header names */
	OCTET_FIELD = 2,	/* in header values: all but controls; tab, space, 0x80.. are in */
	OCTET_TARGET = 4,	/* in request targets: printing ASCII but '#' */
	OCTET_HOST = 8,		/* in a registered name or an IPv4 address */
	OCTET_DIGIT = 16,
	OCTET_HEX = 32,
};

extern const uint8_t octet_class[256];

static inline bool
octet_is(char c, unsigned classes)
{
	return (octet_class[(unsigned char)c] & classes) != 0;
}

/* How many octets at the front of `s` are of these classes. */
static inline size_t
octet_run(struct span s, unsigned classes)
{
	size_t i = 0;

	while (i < s.n && octet_is(s.p[i], classes))
		i++;
	return i;
}

/* octet_run(s, OCTET_FIELD), sixteen at a time where the CPU can. */
size_t octet_field_run(struct span s);

/* 0..15, or -1 when it is no hex digit. */
static inline int
octet_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	const int lower = c | 0x20;

	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

#endif
