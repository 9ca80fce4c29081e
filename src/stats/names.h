/* Short texts as numbers: models, projects, clients. Bounded, since clients choose
 * them. One thread. */
#ifndef HR_STATS_NAMES_H
#define HR_STATS_NAMES_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

#define NAMES_MAX 1024		/* different ones; what comes later is "(other)" */
#define NAME_BYTES 128		/* longer ones are cut at a character */

struct names;

/* Number 0 is the empty name, 1 is "(other)". NULL when there is no memory. */
struct names *names_make(void);
void names_free(struct names **n);

/* The number of `name`, given to it now if it is new. Bytes that do not print are
 * left out. Never fails: "(other)" when there is no room. */
uint16_t names_number(struct names *n, struct span name);

/* Valid as long as the table. */
struct span names_text(const struct names *n, uint16_t number);

uint32_t names_count(const struct names *n);

#endif
